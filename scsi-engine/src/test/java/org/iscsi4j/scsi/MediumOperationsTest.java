package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;
import static org.iscsi4j.scsi.SanitizeTest.list;
import static org.iscsi4j.scsi.SanitizeTest.sanitize;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.StateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What outlives the command, the nexus and the server that began it. */
class MediumOperationsTest {

  private static final byte[] ERASE = sanitize(0x02, 0);
  private static final byte[] ERASE_IMMED = sanitize(0x82, 0);
  private static final byte[] FORMAT = hex("04 00 00 0000 00");
  private static final String STATE = "lu-123456789abcdef.medium-operation";

  private final StateStore store = StateStore.inMemory();
  private final SteppedExecutor executor = new SteppedExecutor();

  /** 128 MiB: four steps of deallocation. */
  private final TestDisk disk = TestDisk.thin(4L * Fill.DEALLOCATE_STEP / 512);

  private final LogicalUnit unit = LogicalUnit.of(disk);
  private final Engine engine = Engine.over(unit, new Devices(executor, store));

  @Test
  void aSanitizeOperationGoesOnBehindTheAnswer() {
    TestTask task = engine.start(ERASE_IMMED, new byte[0]);

    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(TEST_UNIT_READY).sense())
        .isEqualTo(Sense.SANITIZE_IN_PROGRESS.withProgress(0));
    steps(1 + 3);
    assertThat(engine.execute(hex("03 00 0000 12 00")).hex())
        .isEqualTo("700002000000000a00000000041b0080c000");
    steps(1);
    assertThat(engine.execute(TEST_UNIT_READY).sense())
        .as("all is passed over, and not yet struck out")
        .isEqualTo(Sense.SANITIZE_IN_PROGRESS.withProgress(0xffff));
    steps(1);
    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(executor.waiting()).isZero();
  }

  @Test
  void withoutImmedTheAnswerWaits() {
    TestTask task = engine.start(ERASE, new byte[0]);
    steps(5);
    assertThat(task.ended).isZero();

    steps(1);

    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(disk.calls).hasSize(4 + 1);
  }

  @Test
  void anAbortAResetAndTheLossOfTheNexusLeaveItRunning() {
    TestTask task = engine.start(ERASE, new byte[0]);
    steps(2);

    assertThat(task.abort()).as("it holds nothing").isTrue();
    engine.unit.reset(UnitAttention.BUS_DEVICE_RESET);
    engine.nexus.close();
    steps(4);

    assertThat(task.ended).isZero();
    assertThat(disk.calls).hasSize(4 + 1);
    assertThat(engine.unit.readiness()).isEqualTo(Sense.NONE);
  }

  @Test
  void waitsForTheWritesThatAreUnderWay() {
    TestTask write = engine.start(Cdbs.ten(0x2a, Cdbs.FUA, 0, 1), Cdbs.block(1));
    engine.unit.io().locks().take(new long[] {0, 512}, () -> {});

    engine.start(ERASE_IMMED, new byte[0]);

    assertThat(write.status()).isEqualTo(Status.GOOD);
    assertThat(executor.waiting()).as("somebody has the first block").isZero();
    assertThat(engine.execute(TEST_UNIT_READY).sense())
        .isEqualTo(Sense.SANITIZE_IN_PROGRESS.withProgress(0));
  }

  @Test
  void aWriteWhoseDataComesTooLateIsRefused() {
    TestTask write = TestTask.of(engine.nexus, 0, Cdbs.write10(0, 1), 0, new byte[0]);
    write.enter(engine.nexus.unit(0, engine.unit), writeRow());
    engine.start(ERASE_IMMED, new byte[0]);

    write.deliverDataOut(ByteBuffer.wrap(Cdbs.block(1)));

    assertThat(write.sense()).isEqualTo(Sense.SANITIZE_IN_PROGRESS.withProgress(0));
    assertThat(disk.calls).isEmpty();
  }

  private Command writeRow() {
    return engine.unit.table().find(0x2a, Command.NO_SERVICE_ACTION);
  }

  @Test
  void anExecutorThatRunsAtOnceDoesNotNestTheSteps() {
    TestDisk vast = TestDisk.thin(20_000L * Fill.DEALLOCATE_STEP / 512);

    assertThat(Engine.over(vast).execute(ERASE).status()).isEqualTo(Status.GOOD);
    assertThat(vast.calls).hasSize(20_000 + 1);
  }

  // ---- the end of the server

  @Test
  void closingEndsItBetweenTwoSteps() throws IOException {
    TestTask task = engine.start(ERASE, new byte[0]);
    steps(2);

    engine.unit.close();
    executor.runAll();
    engine.nexus.drain();

    assertThat(disk.calls).hasSize(1);
    assertThat(task.sense()).isEqualTo(Sense.NOT_READY_CAUSE_NOT_REPORTABLE);
    assertThat(store.load(STATE)).isPresent();
  }

  @Test
  void anUnfinishedSanitizeOperationBeginsAnewAfterARestart(@TempDir Path directory)
      throws IOException {
    StateStore onDisk = StateStore.inDirectory(directory);
    TestDisk small = TestDisk.thin(16);
    Engine first = Engine.over(LogicalUnit.of(small), new Devices(executor, onDisk));
    first.start(sanitize(0x81, 6), list(0x82, "abcd"));
    steps(2);
    first.unit.close();
    executor.runAll();
    assertThat(small.calls).as("one of two passes").containsExactly("write 0+8192", "flush");

    Engine second = Engine.over(LogicalUnit.of(small), new Devices(Runnable::run, onDisk));

    assertThat(second.unit.readiness()).isEqualTo(Sense.NONE);
    assertThat(small.calls).as("both passes again").hasSize(2 + 4);
    assertThat(HexFormat.of().formatHex(small.block(3))).isEqualTo("abcd".repeat(256));
    assertThat(onDisk.load(STATE)).isEmpty();
  }

  @Test
  void afterARestartOthersAreToldOfIt() {
    engine.start(ERASE_IMMED, new byte[0]);
    steps(2);

    Engine second = Engine.over(unit, new Devices(executor, store));

    assertThat(second.execute(TEST_UNIT_READY).sense())
        .isEqualTo(Sense.SANITIZE_IN_PROGRESS.withProgress(0));
  }

  @Test
  void aFailureSurvivesARestart() {
    disk.fault = new IOException("for the test");
    engine.start(sanitize(0xa2, 0), new byte[0]);
    steps(2);
    disk.calls.clear();

    Engine second = Engine.over(unit, new Devices(Runnable::run, store));

    assertThat(second.execute(TEST_UNIT_READY).sense()).isEqualTo(Sense.SANITIZE_COMMAND_FAILED);
    assertThat(disk.calls).isEmpty();
    assertThat(second.execute(sanitize(0x1f, 0)).status()).isEqualTo(Status.GOOD);
    assertThat(Engine.over(unit, new Devices(Runnable::run, store)).unit.readiness())
        .isEqualTo(Sense.NONE);
  }

  @Test
  void aRestrictedFailureStaysRestricted() {
    disk.fault = new IOException("for the test");
    engine.start(ERASE_IMMED, new byte[0]);
    steps(2);

    Engine second = Engine.over(unit, new Devices(Runnable::run, store));

    assertThat(second.execute(sanitize(0x1f, 0)).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 4));
  }

  @Test
  void anUnfinishedFormatIsCorruptAfterARestart() {
    engine.start(FORMAT, new byte[0]);
    steps(2);
    disk.calls.clear();

    Engine second = Engine.over(unit, new Devices(Runnable::run, store));

    assertThat(second.execute(Cdbs.read10(0, 1)).sense()).isEqualTo(Sense.MEDIUM_FORMAT_CORRUPTED);
    assertThat(disk.calls).isEmpty();
    assertThat(second.execute(FORMAT).status()).isEqualTo(Status.GOOD);
    assertThat(Engine.over(unit, new Devices(Runnable::run, store)).unit.readiness())
        .isEqualTo(Sense.NONE);
  }

  @Test
  void aUnitThatMayNotBeWrittenAnyMoreCanNotGoOn() {
    engine.start(ERASE_IMMED, new byte[0]);
    steps(2);
    disk.calls.clear();

    Engine locked =
        Engine.over(
            LogicalUnit.builder(disk).readOnly().build(), new Devices(Runnable::run, store));

    assertThat(locked.execute(TEST_UNIT_READY).sense()).isEqualTo(Sense.SANITIZE_COMMAND_FAILED);
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void whatCanNotBeReadCountsAsAFailureThatMayRest() throws IOException {
    store.save(STATE, new byte[] {7});

    Engine second = Engine.over(unit, new Devices(Runnable::run, store));

    assertThat(second.execute(TEST_UNIT_READY).sense()).isEqualTo(Sense.SANITIZE_COMMAND_FAILED);
    assertThat(second.execute(sanitize(0x1f, 0)).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void whatCanNotBeNotedIsNotBegun() {
    StateStore broken =
        new StateStore() {
          @Override
          public Optional<byte[]> load(String name) {
            return Optional.empty();
          }

          @Override
          public void save(String name, byte[] value) throws IOException {
            throw new IOException("for the test");
          }
        };
    Engine unsafe = Engine.over(unit, new Devices(Runnable::run, broken));

    assertThat(unsafe.execute(FORMAT).sense()).isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
    assertThat(unsafe.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(unsafe.execute(ERASE).sense()).isEqualTo(Sense.INTERNAL_TARGET_FAILURE);
    assertThat(unsafe.execute(TEST_UNIT_READY).sense()).isEqualTo(Sense.SANITIZE_COMMAND_FAILED);
    assertThat(disk.calls).isEmpty();
  }

  // ---- values

  @Test
  void aRequestSurvivesAsBytes() {
    MediumRequest overwrite = MediumRequest.overwrite(true, 31, true, hex("aabb"));

    assertThat(overwrite.toBytes(false)).isEqualTo(hex("01 02 03 1f aabb"));
    assertThat(MediumRequest.of(overwrite.toBytes(true)).toBytes(false))
        .isEqualTo(overwrite.toBytes(false));
    assertThat(MediumRequest.failed(overwrite.toBytes(true))).isTrue();
    assertThat(MediumRequest.failed(overwrite.toBytes(false))).isFalse();
    assertThat(MediumRequest.format(false, hex("")).toBytes(false)).isEqualTo(hex("01 00 00 01"));
    assertThat(MediumRequest.format(true, hex("cc")).toBytes(false))
        .isEqualTo(hex("01 01 00 01 cc"));
    assertThat(MediumRequest.erase(false).toBytes(true)).isEqualTo(hex("01 03 80 01"));
    for (String wrong :
        new String[] {"", "010000", "02000001", "01040001", "01ff0001", "01030000"}) {
      assertThatThrownBy(() -> MediumRequest.of(hex(wrong)))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void anOverwriteLeavesRoomForOthers() {
    assertThat(MediumOperation.due(0)).isZero();
    assertThat(MediumOperation.due(200L << 20)).isEqualTo(1_000_000_000L);
    MediumOperation erase = new MediumOperation(engine.unit, MediumRequest.erase(false), true);
    assertThat(erase.untilNextStep(System.nanoTime())).isZero();
  }

  private void steps(int count) {
    for (int step = 0; step < count; step++) {
      executor.runNext();
      engine.nexus.drain();
    }
  }
}
