package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class RangeLocksTest {

  private final RangeLocks locks = new RangeLocks();
  private final List<String> granted = new ArrayList<>();

  private RangeLocks.Hold take(String name, long... bounds) {
    return locks.take(bounds, () -> granted.add(name));
  }

  @Test
  void rangesThatDoNotOverlapAreTakenAtOnce() {
    take("a", 0, 10);
    take("b", 10, 20);
    take("c", 20, 30, 40, 50);
    take("d", 30, 40);

    assertThat(granted).containsExactly("a", "b", "c", "d");
  }

  @Test
  void whatOverlapsWaitsItsTurn() {
    RangeLocks.Hold a = take("a", 0, 10);
    RangeLocks.Hold b = take("b", 9, 12);
    RangeLocks.Hold c = take("c", 0, 1);
    assertThat(granted).containsExactly("a");

    a.release();
    assertThat(granted).containsExactly("a", "b", "c");

    b.release();
    c.release();
    assertThat(granted).hasSize(3);
  }

  @Test
  void nobodyOvertakesWhoWaits() {
    RangeLocks.Hold a = take("a", 0, 10);
    RangeLocks.Hold b = take("b", 5, 15);
    RangeLocks.Hold c = take("c", 14, 20);
    assertThat(granted).containsExactly("a");

    a.release();
    assertThat(granted).containsExactly("a", "b");

    b.release();
    assertThat(granted).containsExactly("a", "b", "c");
    c.release();
  }

  @Test
  void whoGivesUpWaitingLetsTheNextGo() {
    RangeLocks.Hold a = take("a", 0, 10);
    RangeLocks.Hold b = take("b", 5, 15);
    take("c", 12, 20);

    b.release();
    assertThat(granted).containsExactly("a", "c");

    a.release();
    assertThat(granted).containsExactly("a", "c");
  }

  @Test
  void oneOfSeveralRangesIsEnoughToWait() {
    RangeLocks.Hold a = take("a", 100, 110);
    take("b", 0, 10, 109, 120);
    assertThat(granted).containsExactly("a");

    a.release();
    assertThat(granted).containsExactly("a", "b");
  }

  @Test
  void anEmptyRangeIsInNobodysWay() {
    take("a", 0, 10);
    take("b", 5, 5);

    assertThat(granted).containsExactly("a", "b");
  }

  @Test
  void writeInPlaceIsHeldOffByAHoldAndMayTryAgain() {
    RangeLocks.InPlace place = locks.inPlace();
    RangeLocks.Hold a = take("a", 0, 10);

    assertThat(place.enter(5, 6)).isFalse();
    a.release();
    assertThat(place.enter(5, 6)).isTrue();
    place.leave();
  }

  @Test
  void holdWaitsForAWriteInPlace() {
    RangeLocks.InPlace place = locks.inPlace();
    assertThat(place.enter(0, 10)).isTrue();
    take("a", 10, 20);
    take("b", 9, 10);
    assertThat(granted).containsExactly("a");

    place.leave();
    assertThat(granted).containsExactly("a", "b");
  }

  @Test
  void writesInPlaceOfTwoThreadsSeeEachOther() throws Exception {
    assertThat(locks.inPlace().enter(0, 10)).isTrue();

    assertThat(onAnotherThread(() -> locks.inPlace().enter(9, 20))).isFalse();
    assertThat(onAnotherThread(() -> locks.inPlace().enter(10, 20))).isTrue();
  }

  @Test
  void placeOfAnotherThreadCanNotBeUsed() throws Exception {
    RangeLocks.InPlace mine = locks.inPlace();

    assertThat(locks.inPlace()).isSameAs(mine);
    assertThat(onAnotherThread(() -> mine.enter(0, 1))).isFalse();
    assertThat(mine.enter(0, 1)).isTrue();
  }

  @Test
  void whatIsGrantedIsGrantedOnce() throws Exception {
    AtomicInteger more = new AtomicInteger();
    Runnable often =
        () -> {
          for (int i = 0; i < 20_000; i++) {
            AtomicInteger grants = new AtomicInteger();
            RangeLocks.Hold hold = locks.take(new long[] {0, 1}, grants::incrementAndGet);
            while (grants.get() == 0) {
              Thread.onSpinWait();
            }
            more.addAndGet(grants.get() - 1);
            hold.release();
            more.addAndGet(grants.get() - 1);
          }
        };
    Thread other = new Thread(often);
    other.start();
    often.run();
    other.join();

    assertThat(more).hasValue(0);
  }

  @Test
  void whoCanNotBeToldKeepsNobodyWaiting() {
    RangeLocks.Hold a = take("a", 0, 10);
    locks.take(
        new long[] {0, 10},
        () -> {
          throw new IllegalStateException("for the test");
        });
    take("b", 0, 10);
    take("c", 20, 30);

    a.release();
    assertThat(granted).containsExactly("a", "c", "b");
  }

  @Test
  void releasingTwiceChangesNothing() {
    RangeLocks.Hold a = take("a", 0, 10);
    RangeLocks.Hold b = take("b", 0, 10);
    take("c", 0, 10);

    a.release();
    a.release();
    assertThat(granted).containsExactly("a", "b");
    b.release();
    assertThat(granted).containsExactly("a", "b", "c");
  }

  @Test
  void rangesMayComeInAnyOrderAndOverlap() {
    take("a", 40, 50, 0, 0, 10, 20, 15, 30, 42, 43);
    take("b", 30, 40, 0, 10, 50, 60);
    RangeLocks.Hold c = take("c", 60, 70, 29, 30);
    assertThat(granted).containsExactly("a", "b");

    take("d", 65, 66);
    c.release();
    assertThat(granted).containsExactly("a", "b", "d");
  }

  @Test
  void manyThatWaitCostLittle() {
    int many = 5_000;
    List<RangeLocks.Hold> held = new ArrayList<>();
    for (int i = 0; i <= many; i++) {
      held.add(take("held", i, i + 1));
    }
    for (int i = 0; i < many; i++) {
      take("waits", many, many + 1);
    }

    assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> held.subList(0, many).forEach(RangeLocks.Hold::release));
    assertThat(granted).doesNotContain("waits");
    held.get(many).release();
    assertThat(granted).contains("waits");
  }

  @Test
  void manyRangesOfManyThatWaitCostLittle() {
    RangeLocks.Hold first = take("first", 0, 1);
    for (int i = 0; i < 500; i++) {
      long[] bounds = new long[512];
      for (int each = 0; each < 256; each++) {
        bounds[2 * each] = (256L - each) * 10_000 + i;
        bounds[2 * each + 1] = bounds[2 * each] + 1;
      }
      bounds[1] = bounds[0] + 1;
      bounds[2] = 0;
      bounds[3] = i < 250 ? 0 : 1;
      take("many", bounds);
    }

    assertTimeoutPreemptively(Duration.ofSeconds(5), first::release);
    assertThat(granted).hasSize(1 + 250 + 1);
  }

  private static <T> T onAnotherThread(Supplier<T> call) throws InterruptedException {
    AtomicReference<T> result = new AtomicReference<>();
    Thread thread = new Thread(() -> result.set(call.get()));
    thread.start();
    thread.join();
    return result.get();
  }
}
