package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.RateLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which options are the unit's and which are the device's. */
class LunSpecTest {

  @TempDir Path folder;

  @Test
  void aPlainDeviceIsAPlainDisk() throws IOException {
    LogicalUnit unit = unit("mem:1m");

    assertThat(unit.device().geometry().size()).isEqualTo(1 << 20);
    assertThat(unit.readOnly()).isFalse();
    assertThat(unit.removable()).isFalse();
    assertThat(unit.identity()).isEmpty();
    assertThat(unit.device().capabilities().deallocate()).isTrue();
  }

  @Test
  void theUnitHasASerialNumberAndAMediumThatComesOut() throws IOException {
    LogicalUnit unit = unit("mem:1m?serial=SN-42&removable");

    assertThat(unit.removable()).isTrue();
    assertThat(unit.identity()).map(Identity::serial).contains("SN-42");
  }

  @Test
  void theDeviceHasBlocks() throws IOException {
    LogicalUnit unit = unit("mem:1m?blocksize=1024&physical=4096");

    assertThat(unit.device().geometry().blockSize()).isEqualTo(1024);
    assertThat(unit.device().geometry().physicalBlockSize()).isEqualTo(4096);
  }

  @Test
  void anyUnitCanBeReadOnly() throws IOException {
    assertThat(unit("mem:1m?readonly").readOnly()).isTrue();
    assertThat(unit("mem:1m?readonly=false").readOnly()).isFalse();
  }

  @Test
  void aReadOnlyFileIsOpenedReadOnly() throws IOException {
    Path image = Files.write(folder.resolve("disk.img"), new byte[1 << 20]);

    try (BlockDevice device = LunSpec.parse("file:" + image + "?readonly").open()) {
      assertThat(device.capabilities().readOnly()).isTrue();
    }
  }

  @Test
  void aMissingFileIsMadeSparseWithASize() throws IOException {
    Path image = folder.resolve("new.img");

    try (BlockDevice device = LunSpec.parse("file:" + image + "?size=1g&mapped").open()) {
      assertThat(device.geometry().size()).isEqualTo(1L << 30);
    }
    assertThat(image).hasSize(1L << 30);
  }

  @Test
  void anyUnitCanBeLimited() throws IOException {
    assertThat(unit("mem:1m").rateLimit()).isEqualTo(RateLimit.NONE);
    assertThat(unit("mem:1m?iops=1000").rateLimit())
        .isEqualTo(RateLimit.operationsPerSecond(1_000));
    assertThat(unit("mem:1m?iops=50&bps=100m").rateLimit())
        .isEqualTo(RateLimit.operationsPerSecond(50).withBytesPerSecond(100 << 20));
  }

  @Test
  void aLimitThatIsNoneIsRefused() {
    assertThatThrownBy(() -> LunSpec.parse("mem:1m?iops=many"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("option iops: 'many' is no number of operations");
    assertThatThrownBy(() -> LunSpec.parse("mem:1m?bps=0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bytesPerSecond 0 is not within 1..1000000000000000");
  }

  private static LogicalUnit unit(String text) throws IOException {
    LunSpec spec = LunSpec.parse(text);
    return spec.unit(spec.open());
  }
}
