package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;

import java.time.Duration;
import java.util.List;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.RateLimit;
import org.junit.jupiter.api.Test;

/** Commands that wait for the limit of their unit or of their initiator. */
class RateLimitedCommandsTest {

  private static final byte[] READ = Cdbs.read10(0, 1);

  /** One operation passes, the next ones a second after each other. */
  private static final RateLimit ONE = RateLimit.operationsPerSecond(1);

  private final FakeTime time = new FakeTime();
  private final Devices devices = new Devices(Runnable::run, time);
  private final Engine engine =
      Engine.over(LogicalUnit.builder(TestDisk.thin(1 << 20)).rateLimit(ONE).build(), devices);
  private final TestNexus one = timed(engine.nexus);
  private final TestNexus two = timed(engine.nexus("two"));

  private TestNexus timed(TestNexus nexus) {
    nexus.time = time;
    return nexus;
  }

  private TestTask start(TestNexus nexus, TaskAttribute attribute, byte[] cdb) {
    TestTask task = nexus.start(attribute, cdb);
    drain();
    return task;
  }

  private TestTask start(TestNexus nexus, byte[] cdb) {
    return start(nexus, TaskAttribute.SIMPLE, cdb);
  }

  private void drain() {
    for (int i = 0; i < 8; i++) {
      one.drain();
      two.drain();
    }
  }

  private void passMillis(int millis) {
    time.pass(Duration.ofMillis(millis));
    drain();
  }

  /** Uses up what may pass at once. */
  private void exhaust() {
    assertThat(start(one, READ).status()).isEqualTo(Status.GOOD);
  }

  // ---- what waits

  @Test
  void commandsThatMoveNoDataNeverWait() {
    exhaust();
    List<byte[]> free =
        List.of(
            TEST_UNIT_READY,
            Cdbs.inquiry(255),
            Cdbs.READ_CAPACITY_10,
            Cdbs.hex("03 00 0000 ff 00"), // REQUEST SENSE
            Cdbs.hex("a0 00 00 000000 00000fff 00 00"), // REPORT LUNS
            Cdbs.hex("1a 00 3f 00 ff 00"), // MODE SENSE
            Cdbs.hex("16 00 000000 00"), // RESERVE
            Cdbs.hex("17 00 000000 00"), // RELEASE
            Cdbs.hex("35 00 00000000 00 0000 00")); // SYNCHRONIZE CACHE

    for (byte[] cdb : free) {
      TestTask task = start(one, cdb);
      assertThat(task.ended).as("%s", task).isEqualTo(1);
    }
    assertThat(start(one, READ).ended).isZero();
  }

  @Test
  void everyCommandThatMovesDataWaits() {
    exhaust();
    List<Command> rows =
        engine.unit.table().rows().stream().filter(r -> r.traffic() != null).toList();

    rows.forEach(row -> assertThat(start(one, Cdbs.of(row)).ended).as(row.name()).isZero());

    assertThat(rows)
        .extracting(Command::name)
        .contains("READ(6)", "WRITE(10)", "VERIFY(16)", "WRITE SAME(32)", "COMPARE AND WRITE")
        .contains("UNMAP", "ORWRITE(32)", "WRITE ATOMIC(16)", "PRE-FETCH(10)", "READ(32)")
        .hasSize(28);
  }

  @Test
  void waitingWriteAsksForNoDataBeforeItsTurn() {
    exhaust();
    TestTask write = one.start(0, Cdbs.write10(0, 1), 0, new byte[512]);

    assertThat(write.requested).isEqualTo(-1);
    passMillis(1_000);

    assertThat(write.requested).isEqualTo(512);
    assertThat(write.status()).isEqualTo(Status.GOOD);
  }

  @Test
  void commandThatIsRefusedTakesNothing() {
    engine.unit.rateLimit(RateLimit.bytesPerSecond(512).withBurst(Duration.ZERO));
    start(two, Cdbs.hex("16 00 000000 00")); // RESERVE
    assertThat(start(one, READ).status()).isEqualTo(Status.RESERVATION_CONFLICT);
    start(two, Cdbs.hex("17 00 000000 00"));
    assertThat(start(one, Cdbs.read10(1 << 20, 100)).status()).isEqualTo(Status.CHECK_CONDITION);

    exhaust();
    TestTask next = start(one, READ);
    passMillis(999);
    assertThat(next.ended).isZero();
    passMillis(1);
    assertThat(next.ended).isEqualTo(1);
  }

  @Test
  void commandIsCheckedOnceMoreWhenItsTurnHasCome() {
    exhaust();
    TestTask read = start(one, READ);
    assertThat(start(two, Cdbs.hex("16 00 000000 00")).status()).isEqualTo(Status.GOOD);

    passMillis(1_000);

    assertThat(read.status()).isEqualTo(Status.RESERVATION_CONFLICT);
  }

  // ---- whose limit

  @Test
  void commandWaitsForBothLimits() {
    engine.unit.rateLimit(RateLimit.bytesPerSecond(512).withBurst(Duration.ZERO));
    RateLimiter own = new RateLimiter(RateLimit.operationsPerSecond(4), time);
    own.limit(RateLimit.operationsPerSecond(4).withBurst(Duration.ZERO));
    one.limitBy(own);
    exhaust();
    TestTask small = start(one, READ);
    TestTask next = start(two, READ);

    passMillis(250);
    assertThat(small.ended).as("only its own limit lets it pass").isZero();
    passMillis(750);
    assertThat(next.ended).as("came to the limit of the unit first").isEqualTo(1);
    assertThat(small.ended).isZero();
    passMillis(1_000);
    assertThat(small.ended).isEqualTo(1);
  }

  @Test
  void limitOfAnInitiatorHoldsForAllOfItsNexusesAndForNoOther() {
    engine.unit.rateLimit(RateLimit.NONE);
    RateLimiter own = new RateLimiter(ONE, time);
    TestNexus second = timed(engine.nexus("one,second"));
    one.limitBy(own);
    second.limitBy(own);
    exhaust();

    assertThat(start(second, READ).ended).isZero();
    assertThat(start(two, READ).ended).isEqualTo(1);
  }

  @Test
  void otherUnitOfTheSameSessionIsNotSlowed() {
    CopyEngine both =
        new CopyEngine(
            Runnable::run,
            LogicalUnit.builder(TestDisk.ofBlocks(64))
                .rateLimit(RateLimit.bytesPerSecond(1))
                .build(),
            LogicalUnit.of(TestDisk.ofBlocks(64)));
    both.nexus.time = time;
    both.nexus.start(0, READ, 512, new byte[0]);
    TestTask waiting = both.nexus.start(0, READ, 512, new byte[0]);

    assertThat(both.execute(1, READ, new byte[0]).status()).isEqualTo(Status.GOOD);
    assertThat(waiting.ended).isZero();
  }

  // ---- order

  @Test
  void orderedWaitsForThoseThatWaitForALimitAndYoungerOnesWaitForIt() {
    exhaust();
    TestTask simple = start(one, READ);
    TestTask ordered = start(one, TaskAttribute.ORDERED, TEST_UNIT_READY);
    TestTask younger = start(one, TEST_UNIT_READY);
    assertThat(ordered.ended + younger.ended).isZero();

    passMillis(1_000);

    assertThat(List.of(simple.ended, ordered.ended, younger.ended)).containsOnly(1);
  }

  @Test
  void headOfQueueWaitsForItsLimitAndYoungerOnesForIt() {
    exhaust();
    TestTask head = start(one, TaskAttribute.HEAD_OF_QUEUE, READ);
    TestTask younger = start(one, TEST_UNIT_READY);
    assertThat(head.ended + younger.ended).isZero();
    assertThat(start(one, TaskAttribute.HEAD_OF_QUEUE, TEST_UNIT_READY).ended).isEqualTo(1);

    passMillis(1_000);

    assertThat(List.of(head.ended, younger.ended)).containsOnly(1);
  }

  @Test
  void taskSetIsFullOfThoseThatWait() {
    exhaust();
    for (int i = 0; i < TaskSet.LIMIT; i++) {
      assertThat(start(one, READ).ended).isZero();
    }

    assertThat(start(one, READ).status()).isEqualTo(Status.TASK_SET_FULL);
  }

  @Test
  void contingentAllegianceHoldsUpThoseThatHaveNotBegun() {
    exhaust();
    TestTask waiting = start(one, READ);
    // MODE SENSE of a page that is not there, with NACA
    assertThat(start(one, Cdbs.hex("1a 00 2f 00 ff 04")).status())
        .isEqualTo(Status.CHECK_CONDITION);

    passMillis(1_000);
    assertThat(waiting.ended).isZero();
    TaskManager.clearAca(one, engine.unit);
    drain();

    assertThat(waiting.status()).as("without another second").isEqualTo(Status.GOOD);
  }

  // ---- the end of waiting

  @Test
  void waitingCommandCanBeAborted() {
    exhaust();
    TestTask aborted = start(one, READ);
    TestTask next = start(two, READ);

    assertThat(aborted.abort()).as("free at once").isTrue();
    passMillis(1_000);

    assertThat(aborted.ended + aborted.released).isZero();
    assertThat(next.ended).as("takes its place").isEqualTo(1);
    assertThat(start(one, TaskAttribute.ORDERED, TEST_UNIT_READY).ended)
        .as("nothing is left in the task set")
        .isEqualTo(1);
  }

  @Test
  void commandThatWasAbortedAfterItsTurnCameDoesNotRunForAnother() {
    exhaust();
    TestTask task = start(one, Cdbs.write10(0, 1));
    time.pass(Duration.ofSeconds(1)); // it may go on, and its owner has not heard of that

    task.abort();
    task.begin(one, 0, TaskAttribute.SIMPLE, 512, 0);
    drain();

    assertThat(task.ended).isZero();
  }

  @Test
  void waitingCommandFailsWhenItsDataCanNotBeHad() {
    exhaust();
    TestTask task = start(one, READ);

    task.transferFailed(Sense.INTERNAL_TARGET_FAILURE);
    passMillis(1_000);

    assertThat(task.ended).isEqualTo(1);
    assertThat(start(one, READ).ended).as("nobody took its turn").isEqualTo(1);
  }

  @Test
  void higherLimitLetsGoSoonerAndNoneAtOnce() {
    engine.unit.rateLimit(RateLimit.bytesPerSecond(1).withBurst(Duration.ZERO));
    exhaust();
    TestTask waiting = start(one, READ);
    TestTask last = start(two, READ);
    passMillis(1_000);

    engine.unit.rateLimit(RateLimit.bytesPerSecond(511).withBurst(Duration.ZERO));
    passMillis(999);
    assertThat(waiting.ended).isZero();
    passMillis(1);
    assertThat(waiting.ended).isEqualTo(1);

    assertThat(last.ended).isZero();
    engine.unit.rateLimit(RateLimit.NONE);
    drain();
    assertThat(last.ended).isEqualTo(1);
    assertThat(engine.unit.rateLimit()).isEqualTo(RateLimit.NONE);
  }

  @Test
  void nobodyWaitsForAUnitThatIsClosed() {
    exhaust();
    TestTask waiting = start(one, READ);

    engine.unit.close();
    drain();

    assertThat(waiting.ended).isEqualTo(1);
  }
}
