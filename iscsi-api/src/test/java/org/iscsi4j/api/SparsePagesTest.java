package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class SparsePagesTest {

  private static final long LAST = (1L << 55) - 1;

  private final SparsePages pages = new SparsePages(() -> new byte[1]);

  @Test
  void hasNoPageUntilOneIsMade() {
    assertThat(pages.get(5)).isNull();

    byte[] page = pages.getOrCreate(5);

    assertThat(pages.get(5)).isSameAs(page).isSameAs(pages.getOrCreate(5));
    assertThat(pages.get(4)).isNull();
    assertThat(pages.count()).isEqualTo(1);
  }

  @Test
  void keepsPagesOfEveryIndexApart() {
    // one per level of the tree, and the last
    long[] indexes = {0, 1, 1L << 11, 1L << 22, 1L << 33, 1L << 44, LAST};
    for (int i = 0; i < indexes.length; i++) {
      pages.getOrCreate(indexes[i])[0] = (byte) i;
    }
    for (int i = 0; i < indexes.length; i++) {
      assertThat(pages.get(indexes[i])).containsExactly(i);
    }
    assertThat(pages.count()).isEqualTo(indexes.length);
  }

  @Test
  void findsTheNextPageOverAnyDistance() {
    pages.getOrCreate(7);
    pages.getOrCreate(LAST - 1);

    assertThat(pages.nextPresent(0, LAST)).isEqualTo(7);
    assertThat(pages.nextPresent(7, LAST)).isEqualTo(7);
    assertThat(pages.nextPresent(8, LAST)).isEqualTo(LAST - 1);
    assertThat(pages.nextPresent(8, 1000)).isEqualTo(1000);
    assertThat(pages.nextPresent(LAST, LAST)).isEqualTo(LAST);
  }

  @Test
  void findsTheEndOfARunOfPages() {
    pages.getOrCreate(2046);
    pages.getOrCreate(2047);
    pages.getOrCreate(2048);

    assertThat(pages.nextAbsent(2046, LAST)).isEqualTo(2049);
    assertThat(pages.nextAbsent(2046, 2048)).isEqualTo(2048);
    assertThat(pages.nextAbsent(9, LAST)).isEqualTo(9);
  }

  @Test
  void removesExactlyARange() {
    for (long i : new long[] {1, 2, 3, 1L << 30, 1L << 40}) {
      pages.getOrCreate(i);
    }

    pages.remove(2, 1L << 40);

    assertThat(pages.get(1)).isNotNull();
    assertThat(pages.get(2)).isNull();
    assertThat(pages.get(3)).isNull();
    assertThat(pages.get(1L << 30)).isNull();
    assertThat(pages.get(1L << 40)).isNotNull();
    assertThat(pages.count()).isEqualTo(2);
  }

  @Test
  void clearsAllAtOnceAndStartsAgain() {
    for (long i : new long[] {1, 1L << 30, LAST}) {
      pages.getOrCreate(i);
    }

    pages.clear();

    assertThat(pages.count()).isZero();
    assertThat(pages.get(1)).isNull();
    assertThat(pages.nextPresent(0, LAST)).isEqualTo(LAST);
    pages.getOrCreate(LAST);
    assertThat(pages.count()).isEqualTo(1);
  }

  @Test
  void makesAPageOnceForThreadsThatAskTogether() throws Exception {
    int indexes = 5000;
    Set<byte[]> seen = ConcurrentHashMap.newKeySet();

    Parallel.run(
        4,
        thread -> {
          for (long i = 0; i < indexes; i++) {
            seen.add(pages.getOrCreate(i * 37));
          }
        });

    assertThat(seen).hasSize(indexes);
    assertThat(pages.count()).isEqualTo(indexes);
  }
}
