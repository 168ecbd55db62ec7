package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A full heap is no unit test's business; the daemon's tests fill one. */
class HeapReserveTest {

  @Test
  void aHeapThatIsNotFullIsLeftAlone() {
    HeapReserve reserve = HeapReserve.beside(1L << 40, 128L << 20);

    for (int page = 0; page < 10_000; page++) {
      assertThatCode(reserve::check).doesNotThrowAnyException();
    }
  }

  @Test
  void whatCanNotBeHadIsNotTakenFromOthers() {
    long[] now = {0};
    HeapReserve reserve = HeapReserve.of(Integer.MAX_VALUE, () -> now[0]);

    assertThatThrownBy(reserve::check).isInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(reserve::check)
        .as("without a look")
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessageContaining("leaves the rest");
    reserve.given();
    assertThatThrownBy(reserve::check)
        .as("with a look")
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessageNotContaining("leaves the rest");
    now[0] += TimeUnit.MILLISECONDS.toNanos(101);
    assertThatThrownBy(reserve::check)
        .as("with another look")
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessageNotContaining("leaves the rest");
  }

  @Test
  void aDiskThatIsNoLargerThanTheReserveNeedsNone() {
    HeapReserve reserve = HeapReserve.beside(1 << 20, 1L << 40);

    assertThatCode(reserve::check).doesNotThrowAnyException();
  }
}
