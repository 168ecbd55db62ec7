package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;
import static org.iscsi4j.scsi.TapeEngine.LOAD;
import static org.iscsi4j.scsi.TapeEngine.REWIND;
import static org.iscsi4j.scsi.TapeEngine.UNLOAD;
import static org.iscsi4j.scsi.TapeEngine.bytes;
import static org.iscsi4j.scsi.TapeEngine.erase;
import static org.iscsi4j.scsi.TapeEngine.filemarks;
import static org.iscsi4j.scsi.TapeEngine.read;
import static org.iscsi4j.scsi.TapeEngine.write;

import java.util.List;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Drive;
import org.iscsi4j.api.Geometry;
import org.junit.jupiter.api.Test;

/** The medium that comes and goes, and commands that come at once. */
class TapeDriveTest {

  private static final byte[] PREVENT = hex("1e 0000 00 01 00");

  private final TestDisk disk = TestDisk.ofBlocks(8192);
  private final TapeEngine tape = new TapeEngine(disk);

  // ---- loading

  @Test
  void unloadingMakesDurableAndLoadingComesBackToTheBeginning() {
    tape.record(1, 300);
    tape.record(2, 300);
    disk.calls.clear();
    tape.good(UNLOAD);
    assertThat(disk.calls).startsWith("flush");

    for (byte[] cdb : List.of(TEST_UNIT_READY, read(0, 300), REWIND, TapeEngine.readPosition(0))) {
      assertThat(tape.execute(cdb).sense()).isEqualTo(Sense.MEDIUM_NOT_PRESENT);
    }
    tape.good(UNLOAD);
    tape.good(LOAD);
    tape.good(TEST_UNIT_READY);
    assertThat(tape.position()).isZero();
    assertThat(tape.good(read(0, 300)).data()).isEqualTo(bytes(1, 300));
  }

  @Test
  void loadingALoadedTapeRewindsIt() {
    tape.record(1, 300);
    tape.good(LOAD);

    assertThat(tape.position()).isZero();
  }

  @Test
  void aLockedTapeStaysIn() {
    tape.good(PREVENT);

    assertThat(tape.execute(UNLOAD).sense()).isEqualTo(Sense.MEDIUM_REMOVAL_PREVENTED);
    tape.good(TEST_UNIT_READY);
  }

  @Test
  void anEmptyDriveIsNotReadyUntilATapeIsInserted() throws Exception {
    Drive drive = Drive.empty(512);
    TapeEngine empty = new TapeEngine(drive);
    assertThat(empty.execute(TEST_UNIT_READY).sense()).isEqualTo(Sense.MEDIUM_NOT_PRESENT);
    assertThat(empty.execute(LOAD).sense()).isEqualTo(Sense.MEDIUM_NOT_PRESENT);

    drive.insert(TestDisk.ofBlocks(8192));
    empty.good(LOAD);
    empty.execute(TEST_UNIT_READY); // the capacity has changed
    empty.record(1, 300);
    empty.engine.unit.eject(true);
    drive.remove();
    drive.insert(TestDisk.ofBlocks(8192));
    empty.engine.unit.load();

    assertThat(empty.execute(TEST_UNIT_READY).sense().key()).isEqualTo(SenseKey.UNIT_ATTENTION);
    while (empty.execute(TEST_UNIT_READY).sense().key() == SenseKey.UNIT_ATTENTION) {}
    assertThat(empty.execute(read(0, 300)).sense())
        .isEqualTo(Sense.END_OF_DATA_DETECTED.withInformation(300));
  }

  // ---- what is no tape

  @Test
  void whatIsNoTapeIsNeitherReadNorWrittenUntilItIsErased() {
    disk.fill(64, 1, 7);
    tape.good(TEST_UNIT_READY);
    tape.good(LOAD);
    for (byte[] cdb :
        List.of(read(0, 300), write(0, 300), filemarks(1), REWIND, TapeEngine.readPosition(6))) {
      assertThat(tape.execute(cdb, bytes(1, 300)).sense()).isEqualTo(Sense.INCOMPATIBLE_MEDIUM);
    }
    assertThat(disk.calls).isEmpty();

    tape.good(erase(0));
    tape.record(1, 300);
    tape.good(REWIND);
    assertThat(tape.good(read(0, 300)).data()).isEqualTo(bytes(1, 300));
  }

  @Test
  void erasingForgetsWhatIsBehindThePosition() {
    for (int flags : new int[] {0, 1, 3}) {
      tape.good(REWIND);
      tape.record(1, 300);
      tape.record(2, 300);
      tape.good(TapeEngine.locate(1));
      tape.good(erase(flags));

      assertThat(tape.position()).isEqualTo(1);
      assertThat(tape.execute(read(0, 300)).sense().key()).isEqualTo(SenseKey.BLANK_CHECK);
    }
    assertThat(disk.offences).isEmpty();
  }

  @Test
  void aLongEraseOfASlowDeviceGoesStepByStep() {
    SteppedExecutor executor = new SteppedExecutor();
    TestDisk slow = new TestDisk(Geometry.of(512, 400_000), Capabilities.DEFAULT);
    slow.fill(1, 1, 5);
    TapeEngine stepped = new TapeEngine(slow, executor);
    TestTask task = stepped.engine.start(erase(1), new byte[0]);

    int steps = 0;
    while (task.ended == 0) {
      executor.runNext();
      stepped.engine.nexus.drain();
      steps++;
    }

    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(steps).isGreaterThan(7);
    assertThat(slow.block(1)).isEqualTo(bytes(0, 512));
  }

  // ---- durability

  @Test
  void filemarksMakeDurableUnlessTheyAreImmediate() {
    tape.record(1, 300);
    disk.calls.clear();
    tape.good(hex("10 01 000001 00"));
    assertThat(disk.calls).doesNotContain("flush");

    tape.good(filemarks(0));
    assertThat(disk.calls).contains("flush");
    assertThat(tape.position()).isEqualTo(2);
  }

  @Test
  void withoutBufferingEveryWriteIsDurable() {
    tape.record(1, 300);
    assertThat(tape.execute(hex("15 10 0000 04 00"), hex("00000000")).status())
        .isEqualTo(Status.GOOD);
    disk.calls.clear();
    tape.record(2, 300);

    assertThat(disk.calls).endsWith("flush");
  }

  // ---- several commands at once

  @Test
  void commandsOfAllInitiatorsAreDoneInTheirOrder() {
    TestNexus other = tape.engine.nexus("other");
    TestTask first = TestTask.of(tape.engine.nexus, 0, write(0, 300), 0, bytes(1, 300));
    first.late = true;
    tape.engine.router.execute(first);
    TestTask second = other.start(0, write(0, 300), 0, bytes(2, 300));
    TestTask third = other.start(0, REWIND, 0, new byte[0]);
    assertThat(second.ended).isZero();

    first.give();
    other.drain();

    assertThat(List.of(first.ended, second.ended, third.ended)).containsExactly(1, 1, 1);
    assertThat(tape.good(read(0, 300)).data()).isEqualTo(bytes(1, 300));
    assertThat(tape.good(read(0, 300)).data()).isEqualTo(bytes(2, 300));
  }

  @Test
  void anAbortedCommandLetsTheNextOneGoOnWhenTheDeviceLetsGo() {
    SteppedExecutor executor = new SteppedExecutor();
    TapeEngine slow =
        new TapeEngine(new TestDisk(Geometry.of(512, 8192), Capabilities.DEFAULT), executor);
    TestTask first = slow.engine.start(write(0, 300), bytes(1, 300));
    TestTask second = slow.engine.start(write(0, 300), bytes(2, 300));
    assertThat(executor.waiting()).isEqualTo(1);
    assertThat(first.abort()).isTrue(); // before its call began
    slow.engine.nexus.drain();

    executor.runAll();
    slow.engine.nexus.drain();
    executor.runAll();
    slow.engine.nexus.drain();

    assertThat(second.status()).isEqualTo(Status.GOOD);
    TestTask position = slow.engine.start(TapeEngine.readPosition(6), new byte[0]);
    executor.runAll();
    slow.engine.nexus.drain();
    assertThat(position.received()[15]).isEqualTo((byte) 1);
  }

  @Test
  void noCallIsMadeInPlaceUnlessTheDeviceNeverBlocks() {
    SteppedExecutor executor = new SteppedExecutor();
    TestDisk slow = new TestDisk(Geometry.of(512, 8192), Capabilities.DEFAULT);
    Thread test = Thread.currentThread();
    slow.onCall = () -> assertThat(executor.waiting()).as("on %s", test).isZero();
    TapeEngine stepped = new TapeEngine(slow, executor);
    for (byte[] cdb :
        List.of(
            read(0, 10), write(0, 10), filemarks(1), REWIND, TapeEngine.space(1, 1), erase(0))) {
      TestTask task = stepped.engine.start(cdb, bytes(1, 10));
      assertThat(task.ended).isZero();
      assertThat(executor.waiting()).isEqualTo(1);
      executor.runAll();
      stepped.engine.nexus.drain();
      assertThat(task.ended).isEqualTo(1);
    }
  }

  @Test
  void aResetRewindsAndForgetsWhatWasSelected() {
    tape.blockLength(512);
    tape.record(1, 300);
    tape.engine.unit.reset(UnitAttention.BUS_DEVICE_RESET);
    tape.execute(TEST_UNIT_READY);

    assertThat(tape.position()).isZero();
    assertThat(tape.good(hex("1a 00 00 00 0c 00")).hex())
        .isEqualTo("0b001008" + "4100000000000000");
  }

  @Test
  void aReservationKeepsOthersFromTheTape() {
    TestNexus other = tape.engine.nexus("other");
    tape.record(1, 300);
    tape.good(hex("16 00 000000 00"));

    for (byte[] cdb : List.of(read(0, 300), REWIND, LOAD, TapeEngine.readPosition(0), UNLOAD)) {
      assertThat(tape.engine.execute(other, cdb).status()).isEqualTo(Status.RESERVATION_CONFLICT);
    }
    assertThat(tape.position()).isEqualTo(1);
  }
}
