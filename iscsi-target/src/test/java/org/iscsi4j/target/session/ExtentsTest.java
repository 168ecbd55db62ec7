package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges of bytes that came, against a bit for every byte. */
class ExtentsTest {

  private static final int BYTES = 200;

  private final Extents extents = new Extents();

  @Test
  void nothingCameYet() {
    assertThat(extents.end()).isZero();
    assertThat(extents.holeFrom(0)).isZero();
    assertThat(extents.holeTo(0)).isEqualTo(Integer.MAX_VALUE);
    assertThat(extents.touches(0, 10)).isFalse();
  }

  @Test
  void rangesThatTouchAreOne() {
    for (int i = 0; i < 10 * Extents.LIMIT; i++) {
      assertThat(extents.add(i, i + 1)).isTrue();
    }

    assertThat(extents.holeFrom(0)).isEqualTo(10 * Extents.LIMIT);
  }

  @Test
  void numberOfRangesIsBounded() {
    for (int i = 0; i < Extents.LIMIT; i++) {
      assertThat(extents.add(2 * i, 2 * i + 1)).isTrue();
    }
    int end = extents.end();

    assertThat(extents.add(end + 1, end + 2)).isFalse();
    assertThat(extents.end()).isEqualTo(end);
    assertThat(extents.add(1, 2)).isTrue(); // fills a hole, so there is room for another
    assertThat(extents.add(end + 1, end + 2)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyByteIsWhereItShouldBe(long seed) {
    Random random = new Random(seed);
    BitSet bits = new BitSet();
    for (int round = 0; round < 60; round++) {
      int from = random.nextInt(BYTES);
      int to = Math.min(BYTES, from + random.nextInt(1 + random.nextInt(20)));

      assertThat(extents.touches(from, to)).isEqualTo(!bits.get(from, to).isEmpty());
      extents.add(from, to);
      bits.set(from, to);

      assertThat(extents.end()).isEqualTo(bits.length());
      for (int at = 0; at < BYTES; at++) {
        int hole = bits.nextClearBit(at);
        int end = bits.nextSetBit(hole);
        assertThat(extents.holeFrom(at)).isEqualTo(hole);
        assertThat(extents.holeTo(hole)).isEqualTo(end < 0 ? Integer.MAX_VALUE : end);
      }
    }
    extents.clear();
    assertThat(extents.end()).isZero();
  }
}
