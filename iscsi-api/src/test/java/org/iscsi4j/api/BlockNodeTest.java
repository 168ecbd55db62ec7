package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockNodeTest {

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "0x0000000000000700, 7:0",
    "0x0000000000000810, 8:16",
    "0x0000000000010302, 259:2",
    "0x000000000000fe03, 254:3",
    "0x00000000123fff45, 4095:74565",
    "0x00001000_00000001, 4096:1",
  })
  void unpacksDeviceNumbers(String packed, String number) {
    long device = Long.parseUnsignedLong(packed.substring(2).replace("_", ""), 16);

    assertThat(BlockNode.number(device)).isEqualTo(number);
  }

  @Test
  void readsFactsFromTheQueue() throws IOException {
    BlockNode node =
        fake()
            .fact("queue/logical_block_size", "4096")
            .fact("queue/physical_block_size", "16384")
            .fact("queue/optimal_io_size", "131072")
            .fact("queue/rotational", "0")
            .fact("ro", "1")
            .node(directory);

    assertThat(node.logicalBlockSize()).isEqualTo(4096);
    assertThat(node.physicalBlockSize()).isEqualTo(16_384);
    assertThat(node.optimalIoSize()).isEqualTo(131_072);
    assertThat(node.rotational()).isFalse();
    assertThat(node.readOnly()).isTrue();
  }

  @Test
  void readsFactsOfAPartitionFromItsDisk() throws IOException {
    BlockNode node =
        fake()
            .fact("queue/logical_block_size", "4096")
            .fact("part1/partition", "1")
            .node(directory, "disk/part1");

    assertThat(node.logicalBlockSize()).isEqualTo(4096);
  }

  @Test
  void takesADeviceWithoutFactsForAPlainDisk() throws IOException {
    BlockNode node = fake().node(directory);

    assertThat(node.logicalBlockSize()).isEqualTo(512);
    assertThat(node.physicalBlockSize()).isEqualTo(512);
    assertThat(node.optimalIoSize()).isZero();
    assertThat(node.rotational()).isTrue();
    assertThat(node.readOnly()).isFalse();
    node.requireUnused();
  }

  @Test
  void takesAnUnusedDeviceWithPartitionsForFree() throws IOException {
    BlockNode node =
        fake()
            .fact("part1/partition", "1")
            .fact("part1/dev", "7:100")
            .fact("queue/rotational", "0")
            .mount("7:101", "/elsewhere")
            .node(directory);

    node.requireUnused();
  }

  @Test
  void findsADeviceThatIsMounted() throws IOException {
    BlockNode node = fake().mount(FakeNode.NUMBER, "/home").node(directory);

    assertThatThrownBy(node::requireUnused).hasMessage(directory + ": is mounted at /home");
  }

  @Test
  void findsADeviceThatIsTheSourceOfAMountWithANumberOfItsOwn() throws IOException {
    Path node = Files.createFile(directory.resolve("a node"));
    Path other = Files.createFile(directory.resolve("other"));
    String source = node.toString().replace(" ", "\\040");

    assertThatThrownBy(fake().anonymousMount(source, "/data").node(node)::requireUnused)
        .hasMessage(node + ": is mounted at /data");
    fake().node(other).requireUnused();
  }

  @Test
  void findsADeviceThatIsSwappedTo() throws IOException {
    Path node = Files.createFile(directory.resolve("node"));
    Path other = Files.createFile(directory.resolve("other"));

    assertThatThrownBy(fake().swap(node.toString()).node(node)::requireUnused)
        .hasMessage(node + ": is used for swapping");
    fake().node(other).requireUnused();
  }

  @Test
  void findsADeviceOfWhichAPartitionIsMounted() throws IOException {
    BlockNode node =
        fake()
            .fact("part1/partition", "1")
            .fact("part1/dev", "7:100")
            .mount("7:100", "/srv")
            .node(directory);

    assertThatThrownBy(node::requireUnused).hasMessage(directory + ": is mounted at /srv");
  }

  @Test
  void findsADeviceThatIsPartOfAnother() throws IOException {
    BlockNode node = fake().fact("holders/dm-0", "").node(directory);

    assertThatThrownBy(node::requireUnused).hasMessage(directory + ": is part of dm-0");
  }

  @Test
  void findsADeviceOfWhichAPartitionIsPartOfAnother() throws IOException {
    BlockNode node =
        fake()
            .fact("part1/partition", "1")
            .fact("part1/dev", "7:100")
            .fact("part1/holders/md3", "")
            .node(directory);

    assertThatThrownBy(node::requireUnused).hasMessage(directory + ": is part of md3");
  }

  @Test
  void tellsABlockDeviceFromOtherPaths() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    assertThat(RawDevice.isBlockDevice(file)).isFalse();
    assertThat(RawDevice.isBlockDevice(directory)).isFalse();
    assertThat(RawDevice.isBlockDevice(directory.resolve("missing"))).isFalse();
    assertThatThrownBy(() -> RawDevice.open(file)).hasMessage(file + ": is no block device");
    assertThatThrownBy(() -> RawDevice.open(directory.resolve("missing")))
        .hasMessage(directory.resolve("missing") + ": does not exist");
  }

  private FakeNode fake() {
    return new FakeNode(directory);
  }
}
