package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.target.IscsiServer;
import org.iscsi4j.target.IscsiServerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who closes what, and when. */
class DaemonTest {

  @TempDir Path folder;

  @Test
  void closesItsDevicesAtTheEnd() throws IOException {
    LunSpec lun = file("a");
    Daemon daemon = start(lun);
    assertThat(isFree(lun)).isFalse();

    daemon.close();

    assertThat(isFree(lun)).isTrue();
  }

  @Test
  void closesItsDevicesWhenAnotherCantBeOpened() {
    LunSpec good = file("a");
    LunSpec bad = LunSpec.parse("file:" + folder.resolve("missing"));

    assertThatThrownBy(() -> start(good, bad)).isInstanceOf(IOException.class);

    assertThat(isFree(good)).isTrue();
  }

  @Test
  void closesItsDevicesWhenThePortIsTaken() throws IOException {
    LunSpec lun = file("a");
    try (Daemon first = start(file("b"))) {
      IscsiServerBuilder second = IscsiServer.builder().portal(first.server().portals().get(0));

      assertThatThrownBy(
              () ->
                  Daemon.start(second, "iqn.2026-11.org.example:x", Optional.empty(), List.of(lun)))
          .isInstanceOf(IOException.class);
    }
    assertThat(isFree(lun)).isTrue();
  }

  @Test
  void numbersUnitsFromZero() throws IOException {
    try (Daemon daemon = start(LunSpec.parse("mem:1m"), LunSpec.parse("mem:2m"))) {
      assertThat(daemon.server().targets().get(0).logicalUnits().keySet()).containsExactly(0, 1);
    }
  }

  private LunSpec file(String name) {
    return LunSpec.parse("file:" + folder.resolve(name) + "?size=1m");
  }

  private static Daemon start(LunSpec... luns) throws IOException {
    return Daemon.start(
        IscsiServer.builder(), "iqn.2026-11.org.example:x", Optional.of("an alias"), List.of(luns));
  }

  private static boolean isFree(LunSpec lun) {
    try (BlockDevice device = lun.open()) {
      return device.geometry().size() > 0;
    } catch (IOException e) {
      return false;
    }
  }
}
