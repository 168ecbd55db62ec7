package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeometryTest {

  @ParameterizedTest
  @CsvSource({
    // blockSize, blockCount, physicalBlockSize, optimalTransferLength, deallocationGranularity
    "512, 1, 512, 0, 512",
    "512, 18014398509481983, 512, 0, 512",
    "65536, 140737488355327, 65536, 0, 65536",
    "512, 1, 16777216, 0, 512",
    "4096, 100, 4096, 4096, 12288",
    "512, 1, 512, 2147483136, 2147483136",
  })
  void takesWhatIsInRange(int block, long count, int physical, int optimal, int granularity) {
    Geometry geometry = new Geometry(block, count, physical, optimal, granularity);

    assertThat(geometry.size()).isEqualTo(block * count).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "256   | 1 | 512 | 0 | 512    | blockSize 256 is not within 512..65536",
        "131072| 1 | 131072 | 0 | 131072 | blockSize 131072 is not within 512..65536",
        "520   | 1 | 520 | 0 | 520    | blockSize 520 is not a power of two",
        "0     | 1 | 512 | 0 | 512    | blockSize 0 is not a power of two",
        "-2147483648 | 1 | 512 | 0 | 512 | blockSize -2147483648 is not a power of two",
        "512   | 0 | 512 | 0 | 512    | blockCount 0 is not within 1..18014398509481983",
        "512   | -1 | 512 | 0 | 512   | blockCount -1 is not within",
        "512   | 18014398509481984 | 512 | 0 | 512 | blockCount 18014398509481984 is not within",
        "4096  | 1 | 2048 | 0 | 4096  | physicalBlockSize 2048 is not within 1..32768 blocks of 4096",
        "512   | 1 | 33554432 | 0 | 512 | physicalBlockSize 33554432 is not within",
        "512   | 1 | 1536 | 0 | 512   | physicalBlockSize 1536 is not a power of two",
        "512   | 1 | 512 | 100 | 512  | optimalTransferLength 100 is not a multiple of the block size 512",
        "512   | 1 | 512 | -512 | 512 | optimalTransferLength -512 is not",
        "512   | 1 | 512 | 0 | 0      | deallocationGranularity 0 is not",
        "4096  | 1 | 4096 | 0 | 512   | deallocationGranularity 512 is not a multiple of the block size 4096",
      })
  void refusesWhatIsOutOfRange(
      int block, long count, int physical, int optimal, int granularity, String message) {
    assertThatThrownBy(() -> new Geometry(block, count, physical, optimal, granularity))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void isMadeOfBlocksOrOfASize() {
    assertThat(Geometry.of(4096, 7)).isEqualTo(new Geometry(4096, 7, 4096, 0, 4096));
    assertThat(Geometry.ofSize(28_672, 4096)).isEqualTo(Geometry.of(4096, 7));
    assertThatThrownBy(() -> Geometry.ofSize(28_673, 4096))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("size 28673 is not a multiple of the block size 4096");
    assertThatThrownBy(() -> Geometry.ofSize(0, 512)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Geometry.ofSize(512, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void changesOneComponentAtATime() {
    Geometry geometry = new Geometry(512, 1, 1024, 1536, 2048);

    assertThat(geometry.withBlockCount(9)).isEqualTo(new Geometry(512, 9, 1024, 1536, 2048));
    assertThat(geometry.withPhysicalBlockSize(4096))
        .isEqualTo(new Geometry(512, 1, 4096, 1536, 2048));
    assertThat(geometry.withOptimalTransferLength(512))
        .isEqualTo(new Geometry(512, 1, 1024, 512, 2048));
    assertThat(geometry.withDeallocationGranularity(512))
        .isEqualTo(new Geometry(512, 1, 1024, 1536, 512));
  }
}
