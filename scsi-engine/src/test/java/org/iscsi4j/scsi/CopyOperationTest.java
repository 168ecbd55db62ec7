package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.CopyEngine.HOLD;
import static org.iscsi4j.scsi.CopyEngine.across;
import static org.iscsi4j.scsi.CopyEngine.extendedCopy;
import static org.iscsi4j.scsi.CopyEngine.segment;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.junit.jupiter.api.Test;

/** Copies under way: what ends them, who waits for them, and what can be asked about them. */
class CopyOperationTest {

  private static final int BLOCKS = 65_536;
  private static final int IMMED = 1;
  private static final String STATUS_LID1 = "84 00 07 00000000000000 000000ff 00 00";
  private static final String FAILURE_LID1 = "84 04 07 00000000000000 000000ff 00 00";
  private static final String STATUS_LID4 = "84 05 00000007 00000000 000000ff 00 00";
  private static final String ABORT = "83 1c 00000007 000000000000000000 00";

  private final SteppedExecutor executor = new SteppedExecutor();
  private final TestDisk zero = slow();
  private final TestDisk one = slow();
  private final CopyEngine engine = new CopyEngine(executor, zero, one);

  private static TestDisk slow() {
    return new TestDisk(Geometry.of(512, BLOCKS), TestDisk.THIN.withBlocking(Blocking.LONG));
  }

  private TestTask background(byte[]... segments) {
    byte[] list = engine.longList(HOLD, IMMED, segments);
    return engine.start(extendedCopy(1, list.length), list);
  }

  /** Makes device calls until nobody waits for one. */
  private void finish() {
    do {
      executor.runAll();
      engine.nexus.drain();
    } while (executor.waiting() > 0);
  }

  private void step() {
    executor.runNext();
    engine.nexus.drain();
  }

  // ---- aborts

  @Test
  void anAbortEndsTheCopyBetweenTwoSteps() {
    TestTask task = engine.start(engine.list(across(8192, 0, 0)));
    step(); // read
    step(); // write
    step(); // read

    assertThat(task.abort()).as("the write of the second buffer has not begun").isTrue();
    finish();

    assertThat(task.released).isZero();
    assertThat(one.calls).containsExactly("write 0+1048576");
    assertThat(task.ended).isZero();
    assertThat(engine.execute(STATUS_LID1).hex())
        .isEqualTo("00000008" + "02" + "0000" + "00" + "00100000");
    assertThat(engine.execute(STATUS_LID4).hex()).startsWith("0000001c" + "0060");
  }

  @Test
  void anAbortedCopyGivesItsRangeBack() {
    TestTask first = engine.start(engine.list(across(8192, 0, 0)));
    byte[] list =
        CopyEngine.list(
            CopyEngine.NO_LIST,
            List.of(CopyEngine.cscd(engine.one)),
            List.of(segment(0, 0xffff, 0, 1, 0, 5)));
    TestTask second = engine.start(list);
    finish(1);

    first.abort();
    finish();

    assertThat(second.status()).isEqualTo(Status.GOOD);
    assertThat(one.calls).containsExactly("write 2560+512");
  }

  private void finish(int steps) {
    for (int each = 0; each < steps; each++) {
      step();
    }
  }

  @Test
  void copyOperationAbortEndsTheCopyAndItsCommandTellsSo() {
    TestTask task = engine.start(engine.list(across(8192, 0, 0)));
    finish(2);

    assertThat(engine.execute(ABORT).status()).isEqualTo(Status.GOOD);
    finish();

    assertThat(task.sense()).isEqualTo(CopySense.inSegment(CopySense.ABORTED, 0));
    assertThat(one.calls).containsExactly("write 0+1048576");
    assertThat(engine.execute(ABORT).sense()).isEqualTo(Sense.invalidFieldInCdb(2));
  }

  @Test
  void anotherNexusNeitherSeesNorAbortsTheCopy() {
    engine.start(engine.list(across(8192, 0, 0)));
    TestNexus other = engine.nexus("iqn.2026-11.org.example:other,i,0x000000000001");

    for (String cdb : List.of(ABORT, STATUS_LID1, STATUS_LID4)) {
      TestTask task = other.start(0, Cdbs.hex(cdb), 255, new byte[0]);
      assertThat(task.sense()).isEqualTo(Sense.invalidFieldInCdb(2));
    }
  }

  // ---- waiting for each other

  @Test
  void overlappingCopiesAreCopiedOneAfterTheOther() {
    zero.fill(0, 4096, 0x11);
    zero.fill(10_000, 4096, 0x22);
    byte[] other = engine.list(across(4096, 10_000, 4095));
    other[0] = 8;

    engine.start(engine.list(across(4096, 0, 0)));
    engine.start(other);
    finish();

    List<String> firstThenSecond = new ArrayList<>();
    firstThenSecond.add("write 0+1048576");
    firstThenSecond.add("write 1048576+1048576");
    firstThenSecond.add("write 2096640+1048576");
    firstThenSecond.add("write 3145216+1048576");
    assertThat(one.calls).isEqualTo(firstThenSecond);
    assertThat(one.block(4095)).isEqualTo(Cdbs.block(0x22));
  }

  @Test
  void aListIdentifierIsUsedOnceAtATime() {
    engine.start(engine.list(across(8192, 0, 0)));

    assertThat(engine.copy(engine.list(across(1, 0, 0))).sense())
        .isEqualTo(CopySense.OPERATION_IN_PROGRESS);
    finish();
    TestTask again = engine.start(engine.list(across(1, 0, 0)));
    finish();
    assertThat(again.status()).isEqualTo(Status.GOOD);
  }

  @Test
  void copiesBeyondWhatThePageSaysAreToldToComeBack() {
    byte[] list = engine.list(across(1, 0, 0));
    for (int each = 0; each < 16; each++) {
      list[0] = (byte) each;
      assertThat(engine.start(list.clone()).ended).isZero();
    }
    list[0] = 99;

    assertThat(engine.copy(list).status()).isEqualTo(Status.BUSY);
    finish();
    TestTask again = engine.start(list);
    finish();
    assertThat(again.status()).isEqualTo(Status.GOOD);
  }

  // ---- in the background

  @Test
  void aCopyInTheBackgroundGoesOnAfterItsCommand() {
    zero.fill(0, 4096, 0x11);
    TestTask task = background(across(1, 0, 9000), across(4096, 0, 0));

    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(one.calls).isEmpty();
    finish(4); // two steps of each segment

    assertThat(engine.execute(STATUS_LID4).hex())
        .isEqualTo(
            "0000001c" // AVAILABLE DATA
                + "01" // RESPONSE TO SERVICE ACTION
                + "12" // in progress, in the background
                + "0000"
                + "000003e8" // ESTIMATED STATUS UPDATE DELAY
                + "000000"
                + "00" // bytes
                + "0000000000100200"
                + "0001" // SEGMENTS PROCESSED
                + "000000000000");
    finish();
    assertThat(engine.execute(STATUS_LID4).hex())
        .startsWith("0000001c" + "0101" + "0000" + "ffffffff");
    assertThat(one.block(4095)).isEqualTo(Cdbs.block(0x11));
  }

  @Test
  void aFailureInTheBackgroundIsToldToWhoAsks() {
    background(across(1, 0, 0), across(1, 0, BLOCKS));
    finish();

    String sense = "70000a000000000a" + "00010000" + "0000" + "00" + "a00014";
    assertThat(engine.execute(STATUS_LID4).hex())
        .isEqualTo(
            "0000002e"
                + "0102"
                + "0000"
                + "ffffffff"
                + "02" // CHECK CONDITION
                + "1212" // of 18 bytes
                + "00"
                + "0000000000000200"
                + "0001"
                + "000000000000"
                + sense);
    assertThat(engine.execute(FAILURE_LID1).hex())
        .isEqualTo("0000004a" + "00".repeat(52) + "0200" + "0012" + sense);
  }

  @Test
  void aCopyInTheBackgroundOutlivesItsSession() {
    background(across(8192, 0, 0));
    finish(1);

    engine.nexus.close();
    finish();

    assertThat(one.calls).hasSize(4);
  }

  @Test
  void copyOperationAbortEndsACopyInTheBackground() {
    background(across(8192, 0, 0));
    finish(2);

    engine.execute(ABORT);
    finish();

    assertThat(one.calls).hasSize(1);
    assertThat(engine.execute(STATUS_LID4).hex()).startsWith("0000002e" + "0102");
  }

  @Test
  void aResetIsNotDoneBeforeTheCopyHasEnded() {
    background(across(8192, 0, 0));
    finish(2);
    AtomicBoolean done = new AtomicBoolean();

    TaskManager.logicalUnitReset(engine.nexus, engine.zero, () -> done.set(true));
    assertThat(done).isFalse();
    finish();

    assertThat(done).isTrue();
    assertThat(one.calls).as("the buffer that was under way").hasSize(1);
  }

  @Test
  void aUnitThatIsClosedStopsCopying() {
    background(across(8192, 0, 0));
    finish(2);

    engine.zero.close();
    finish();

    assertThat(one.calls).hasSize(1);
    assertThat(executor.waiting()).isZero();
  }

  @Test
  void aCopyEndsWhereTheMediumIsTakenOutOrProtected() {
    background(across(8192, 0, 0));
    finish(2);
    engine.one.eject(engine.nexus);
    finish();
    assertThat(one.calls).hasSize(1);
    assertThat(engine.execute(STATUS_LID4).hex()).startsWith("0000002e" + "0102");

    engine.one.load(engine.nexus);
    engine.nexus.unit(1, engine.one).takeUnitAttention();
    background(across(8192, 0, 0));
    finish(2);
    byte[] protect = Cdbs.hex("00000000" + "0a0a" + "0210" + "08" + "0000" + "00ffff0000");
    engine.nexus.start(Lun.encode(1), Cdbs.hex("15 10 0000 10 00"), 0, protect);
    finish();
    assertThat(one.calls)
        .as("no more than what was handed over before")
        .containsExactly("write 0+1048576", "write 0+1048576", "flush", "write 1048576+1048576");
    assertThat(engine.execute(STATUS_LID4).hex()).startsWith("0000002e" + "0102");
  }

  @Test
  void aDestinationThatIsClosedEndsTheCopy() {
    background(across(8192, 0, 0));
    finish(2);

    engine.one.close();
    finish();

    assertThat(one.calls).hasSize(1);
    assertThat(engine.execute(STATUS_LID4).hex()).startsWith("0000002e" + "0102");
  }

  @Test
  void preemptAndAbortIsNotDoneBeforeTheCopiesOfThePreemptedHaveEnded() {
    TestNexus fence = engine.nexus("iqn.2026-11.org.example:fence,i,0x000000000001");
    reserve(engine.nexus, ReserveOut.REGISTER, 0, 0x11);
    reserve(fence, ReserveOut.REGISTER, 0, 0x22);
    finish();
    background(across(8192, 0, 0));
    finish(2);
    engine.nexus.close(); // its copy goes on

    TestTask preempt = reserve(fence, ReserveOut.PREEMPT_AND_ABORT, 0x22, 0x11);
    while (preempt.ended == 0) {
      executor.runNext();
      fence.drain();
    }
    List<String> until = List.copyOf(one.calls);
    finish();

    assertThat(preempt.status()).isEqualTo(Status.GOOD);
    assertThat(one.calls).isEqualTo(until);
    assertThat(one.calls.size()).as("buffers of four").isLessThan(4);
  }

  private TestTask reserve(TestNexus from, int action, long key, long actionKey) {
    byte[] list = ReserveOut.list(key, actionKey, 0);
    TestTask task = from.start(0, ReserveOut.cdb(action, 1, list.length), 0, list);
    from.drain();
    return task;
  }

  // ---- results

  @Test
  void theStatusOfACopyThatEnded() {
    engine.start(engine.list(across(3, 0, 0), across(5, 0, 0)));
    assertThat(engine.execute(STATUS_LID1).hex())
        .isEqualTo("00000008" + "00" + "0000" + "00" + "00000000");
    assertThat(engine.execute(STATUS_LID4).hex()).startsWith("0000001c" + "0011");
    assertThat(engine.execute(FAILURE_LID1).sense()).isEqualTo(Sense.invalidFieldInCdb(2));
    finish();

    assertThat(engine.execute(STATUS_LID1).hex())
        .isEqualTo("00000008" + "01" + "0002" + "00" + "00001000");
    assertThat(engine.execute(STATUS_LID4).hex()).startsWith("0000001c" + "0001");
    assertThat(engine.execute(FAILURE_LID1).hex()).isEqualTo("00000000");
  }

  @Test
  void resultsAreKeptUpToABoundAndTheOldestGoesFirst() {
    byte[] list = engine.list();
    for (int each = 0; each <= 64; each++) {
      list[0] = (byte) each;
      engine.copy(list);
    }

    assertThat(engine.execute("84 00 00 00000000000000 000000ff 00 00").sense())
        .isEqualTo(Sense.invalidFieldInCdb(2));
    assertThat(engine.execute("84 00 01 00000000000000 000000ff 00 00").status())
        .isEqualTo(Status.GOOD);
    assertThat(engine.execute("84 00 40 00000000000000 000000ff 00 00").status())
        .isEqualTo(Status.GOOD);
  }

  @Test
  void allocationLengthsCutTheAnswers() {
    engine.copy(engine.list());
    for (String cdb :
        List.of(
            "8400 07 00000000000000",
            "8403 0000000000000000",
            "8405 00000007 00000000",
            "8407 00000007 00000000",
            "8408 0000000000000000")) {
      assertThat(engine.execute(cdb + "00000000 00 00").data()).isEmpty();
      assertThat(engine.execute(cdb + "00000001 00 00").data()).hasSize(1);
    }
  }

  @Test
  void operatingParameters() {
    assertThat(engine.execute("84 03 0000000000000000 000000ff 00 00").hex())
        .isEqualTo(
            "0000002a" // AVAILABLE DATA
                + "01000000" // SNLID
                + "0010" // CSCD descriptors
                + "0100" // segment descriptors
                + "00001e00" // MAXIMUM DESCRIPTOR LIST LENGTH
                + "00".repeat(18)
                + "0010" // TOTAL CONCURRENT COPIES
                + "10"
                + "09" // DATA SEGMENT GRANULARITY
                + "0000000000"
                + "02"
                + "02e4");
  }

  @Test
  void theThirdPartyCopyPage() {
    String page = engine.execute(Cdbs.vpd(0x8f, 65_535), new byte[0]).hex();

    assertThat(page)
        .isEqualTo(
            "008f0174"
                + "00000020"
                + "000000000000"
                + "0040"
                + "00000e10"
                + "0000003c"
                + "0000000000080000"
                + "0000000000020000"
                + "00010010"
                + "0f"
                + "8305"
                + "000110111c"
                + "8406"
                + "000304050708"
                + "0004001c"
                + "00000000"
                + "0010"
                + "0100"
                + "00001e00"
                + "00".repeat(16)
                + "00080004"
                + "02"
                + "02e4"
                + "00"
                + "000c0004"
                + "0002"
                + "ffff"
                + "0106005c"
                + "00".repeat(20)
                + "00000e10"
                + "00".repeat(18)
                + "0030"
                + "0000002c"
                + "00000000"
                + "0000000010000000"
                + "00".repeat(32)
                + "01080084"
                + "0000"
                + "0080"
                + "00010000"
                + "03"
                + "00".repeat(59)
                + "ffff0001"
                + "02"
                + "00".repeat(59)
                + "80010020"
                + "00000010"
                + "00000010"
                + "00000000"
                + "09"
                + "00".repeat(19));
  }
}
