package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.Extent.State;
import org.junit.jupiter.api.Test;

class GranuleMapTest {

  private static final long GRANULE = GranuleMap.GRANULE;
  private static final long SIZE = 10 * GRANULE + 512;

  private final GranuleMap sparse = new GranuleMap(true);
  private final List<String> zeroed = new ArrayList<>();

  @Test
  void knowsThatANewFileIsAHoleAndNothingOfAnOldOne() {
    assertThat(sparse.extent(512, SIZE - 512)).isEqualTo(new Extent(SIZE - 512, State.DEALLOCATED));
    assertThat(new GranuleMap(false).extent(0, SIZE)).isEqualTo(new Extent(SIZE, State.UNKNOWN));
  }

  @Test
  void takesAWriteForItsWholeGranules() {
    sparse.written(2 * GRANULE - 512, 1024);

    assertThat(sparse.extent(0, SIZE)).isEqualTo(new Extent(GRANULE, State.DEALLOCATED));
    assertThat(sparse.extent(GRANULE, SIZE)).isEqualTo(new Extent(2 * GRANULE, State.ALLOCATED));
    assertThat(sparse.extent(3 * GRANULE - 512, 512)).isEqualTo(new Extent(512, State.ALLOCATED));
  }

  @Test
  void zeroesNothingInAHole() throws IOException {
    deallocate(sparse, 512, SIZE - 512);

    assertThat(zeroed).isEmpty();
  }

  @Test
  void zeroesOnceWhatIsNoHole() throws IOException {
    sparse.written(GRANULE, GRANULE);
    sparse.written(9 * GRANULE, SIZE - 9 * GRANULE);

    deallocate(sparse, 0, SIZE);
    assertThat(zeroed)
        .containsExactly(
            GRANULE + "+" + GRANULE, 9 * GRANULE + "+" + GRANULE, 10 * GRANULE + "+" + 512);
    deallocate(sparse, 0, SIZE);
    assertThat(zeroed).hasSize(3);
    assertThat(sparse.extent(0, SIZE)).isEqualTo(new Extent(SIZE, State.DEALLOCATED));
  }

  @Test
  void keepsAGranuleOfWhichOnlyAPartIsDeallocated() throws IOException {
    sparse.written(0, 3 * GRANULE);

    deallocate(sparse, 512, 2 * GRANULE);

    assertThat(zeroed)
        .containsExactly(
            "512+" + (GRANULE - 512), GRANULE + "+" + GRANULE, 2 * GRANULE + "+" + 512);
    assertThat(sparse.extent(0, SIZE)).isEqualTo(new Extent(GRANULE, State.ALLOCATED));
    assertThat(sparse.extent(GRANULE, SIZE)).isEqualTo(new Extent(GRANULE, State.DEALLOCATED));
    assertThat(sparse.extent(2 * GRANULE, SIZE)).isEqualTo(new Extent(GRANULE, State.ALLOCATED));
  }

  @Test
  void makesNoHoleWhereAWriteReturnsDuringTheZeroing() throws IOException {
    sparse.written(0, GRANULE);

    sparse.deallocate(0, GRANULE, SIZE, (offset, length) -> sparse.written(4096, 512));

    assertThat(sparse.extent(0, GRANULE).state()).isEqualTo(State.ALLOCATED);
  }

  @Test
  void doesNotTakeWhatAnotherDeallocationIsZeroing() throws IOException {
    sparse.written(0, GRANULE);

    // the outer one has taken the granule; a write returns; the inner one may not count on the
    // outer
    sparse.deallocate(
        0,
        GRANULE,
        SIZE,
        (offset, length) -> {
          deallocate(sparse, 0, GRANULE);
          sparse.written(0, 512);
          deallocate(sparse, 0, GRANULE);
          assertThat(sparse.extent(0, GRANULE).state()).isEqualTo(State.UNKNOWN);
        });

    assertThat(zeroed).containsExactly("0+" + GRANULE, "0+" + GRANULE);
    assertThat(sparse.extent(0, GRANULE).state()).isEqualTo(State.ALLOCATED);
  }

  @Test
  void makesNoHoleWhenZeroingFails() {
    sparse.written(0, GRANULE);

    assertThatThrownBy(
            () ->
                sparse.deallocate(
                    0,
                    GRANULE,
                    SIZE,
                    (offset, length) -> {
                      throw new IOException("broken");
                    }))
        .hasMessage("broken");
    assertThat(sparse.extent(0, GRANULE).state()).isEqualTo(State.ALLOCATED);
  }

  @Test
  void growsByHoles() throws IOException {
    GranuleMap old = new GranuleMap(false);
    old.written(11 * GRANULE, GRANULE); // beyond the end, left by a larger file of former times

    old.grown(SIZE, 20 * GRANULE);

    assertThat(old.extent(0, 20 * GRANULE)).isEqualTo(new Extent(11 * GRANULE, State.UNKNOWN));
    assertThat(old.extent(11 * GRANULE, 9 * GRANULE))
        .isEqualTo(new Extent(9 * GRANULE, State.DEALLOCATED));
  }

  @Test
  void jumpsOverHolesOfAnySize() throws IOException {
    long size = 1L << 60;
    sparse.written(size - GRANULE, GRANULE);

    sparse.deallocate(0, size, size, this::note);

    assertThat(zeroed).containsExactly((size - GRANULE) + "+" + GRANULE);
    assertThat(sparse.extent(0, size)).isEqualTo(new Extent(size, State.DEALLOCATED));
  }

  private void deallocate(GranuleMap map, long offset, long length) throws IOException {
    map.deallocate(offset, length, SIZE, this::note);
  }

  private void note(long offset, long length) {
    zeroed.add(offset + "+" + length);
  }
}
