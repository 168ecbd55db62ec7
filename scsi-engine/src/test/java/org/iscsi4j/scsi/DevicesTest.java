package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Concurrency;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;

/** A device is one device, in however many units it stands, and is left alone in the end. */
class DevicesTest {

  private final TestDisk disk =
      new TestDisk(
          Geometry.of(512, 1000),
          TestDisk.MEMORY.withBlocking(Blocking.LONG).withConcurrency(Concurrency.SERIAL));
  private final SteppedExecutor executor = new SteppedExecutor();
  private final Devices devices = new Devices(executor);
  private final Engine one = Engine.over(LogicalUnit.of(disk), devices);
  private final Engine two = Engine.over(LogicalUnit.of(disk), devices);

  @Test
  void aSerialDeviceInTwoUnitsMakesOneCallAtATime() {
    one.start(Cdbs.write10(1, 1), Cdbs.block(1));
    two.start(Cdbs.write10(2, 1), Cdbs.block(2));

    assertThat(executor.waiting()).isEqualTo(1);
    executor.runAll();

    assertThat(disk.calls).containsExactly("write 512+512", "write 1024+512");
  }

  @Test
  void aUnitThatClosesLeavesTheDeviceToTheOther() {
    two.unit.close();
    two.unit.close();

    TestTask task = one.start(Cdbs.write10(1, 1), Cdbs.block(1));
    executor.runAll();
    one.nexus.drain();

    assertThat(task.status()).isEqualTo(Status.GOOD);
  }

  @Test
  void afterTheLastUnitClosedNoCallIsBegun() throws InterruptedException {
    TestTask underWay = one.start(Cdbs.write10(1, 1), Cdbs.block(1));
    TestTask waiting = two.start(Cdbs.write10(2, 1), Cdbs.block(2));

    one.unit.close();
    two.unit.close();
    TestTask late = one.start(Cdbs.write10(3, 1), Cdbs.block(3));
    one.nexus.drain();
    two.nexus.drain();

    assertThat(waiting.sense()).isEqualTo(Sense.NOT_READY_CAUSE_NOT_REPORTABLE);
    assertThat(late.sense()).isEqualTo(Sense.NOT_READY_CAUSE_NOT_REPORTABLE);
    assertThat(underWay.ended).isZero();
    assertThat(one.unit.whenIdle(Duration.ofMillis(1)).join()).isFalse();
    CompletableFuture<Boolean> idle = one.unit.whenIdle(Duration.ofSeconds(10));
    assertThat(idle).isNotDone();
    executor.runAll();
    one.nexus.drain();
    assertThat(idle).isCompletedWithValue(true);
    assertThat(two.unit.whenIdle(Duration.ofSeconds(10))).isCompletedWithValue(true);
    assertThat(underWay.status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).containsExactly("write 512+512");
  }

  @Test
  void aQuickDeviceIsNotCalledInPlaceAfterTheCloseEither() {
    TestDisk memory = new TestDisk(Geometry.of(512, 1000), TestDisk.THIN);
    Engine of = Engine.over(LogicalUnit.of(memory), devices);
    devices.close();

    assertThat(of.execute(Cdbs.write10(1, 1), Cdbs.block(1)).sense())
        .isEqualTo(Sense.NOT_READY_CAUSE_NOT_REPORTABLE);
    assertThat(of.execute(Cdbs.ten(0x35, 0, 0, 0)).sense())
        .isEqualTo(Sense.NOT_READY_CAUSE_NOT_REPORTABLE);
    assertThat(memory.calls).isEmpty();
  }

  @Test
  void theEndOfTheServerEndsItAll() throws InterruptedException {
    one.start(Cdbs.write10(1, 1), Cdbs.block(1));
    TestTask waiting = two.start(Cdbs.write10(2, 1), Cdbs.block(2));

    devices.close();
    two.nexus.drain();

    assertThat(waiting.sense()).isEqualTo(Sense.NOT_READY_CAUSE_NOT_REPORTABLE);
    assertThat(devices.awaitIdle(Duration.ofMillis(1))).isFalse();
    executor.runAll();
    assertThat(devices.awaitIdle(Duration.ofSeconds(10))).isTrue();
    assertThatThrownBy(() -> Engine.over(LogicalUnit.of(disk), devices))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aUnitMadeAnewTakesItsTurnBehindACallThatStillHangs() {
    one.start(Cdbs.write10(1, 1), Cdbs.block(1));
    one.unit.close();
    two.unit.close();

    Engine anew = Engine.over(LogicalUnit.of(disk), devices);
    anew.start(Cdbs.write10(2, 1), Cdbs.block(2));

    assertThat(executor.waiting()).isEqualTo(1);
    executor.runAll();
    assertThat(disk.calls).hasSize(2);
  }
}
