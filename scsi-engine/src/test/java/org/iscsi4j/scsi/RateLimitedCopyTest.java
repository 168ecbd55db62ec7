package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.CopyEngine.HOLD;
import static org.iscsi4j.scsi.CopyEngine.across;
import static org.iscsi4j.scsi.CopyEngine.extendedCopy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.RateLimit;
import org.junit.jupiter.api.Test;

/** Copies read one unit and write another on behalf of an initiator: three limits. */
class RateLimitedCopyTest {

  private static final int IMMED = 1;
  private static final String ABORT = "83 1c 00000007 000000000000000000 00";

  /** A block a second. */
  private static final RateLimit BLOCK = RateLimit.bytesPerSecond(512).withBurst(Duration.ZERO);

  private final FakeTime time = new FakeTime();
  private final TestDisk one = TestDisk.ofBlocks(64);
  private final CopyEngine engine =
      new CopyEngine(
          new Devices(Runnable::run, time),
          LogicalUnit.of(TestDisk.ofBlocks(64)),
          LogicalUnit.of(one));

  RateLimitedCopyTest() {
    engine.nexus.time = time;
  }

  private void passMillis(int millis) {
    for (int i = 0; i < millis; i++) {
      time.pass(Duration.ofMillis(1));
      engine.nexus.drain();
    }
  }

  /** Copies two times two blocks. */
  private TestTask copy() {
    TestTask task = engine.start(engine.list(across(2, 0, 0), across(2, 2, 2)));
    engine.nexus.drain();
    return task;
  }

  private TestTask copyInBackground() {
    byte[] list = engine.longList(HOLD, IMMED, across(2, 0, 0), across(2, 2, 2));
    TestTask task = engine.start(extendedCopy(1, list.length), list);
    engine.nexus.drain();
    assertThat(task.status()).isEqualTo(Status.GOOD);
    return task;
  }

  private void assertEndsAfterMillis(int millis) {
    TestTask task = copy();
    passMillis(millis - 1);
    assertThat(task.ended).isZero();
    passMillis(1);
    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(one.calls).hasSize(2);
  }

  @Test
  void readsCountForTheSource() {
    engine.zero.rateLimit(BLOCK);
    assertEndsAfterMillis(2_000);
  }

  @Test
  void writesCountForTheDestination() {
    engine.one.rateLimit(BLOCK);
    assertEndsAfterMillis(2_000);
  }

  @Test
  void bothCountForTheInitiator() {
    engine.nexus.limitBy(new RateLimiter(BLOCK, time));
    assertEndsAfterMillis(6_000);
  }

  @Test
  void initiatorIsHeldToItsLimitInTheBackgroundToo() {
    engine.nexus.limitBy(new RateLimiter(BLOCK, time));

    copyInBackground();

    assertThat(one.calls).as("the first write waits").isEmpty();
  }

  @Test
  void copyThatWaitsCanBeAborted() {
    engine.nexus.limitBy(new RateLimiter(BLOCK, time));
    engine.one.rateLimit(RateLimit.bytesPerSecond(1));
    TestTask task = copy();

    assertThat(engine.execute(ABORT).status()).isEqualTo(Status.GOOD);

    assertThat(task.status()).isEqualTo(Status.CHECK_CONDITION);
    assertThat(one.calls).isEmpty();
  }

  @Test
  void resetEndsACopyInTheBackgroundThatWaits() {
    engine.nexus.limitBy(new RateLimiter(BLOCK, time));
    copyInBackground();
    AtomicBoolean done = new AtomicBoolean();

    TaskManager.logicalUnitReset(engine.nexus, engine.zero, () -> done.set(true));

    assertThat(done).isTrue();
    assertThat(one.calls).isEmpty();
  }

  @Test
  void taskThatServesAnotherCommandIsNotTakenForTheStoppedCopy() {
    engine.one.rateLimit(BLOCK);
    TestTask task = copy();
    CopyOperation operation = task.unit().copies().find(CopyEngine.LIST_ID);
    passMillis(2_000);
    assertThat(task.status()).isEqualTo(Status.GOOD);

    task.cdb().set(ByteBuffer.wrap(Cdbs.read10(0, 1)));
    task.begin(engine.nexus, Lun.encode(1), TaskAttribute.SIMPLE, 512, 0);
    engine.router.execute(task);
    operation.stop();
    engine.nexus.drain();

    assertThat(task.ended).as("that of the copy").isEqualTo(1);
  }
}
