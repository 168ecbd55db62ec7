package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;
import static org.iscsi4j.scsi.ReserveOut.ALL_TG_PT;
import static org.iscsi4j.scsi.ReserveOut.APTPL;
import static org.iscsi4j.scsi.ReserveOut.CLEAR;
import static org.iscsi4j.scsi.ReserveOut.PREEMPT;
import static org.iscsi4j.scsi.ReserveOut.PREEMPT_AND_ABORT;
import static org.iscsi4j.scsi.ReserveOut.REGISTER;
import static org.iscsi4j.scsi.ReserveOut.REGISTER_AND_IGNORE;
import static org.iscsi4j.scsi.ReserveOut.REGISTER_AND_MOVE;
import static org.iscsi4j.scsi.ReserveOut.RELEASE;
import static org.iscsi4j.scsi.ReserveOut.RESERVE;
import static org.iscsi4j.scsi.ReserveOut.SPEC_I_PT;
import static org.iscsi4j.scsi.ReserveOut.UNREG;
import static org.iscsi4j.scsi.ReserveOut.list;
import static org.iscsi4j.scsi.ReserveOut.move;
import static org.iscsi4j.scsi.ReserveOut.transportId;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.StateStore;
import org.iscsi4j.api.monitor.ReservationType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PERSISTENT RESERVE IN and OUT between three initiators; {@code one} mostly holds. */
class PersistentReserveTest {

  private static final Sense PREEMPTED = attention(0x03);
  private static final Sense RELEASED = attention(0x04);
  private static final Sense REGISTRATION_LOST = attention(0x05);
  private static final Sense LENGTH_ERROR = Sense.PARAMETER_LIST_LENGTH_ERROR;

  private static final int WRITE_EXCLUSIVE = 1;
  private static final int EXCLUSIVE_ACCESS = 3;
  private static final int WRITE_EXCLUSIVE_RO = 5;
  private static final int EXCLUSIVE_ACCESS_AR = 8;

  private static final String PORT_1 = "iqn.2026-11.org.example:one,i,0x000000000001";
  private static final String PORT_2 = "iqn.2026-11.org.example:two,i,0x00023d000002";
  private static final String PORT_3 = "iqn.2026-11.org.example:two,i,0x00023d000003";
  private static final TargetPort SECOND = TargetPort.of(TestNexus.PORT.deviceName(), 2, 2);

  private final Store store = new Store();
  private final TestDisk disk = TestDisk.thin(64);
  private Engine engine = engine();
  private TestNexus one = engine.nexus(PORT_1);
  private TestNexus two = engine.nexus(PORT_2);
  private TestNexus three = engine.nexus(PORT_3);

  /** A store that can be made to fail. */
  private static final class Store implements StateStore {
    private final StateStore kept = StateStore.inMemory();
    private boolean broken;
    private Runnable onSave = () -> {};

    @Override
    public Optional<byte[]> load(String name) throws IOException {
      return kept.load(name);
    }

    @Override
    public void save(String name, byte[] value) throws IOException {
      onSave.run();
      if (broken) {
        throw new IOException("for the test");
      }
      kept.save(name, value);
    }
  }

  private Engine engine() {
    return engine(Runnable::run);
  }

  private Engine engine(Executor executor) {
    TargetPortGroups groups = new TargetPortGroups(List.of(1, 2), (state, tag) -> {});
    return Engine.over(LogicalUnit.of(disk), new Devices(executor, store, groups));
  }

  private static Sense attention(int ascq) {
    return Sense.of(SenseKey.UNIT_ATTENTION, 0x2a, ascq);
  }

  // ---- what can be read

  @Test
  void aFreshUnitHasNothingToTell() {
    assertThat(in(0)).isEqualTo("0000000000000000");
    assertThat(in(1)).isEqualTo("0000000000000000");
    assertThat(in(3)).isEqualTo("0000000000000000");
  }

  @Test
  void capabilitiesAreToldWithWhetherTheyLast() {
    assertThat(in(2)).isEqualTo("00081d90ea010000");
    good(one, REGISTER, 0, list(0, 1, APTPL));
    assertThat(in(2)).isEqualTo("00081d91ea010000");
  }

  @Test
  void keysAreToldInTheOrderOfRegistration() {
    register(one, 0x0102030405060708L);
    register(two, 0x22);

    assertThat(in(0)).isEqualTo("0000000200000010" + "0102030405060708" + "0000000000000022");
    assertThat(engine.execute(hex("5e 00 0000000000 000c 00")).hex())
        .isEqualTo("0000000200000010" + "01020304");
    assertThat(engine.execute(hex("5e 00 0000000000 0000 00")).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void theReservationIsToldWithItsHoldersKey() {
    register(one, 0x11);
    good(one, RESERVE, WRITE_EXCLUSIVE_RO, list(0x11, 0, 0));

    assertThat(in(1))
        .isEqualTo("0000000100000010" + "0000000000000011" + "00000000" + "00" + "05" + "0000");
  }

  @Test
  void ofAllRegistrantsNoKeyIsTold() {
    register(one, 0x11);
    good(one, RESERVE, EXCLUSIVE_ACCESS_AR, list(0x11, 0, 0));

    assertThat(in(1)).isEqualTo("0000000100000010" + "0000000000000000" + "000000000008" + "0000");
  }

  @Test
  void fullStatusNamesEveryNexus() {
    register(one, 0x11);
    TestNexus there = engine.nexus(PORT_2, SECOND);
    register(there, 0x22);
    good(one, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));

    String name1 = HexFormat.of().formatHex(PORT_1.getBytes(StandardCharsets.UTF_8));
    assertThat(in(3))
        .isEqualTo(
            "00000002"
                + "00000098"
                + ("0000000000000011" + "00000000" + "01" + "03" + "00000000" + "0001" + "00000034")
                + ("45000030" + name1 + "00000000")
                + ("0000000000000022" + "00000000" + "00" + "00" + "00000000" + "0002" + "00000034")
                + ("45000030"
                    + HexFormat.of().formatHex(PORT_2.getBytes(StandardCharsets.UTF_8))
                    + "00000000"));
  }

  @Test
  void ofAllRegistrantsEachIsAHolder() {
    register(one, 0x11);
    register(two, 0x22);
    good(one, RESERVE, EXCLUSIVE_ACCESS_AR, list(0x11, 0, 0));

    byte[] status = engine.execute(hex("5e 03 0000000000 1000 00")).data();
    assertThat(status[8 + 12]).isEqualTo((byte) 1);
    assertThat(status[8 + 76 + 12]).isEqualTo((byte) 1);
    assertThat(status[8 + 76 + 13]).isEqualTo((byte) 8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x04, 0x1f})
  void otherServiceActionsAreRefused(int action) {
    assertThat(engine.execute(hex(String.format("5e %02x 0000000000 0100 00", action))).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 4));
    int out = Math.max(action, 0x08); // 08h is REPLACE LOST RESERVATION
    assertThat(run(one, out, 0, list(0, 0, 0)).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 4));
  }

  // ---- registrations

  @Test
  void registeringNeedsTheKeyThatOneHas() {
    conflict(one, REGISTER, 0, list(0x99, 0x11, 0));
    register(one, 0x11);
    conflict(one, REGISTER, 0, list(0, 0x12, 0));
    good(one, REGISTER, 0, list(0x11, 0x12, 0));
    assertThat(keys()).containsExactly(0x12L);
    conflict(one, REGISTER, 0, list(0x11, 0, 0));
    good(one, REGISTER, 0, list(0x12, 0, 0));
    assertThat(keys()).isEmpty();
    assertThat(generation()).isEqualTo(3);
  }

  @Test
  void registeringNoKeyWithoutHavingOneDoesNothing() {
    good(one, REGISTER, 0, list(0, 0, APTPL));
    good(one, REGISTER_AND_IGNORE, 0, list(0x77, 0, APTPL));

    assertThat(keys()).isEmpty();
    assertThat(generation()).isZero();
    assertThat(in(2)).startsWith("00081d90");
  }

  @Test
  void theExistingKeyCanBeIgnored() {
    good(one, REGISTER_AND_IGNORE, 0, list(0x99, 0x11, 0));
    good(one, REGISTER_AND_IGNORE, 0, list(0x98, 0x12, 0));
    assertThat(keys()).containsExactly(0x12L);
    good(one, REGISTER_AND_IGNORE, 0, list(0x97, 0, 0));
    assertThat(keys()).isEmpty();
  }

  @Test
  void aNewKeyLeavesTheReservationAlone() {
    register(one, 0x11);
    good(one, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));
    good(one, REGISTER, 0, list(0x11, 0x12, 0));

    assertThat(in(1)).startsWith("0000000200000010" + "0000000000000012");
  }

  @Test
  void aRegistrationOutlivesItsSessionAndAReset() {
    register(one, 0x11);
    good(one, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));
    one.close();
    engine.unit.reset(UnitAttention.BUS_DEVICE_RESET);
    TestNexus back = new TestNexus(PORT_1, engine.router);
    back.unit(0, engine.unit).takeUnitAttention();
    two.unit(0, engine.unit).takeUnitAttention();

    assertThat(engine.execute(back, Cdbs.read10(0, 1)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(two, Cdbs.read10(0, 1)).status())
        .isEqualTo(Status.RESERVATION_CONFLICT);
    // another port is another nexus
    TestNexus elsewhere = engine.nexus(PORT_1, SECOND);
    assertThat(engine.execute(elsewhere, Cdbs.read10(0, 1)).status())
        .isEqualTo(Status.RESERVATION_CONFLICT);
  }

  @Test
  void aUnitHasRoomForSoManyRegistrations() {
    for (int part = 0; part < 4; part++) {
      int from = part * 255;
      byte[][] ids =
          IntStream.range(from, from + 255)
              .mapToObj(i -> transportId("iqn.2026-11.x:y,i,0x" + Integer.toHexString(i + 1)))
              .toArray(byte[][]::new);
      good(one, REGISTER, 0, list(0, 1, 0, ids));
      good(one, REGISTER, 0, list(1, 0, 0));
    }
    register(one, 1);
    register(two, 2);
    register(three, 3);
    register(engine.nexus(PORT_1, SECOND), 4);
    assertThat(keys()).hasSize(1024);

    assertThat(run(engine.nexus(PORT_2, SECOND), REGISTER, 0, list(0, 5, 0)).sense())
        .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x55, 0x04));
    assertThat(keys()).hasSize(1024);
  }

  // ---- the parameter list

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 23, 25, 28, 0x1_0001L, 0xffff_ffffL})
  void aListOfTheWrongLengthIsRefused(long length) {
    byte[] data = new byte[(int) Math.min(length, 70_000)];
    for (int action = REGISTER; action <= REGISTER_AND_MOVE; action++) {
      ScsiResult result = engine.execute(one, ReserveOut.cdb(action, 1, length), 0, data);
      boolean moves = action == REGISTER_AND_MOVE && length >= 24 && length < 0x1_0001L;
      if (!moves) {
        assertThat(result.sense()).as("action %d", action).isEqualTo(LENGTH_ERROR);
      } else {
        assertThat(result.status()).isEqualTo(Status.CHECK_CONDITION);
      }
    }
  }

  @Test
  void aListThatDoesNotComeWholeIsRefused() {
    byte[] half = Arrays.copyOf(list(0, 0x11, 0), 23);

    assertThat(engine.execute(one, ReserveOut.cdb(REGISTER, 0, 24), 0, half).sense())
        .isEqualTo(LENGTH_ERROR);
    assertThat(keys()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT, REGISTER_AND_IGNORE})
  void onlyRegisterTakesInitiatorPorts(int action) {
    register(one, 0x11);

    assertThat(run(one, action, 1, list(0x11, 0x11, SPEC_I_PT)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(20));
  }

  // ---- reserve and release

  @ParameterizedTest
  @ValueSource(ints = {RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT})
  void whoIsNotRegisteredOrHasAnotherKeyConflicts(int action) {
    conflict(one, action, 1, list(0, 0x22, 0));
    register(one, 0x11);
    register(two, 0x22);
    conflict(one, action, 1, list(0x22, 0x22, 0));
    conflict(three, action, 1, list(0x22, 0x22, 0));

    assertThat(keys()).containsExactly(0x11L, 0x22L);
    assertThat(generation()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"0x00, 3", "0x02, 3", "0x04, 3", "0x09, 3", "0x0f, 3", "0x11, 7", "0x21, 7"})
  void otherTypesAndScopesAreRefused(String scopeAndType, int bit) {
    register(one, 0x11);

    assertThat(run(one, RESERVE, Integer.decode(scopeAndType), list(0x11, 0, 0)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(2, bit));
  }

  @ParameterizedTest
  @EnumSource
  void aReservationExcludesEveryOther(ReservationType type) {
    register(one, 0x11);
    register(two, 0x22);
    good(one, RESERVE, type.code(), list(0x11, 0, 0));
    good(one, RESERVE, type.code(), list(0x11, 0, 0));

    for (ReservationType other : ReservationType.values()) {
      if (other != type) {
        conflict(one, RESERVE, other.code(), list(0x11, 0, 0));
      }
      boolean holdsToo = type.heldByAll() && other == type;
      assertThat(run(two, RESERVE, other.code(), list(0x22, 0, 0)).status())
          .isEqualTo(holdsToo ? Status.GOOD : Status.RESERVATION_CONFLICT);
    }
    assertThat(generation()).as("RESERVE does not count").isEqualTo(2);
    untouched(two, three);
  }

  @ParameterizedTest
  @EnumSource
  void releaseIsToldToOtherRegistrantsIfItWasTheirsToo(ReservationType type) {
    register(one, 0x11);
    register(two, 0x22);
    good(one, RESERVE, type.code(), list(0x11, 0, 0));
    good(one, RELEASE, type.code(), list(0x11, 0, 0));

    assertThat(in(1)).isEqualTo("0000000200000000");
    if (type.code() >= 5) {
      told(two, RELEASED);
    }
    untouched(one, two, three);
  }

  @Test
  void whoDoesNotHoldReleasesNothing() {
    register(one, 0x11);
    register(two, 0x22);
    good(one, RELEASE, WRITE_EXCLUSIVE, list(0x11, 0, 0));
    good(one, RESERVE, WRITE_EXCLUSIVE, list(0x11, 0, 0));
    good(two, RELEASE, WRITE_EXCLUSIVE, list(0x22, 0, 0));

    assertThat(in(1)).startsWith("0000000200000010");
  }

  @Test
  void theHolderReleasesWhatItHoldsAndNothingElse() {
    register(one, 0x11);
    good(one, RESERVE, WRITE_EXCLUSIVE, list(0x11, 0, 0));

    for (int scopeAndType : new int[] {0x03, 0x00, 0x11}) {
      assertThat(run(one, RELEASE, scopeAndType, list(0x11, 0, 0)).sense())
          .isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x26, 0x04));
    }
    assertThat(in(1)).startsWith("0000000100000010");
  }

  @ParameterizedTest
  @EnumSource
  void theReservationEndsWithTheLastRegistrationThatHoldsIt(ReservationType type) {
    register(one, 0x11);
    register(two, 0x22);
    good(one, RESERVE, type.code(), list(0x11, 0, 0));
    good(one, REGISTER, 0, list(0x11, 0, 0));

    if (type.heldByAll()) {
      assertThat(in(1)).startsWith("0000000300000010");
      untouched(two);
      good(two, REGISTER, 0, list(0x22, 0, 0));
    } else if (type.admitsRegistrants()) {
      told(two, RELEASED);
    }
    assertThat(in(1)).endsWith("00000000").hasSize(16);
    untouched(one, two, three);
  }

  // ---- clear and preempt

  @Test
  void clearRemovesEverythingAndTellsTheOthers() {
    register(one, 0x11);
    register(two, 0x22);
    good(one, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));
    good(two, CLEAR, 0xff, list(0x22, 0, 0));

    assertThat(in(0)).isEqualTo("0000000300000000");
    assertThat(in(1)).isEqualTo("0000000300000000");
    told(one, PREEMPTED);
    untouched(one, two, three);
  }

  @Test
  void preemptingTheHolderTakesTheReservationOver() {
    register(one, 0x11);
    register(two, 0x22);
    register(three, 0x33);
    good(one, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));
    good(two, PREEMPT, EXCLUSIVE_ACCESS, list(0x22, 0x11, 0));

    assertThat(keys()).containsExactly(0x22L, 0x33L);
    assertThat(in(1)).startsWith("0000000400000010" + "0000000000000022" + "000000000003");
    told(one, REGISTRATION_LOST);
    untouched(one, two, three);
  }

  @Test
  void aTypeThatChangesIsToldToWhoStaysRegistered() {
    register(one, 0x11);
    register(two, 0x22);
    register(three, 0x33);
    good(one, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));
    good(two, PREEMPT, WRITE_EXCLUSIVE, list(0x22, 0x11, 0));

    told(one, REGISTRATION_LOST);
    told(three, RELEASED);
    untouched(one, two, three);
  }

  @Test
  void theHolderPreemptsItselfToChangeTheType() {
    register(one, 0x11);
    register(two, 0x11);
    register(three, 0x33);
    good(one, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));
    good(one, PREEMPT, WRITE_EXCLUSIVE_RO, list(0x11, 0x11, 0));

    assertThat(keys()).containsExactly(0x11L, 0x33L);
    assertThat(in(1)).contains("0000000000000011" + "000000000005");
    told(two, REGISTRATION_LOST);
    told(three, RELEASED);
    untouched(one, two);
  }

  @Test
  void preemptingOtherKeysRemovesRegistrationsAlone() {
    register(one, 0x11);
    register(two, 0x22);
    register(three, 0x22);
    good(one, RESERVE, WRITE_EXCLUSIVE_RO, list(0x11, 0, 0));
    // SCOPE and TYPE don't count
    good(one, PREEMPT, 0xff, list(0x11, 0x22, 0));

    assertThat(keys()).containsExactly(0x11L);
    assertThat(in(1)).contains("0000000000000011" + "000000000005");
    told(two, REGISTRATION_LOST);
    told(three, REGISTRATION_LOST);
    untouched(one);
  }

  @Test
  void preemptingRemovesRegistrationsWithoutAReservationToo() {
    register(one, 0x11);
    register(two, 0x22);
    good(two, PREEMPT, WRITE_EXCLUSIVE, list(0x22, 0x11, 0));

    assertThat(keys()).containsExactly(0x22L);
    assertThat(in(1)).isEqualTo("0000000300000000");
    told(one, REGISTRATION_LOST);
  }

  @Test
  void keyZeroPreemptsAllRegistrantsAndNobodyElse() {
    register(one, 0x11);
    register(two, 0x22);
    register(three, 0x33);
    assertThat(run(one, PREEMPT, 1, list(0x11, 0, 0)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(8));
    good(one, RESERVE, WRITE_EXCLUSIVE, list(0x11, 0, 0));
    assertThat(run(two, PREEMPT, 1, list(0x22, 0, 0)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(8));
    good(one, RELEASE, WRITE_EXCLUSIVE, list(0x11, 0, 0));
    good(one, RESERVE, EXCLUSIVE_ACCESS_AR, list(0x11, 0, 0));
    good(two, PREEMPT, EXCLUSIVE_ACCESS, list(0x22, 0, 0));

    assertThat(keys()).containsExactly(0x22L);
    assertThat(in(1)).contains("0000000000000022" + "000000000003");
    told(one, REGISTRATION_LOST);
    told(three, REGISTRATION_LOST);
    untouched(two);
  }

  @Test
  void aKeyPreemptsOneOfAllRegistrantsWithoutTheReservation() {
    register(one, 0x11);
    register(two, 0x22);
    good(one, RESERVE, EXCLUSIVE_ACCESS_AR, list(0x11, 0, 0));
    good(two, PREEMPT, EXCLUSIVE_ACCESS, list(0x22, 0x11, 0));

    assertThat(in(1)).contains("0000000000000000" + "000000000008");
    told(one, REGISTRATION_LOST);
    // the last one may even remove itself, and the reservation with it
    good(two, PREEMPT, EXCLUSIVE_ACCESS, list(0x22, 0x22, 0));
    assertThat(in(1)).isEqualTo("0000000400000000");
    untouched(two);
  }

  @Test
  void aKeyThatNobodyHasConflicts() {
    register(one, 0x11);
    conflict(one, PREEMPT, WRITE_EXCLUSIVE, list(0x11, 0x77, 0));
    assertThat(generation()).isEqualTo(1);
  }

  @Test
  void takingOverNeedsATypeThatThereIs() {
    register(one, 0x11);
    register(two, 0x22);
    good(one, RESERVE, WRITE_EXCLUSIVE, list(0x11, 0, 0));

    assertThat(run(two, PREEMPT, 0, list(0x22, 0x11, 0)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(2, 3));
    assertThat(keys()).containsExactly(0x11L, 0x22L);
  }

  @Test
  void preemptAndAbortEndsTheTasksOfThePreempted() {
    register(one, 0x11);
    register(two, 0x22);
    register(three, 0x33);
    good(one, RESERVE, WRITE_EXCLUSIVE, list(0x11, 0, 0));
    one.hanging = true;
    byte[] list = list(0x22, 0x11, 0);
    TestTask task =
        two.start(0, ReserveOut.cdb(PREEMPT_AND_ABORT, WRITE_EXCLUSIVE, list.length), 0, list);
    two.drain();
    assertThat(task.ended).as("one has not been asked").isZero();
    one.drain();
    two.drain();
    assertThat(task.ended).as("one has tasks in the device").isZero();

    // others are not held up
    good(three, REGISTER, 0, list(0x33, 0x34, 0));
    one.whenSettled.run();
    two.drain();
    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(one.aborted).containsExactly(engine.unit);
    assertThat(two.aborted).isEmpty();
    assertThat(three.aborted).isEmpty();
    told(one, REGISTRATION_LOST);
    untouched(one, two, three);
  }

  @Test
  void anAbortedPreemptAndAbortWaitsForNobody() {
    register(one, 0x11);
    register(two, 0x22);
    one.hanging = true;
    byte[] list = list(0x22, 0x11, 0);
    TestTask task = two.start(0, ReserveOut.cdb(PREEMPT_AND_ABORT, 1, list.length), 0, list);
    one.drain();
    assertThat(task.abort()).isTrue();
    one.whenSettled.run();
    two.drain();

    assertThat(task.ended).isZero();
    assertThat(task.released).isZero();
  }

  @Test
  void preemptAndAbortWithNobodyHereIsDoneAtOnce() {
    register(one, 0x11);
    register(two, 0x22);
    one.close();

    good(two, PREEMPT_AND_ABORT, 1, list(0x22, 0x11, 0));
    assertThat(keys()).containsExactly(0x22L);
  }

  @Test
  void preemptAndAbortEndsTheAcaOfThePreempted() {
    register(one, 0x11);
    register(two, 0x22);
    engine.execute(one, hex("28 00 ffffffff 00 0001 04")); // NACA
    assertThat(engine.unit.allegiance().of(one.unit(0, engine.unit))).isTrue();
    byte[] list = list(0x22, 0x11, 0);
    TestTask task = two.start(0, ReserveOut.cdb(PREEMPT_AND_ABORT, 1, list.length), 0, list);
    one.drain();
    two.drain();

    assertThat(task.status()).isEqualTo(Status.GOOD);
    assertThat(engine.unit.allegiance().none()).isTrue();
  }

  // ---- several ports

  @Test
  void otherInitiatorsAreRegisteredByTheirNames() {
    good(
        one,
        REGISTER,
        0,
        list(
            0,
            0x11,
            0,
            transportId(PORT_2),
            transportId("iqn.2026-11.ORG.example:later,i,0xAB"),
            transportId(PORT_1)));

    assertThat(keys()).containsExactly(0x11L, 0x11L, 0x11L);
    assertThat(generation()).isEqualTo(1);
    conflict(three, RESERVE, WRITE_EXCLUSIVE, list(0x11, 0, 0));
    TestNexus later = engine.nexus("iqn.2026-11.org.example:later,i,0x0000000000ab");
    good(later, RESERVE, WRITE_EXCLUSIVE, list(0x11, 0, 0));
  }

  @Test
  void anInitiatorDeviceStandsForItsPorts() {
    good(one, REGISTER, 0, list(0, 0x11, 0, transportId("iqn.2026-11.org.example:two")));

    assertThat(keys()).hasSize(3);
    good(two, RESERVE, WRITE_EXCLUSIVE_RO, list(0x11, 0, 0));
    good(three, REGISTER, 0, list(0x11, 0, 0));
  }

  @Test
  void initiatorPortsAreForAFirstRegistrationOfAll() {
    register(two, 0x22);
    assertThat(run(one, REGISTER, 0, list(0, 0x11, 0, transportId(PORT_2))).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(28));
    conflict(one, REGISTER, 0, list(0x99, 0x11, 0, transportId(PORT_3)));
    good(one, REGISTER, 0, list(0, 0, 0, transportId(PORT_3)));
    assertThat(keys()).containsExactly(0x22L);
    assertThat(run(two, REGISTER, 0, list(0x22, 0x23, 0, transportId(PORT_3))).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(20));
    assertThat(keys()).containsExactly(0x22L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "40000014", // Fibre Channel
        "85000014", // TPID FORMAT 10b
        "45000010", // shorter than 20 bytes
        "45000016", // no multiple of 4
      })
  void badTransportIdsAreRefused(String header) {
    byte[] id = Arrays.copyOf(transportId("iqn.2026-11.x:y,i,0x1"), 28);
    ByteBuffer.wrap(id).putInt((int) Long.parseLong(header, 16));
    Sense sense = run(one, REGISTER, 0, list(0, 0x11, 0, transportId(PORT_2), id)).sense();

    int at = 28 + transportId(PORT_2).length;
    assertThat(sense)
        .isEqualTo(Sense.invalidFieldInParameterList(header.startsWith("450000") ? at + 2 : at));
    assertThat(keys()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not a name,i,0x000000000001",
        "iqn.2026-11.org.example:x,i,0x",
        "iqn.2026-11.org.example:x,i,0x0123456789abc",
        "iqn.2026-11.org.example:x,i,0x00000000000g",
        "iqn.2026-11.org.example:x,t,0x0001",
        "iqn.2026-11.org.example:x,i,0x1\0y",
        "iqn.2026-11.org.example:nobody.is.here",
        "",
      })
  void badNamesAreRefused(String name) {
    boolean device = !name.contains(",") && !name.isEmpty();
    byte[] id = transportId(name);
    if (name.contains(",t,") || name.startsWith("iqn.2026-11.org.example:x,i,0x\0")) {
      id[0] = 0x45;
    }

    assertThat(run(one, REGISTER, 0, list(0, 0x11, 0, id)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(device ? 28 : 32));
    assertThat(keys()).isEmpty();
  }

  @Test
  void aNameWithoutItsEndIsRefused() {
    byte[] id = transportId(PORT_2);
    Arrays.fill(id, 4 + PORT_2.length(), id.length, (byte) '0');
    assertThat(run(one, REGISTER, 0, list(0, 0x11, 0, id)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(32));
    id = transportId(PORT_2);
    id[10] = (byte) 0xff; // no UTF-8
    assertThat(run(one, REGISTER, 0, list(0, 0x11, 0, id)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(32));
  }

  @Test
  void transportIdsThatTheListCutsOffAreRefused() {
    byte[] whole = list(0, 0x11, 0, transportId(PORT_2));
    for (int length = 28; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThat(run(one, REGISTER, 0, cut).sense()).as("%d", length).isEqualTo(LENGTH_ERROR);
      // the length field agrees, the TransportID does not
      ByteBuffer.wrap(cut).putInt(24, length - 28);
      if (length > 28) {
        assertThat(run(one, REGISTER, 0, cut).sense()).as("%d", length).isEqualTo(LENGTH_ERROR);
      }
    }
    assertThat(keys()).isEmpty();
  }

  @Test
  void allTargetPortsAreAskedAtOnce() {
    TestNexus there = engine.nexus(PORT_1, SECOND);
    good(one, REGISTER, 0, list(0, 0x11, ALL_TG_PT));

    assertThat(keys()).containsExactly(0x11L, 0x11L);
    good(there, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));
    // each as if it had come through its own port: that one has another key now
    good(there, REGISTER, 0, list(0x11, 0x12, 0));
    good(one, REGISTER, 0, list(0x11, 0x13, ALL_TG_PT));
    assertThat(keys()).containsExactly(0x13L, 0x12L);
    good(one, REGISTER_AND_IGNORE, 0, list(0, 0, ALL_TG_PT));
    assertThat(keys()).isEmpty();
    assertThat(in(1)).endsWith("00000000").hasSize(16);
  }

  @Test
  void initiatorPortsAndTargetPortsMultiply() {
    good(one, REGISTER, 0, list(0, 0x11, ALL_TG_PT, transportId(PORT_2)));

    assertThat(keys()).hasSize(4);
  }

  // ---- register and move

  @Test
  void aReservationMovesToAnotherNexus() {
    register(one, 0x11);
    good(one, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));
    good(one, REGISTER_AND_MOVE, 0, move(0x11, 0x22, 0, 1, transportId(PORT_2)));

    assertThat(keys()).containsExactly(0x11L, 0x22L);
    assertThat(in(1)).startsWith("0000000200000010" + "0000000000000022" + "000000000003");
    assertThat(engine.execute(two, Cdbs.read10(0, 1)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(one, Cdbs.read10(0, 1)).status())
        .isEqualTo(Status.RESERVATION_CONFLICT);
    untouched(one, two, three);
  }

  @Test
  void whoMovesItMayUnregister() {
    register(one, 0x11);
    register(two, 0x22);
    good(one, RESERVE, WRITE_EXCLUSIVE_RO, list(0x11, 0, 0));
    good(one, REGISTER_AND_MOVE, 0, move(0x11, 0x55, UNREG | APTPL, 2, transportId(PORT_2)));

    // to the same initiator at another target port
    assertThat(keys()).containsExactly(0x22L, 0x55L);
    assertThat(in(1)).contains("0000000000000055" + "000000000005");
    assertThat(in(2)).startsWith("00081d91");
    good(engine.nexus(PORT_2, SECOND), RELEASE, WRITE_EXCLUSIVE_RO, list(0x55, 0, 0));
    told(two, RELEASED);
  }

  @Test
  void onlyTheOneHolderMovesIt() {
    byte[] to3 = move(0x11, 0x33, 0, 1, transportId(PORT_3));
    conflict(one, REGISTER_AND_MOVE, 0, to3);
    register(one, 0x11);
    register(two, 0x22);
    assertThat(run(one, REGISTER_AND_MOVE, 0, to3).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 4));
    good(two, RESERVE, WRITE_EXCLUSIVE_RO, list(0x22, 0, 0));
    conflict(one, REGISTER_AND_MOVE, 0, to3);
    good(two, RELEASE, WRITE_EXCLUSIVE_RO, list(0x22, 0, 0));
    told(one, RELEASED);
    good(one, RESERVE, EXCLUSIVE_ACCESS_AR, list(0x11, 0, 0));
    conflict(one, REGISTER_AND_MOVE, 0, to3);
    conflict(one, REGISTER_AND_MOVE, 0, move(0x99, 0x33, 0, 1, transportId(PORT_3)));
    assertThat(keys()).containsExactly(0x11L, 0x22L);
  }

  @Test
  void badMovesAreRefused() {
    register(one, 0x11);
    good(one, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));

    assertRefusedMove(8, move(0x11, 0, 0, 1, transportId(PORT_2)));
    assertRefusedMove(18, move(0x11, 0x22, 0, 9, transportId(PORT_2)));
    assertRefusedMove(24, move(0x11, 0x22, 0, 1, transportId(PORT_1)));
    assertRefusedMove(24, move(0x11, 0x22, 0, 1, transportId("iqn.2026-11.org.example:two")));
    assertRefusedMove(24, move(0x11, 0x22, 0, 1, transportId(PORT_2), transportId(PORT_3)));
    assertThat(run(one, REGISTER_AND_MOVE, 0, move(0x11, 0x22, 0, 1)).sense())
        .isEqualTo(LENGTH_ERROR);
    byte[] cut = Arrays.copyOf(move(0x11, 0x22, 0, 1, transportId(PORT_2)), 40);
    assertThat(run(one, REGISTER_AND_MOVE, 0, cut).sense()).isEqualTo(LENGTH_ERROR);
    assertThat(keys()).containsExactly(0x11L);
  }

  private void assertRefusedMove(int at, byte[] list) {
    assertThat(run(one, REGISTER_AND_MOVE, 0, list).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(at));
  }

  // ---- through a loss of power

  @Test
  void withAptplRegistrationsAndReservationComeBack() {
    good(one, REGISTER, 0, list(0, 0x11, 0));
    good(two, REGISTER, 0, list(0, 0x22, APTPL));
    good(one, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));
    String status = in(3);
    powerCycle();

    assertThat(in(3)).isEqualTo("00000000" + status.substring(8));
    assertThat(in(2)).isEqualTo("00081d91ea010000");
    assertThat(engine.execute(one, Cdbs.read10(0, 1)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(two, Cdbs.read10(0, 1)).status())
        .isEqualTo(Status.RESERVATION_CONFLICT);
    good(two, PREEMPT, EXCLUSIVE_ACCESS_AR, list(0x22, 0x11, 0));
    powerCycle();
    assertThat(in(1)).isEqualTo("0000000000000010" + "0000000000000000" + "0000000000080000");
    good(two, CLEAR, 0, list(0x22, 0, 0));
    powerCycle();
    assertThat(in(0)).isEqualTo("0000000000000000");
    assertThat(in(2)).isEqualTo("00081d90ea010000");
  }

  @Test
  void theLastAptplCounts() {
    good(one, REGISTER, 0, list(0, 0x11, APTPL));
    good(one, REGISTER, 0, list(0x11, 0x12, 0));
    powerCycle();

    assertThat(in(0)).isEqualTo("0000000000000000");
  }

  @Test
  void withoutAptplNothingIsSaved() {
    store.broken = true;
    register(one, 0x11);
    good(one, RESERVE, EXCLUSIVE_ACCESS, list(0x11, 0, 0));
    powerCycle();

    assertThat(in(0)).isEqualTo("0000000000000000");
  }

  @Test
  void whatCantBeSavedDoesNotHappen() {
    good(one, REGISTER, 0, list(0, 0x11, APTPL));
    register(two, 0x22, APTPL);
    store.broken = true;

    assertThat(run(two, RESERVE, WRITE_EXCLUSIVE, list(0x22, 0, 0)).sense())
        .isEqualTo(Sense.of(SenseKey.HARDWARE_ERROR, 0x44, 0x00));
    assertThat(run(two, CLEAR, 0, list(0x22, 0, 0)).status()).isEqualTo(Status.CHECK_CONDITION);
    assertThat(in(1)).isEqualTo("0000000200000000");
    assertThat(keys()).containsExactly(0x11L, 0x22L);
    untouched(one, two);
    store.broken = false;
    good(two, RESERVE, WRITE_EXCLUSIVE, list(0x22, 0, 0));
  }

  @Test
  void aChangeThatIsAbortedWhileItIsSavedIsWholeOrNot() {
    SteppedExecutor steps = new SteppedExecutor();
    engine = engine(steps);
    one = engine.nexus(PORT_1);
    two = engine.nexus(PORT_2);
    byte[] list = list(0, 0x11, APTPL);
    TestTask task = one.start(0, ReserveOut.cdb(REGISTER, 0, list.length), 0, list);
    TestTask behind = two.start(0, ReserveOut.cdb(REGISTER, 0, list.length), 0, list);
    store.onSave = () -> assertThat(task.abort()).isFalse();
    steps.runAll();
    one.drain();

    assertThat(task.released).isEqualTo(1);
    assertThat(keys()).containsExactly(0x11L);
    store.onSave = () -> {};
    two.drain();
    steps.runAll();
    two.drain();
    assertThat(behind.status()).isEqualTo(Status.GOOD);
    assertThat(keys()).containsExactly(0x11L, 0x11L);
    powerCycle();
    assertThat(keys()).containsExactly(0x11L, 0x11L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "02",
        "01",
        "0101ffffffff00000000",
        "01090000000000000000",
        "0100ffffffff00000001"
      })
  void damagedStateIsForgotten(String saved) throws IOException {
    good(one, REGISTER, 0, list(0, 0x11, APTPL));
    new UnitState(store, Engine.IDENTITY).save("reservations", HexFormat.of().parseHex(saved));
    powerCycle();

    assertThat(in(0)).isEqualTo("0000000000000000");
    assertThat(in(1)).isEqualTo("0000000000000000");
  }

  private void powerCycle() {
    engine.unit.close();
    engine = engine();
    one = engine.nexus(PORT_1);
    two = engine.nexus(PORT_2);
    three = engine.nexus(PORT_3);
  }

  // ---- words for the above

  private ScsiResult run(TestNexus from, int action, int scopeAndType, byte[] list) {
    return engine.execute(from, ReserveOut.cdb(action, scopeAndType, list.length), 0, list);
  }

  private void good(TestNexus from, int action, int scopeAndType, byte[] list) {
    ScsiResult result = run(from, action, scopeAndType, list);
    assertThat(result.status()).as(() -> result.sense().toString()).isEqualTo(Status.GOOD);
  }

  private void conflict(TestNexus from, int action, int scopeAndType, byte[] list) {
    ScsiResult result = run(from, action, scopeAndType, list);
    assertThat(result.status()).isEqualTo(Status.RESERVATION_CONFLICT);
    assertThat(result.sense().isNone()).isTrue();
  }

  private void register(TestNexus from, long key) {
    register(from, key, 0);
  }

  private void register(TestNexus from, long key, int flags) {
    good(from, REGISTER, 0, list(0, key, flags));
  }

  /** Tells the parameter data of a PERSISTENT RESERVE IN, in hexadecimal. */
  private String in(int action) {
    ScsiResult result =
        engine.execute(
            engine.nexus("reader"), hex(String.format("5e %02x 0000000000 ffff 00", action)));
    assertThat(result.status()).isEqualTo(Status.GOOD);
    return result.hex();
  }

  private long[] keys() {
    ByteBuffer data = ByteBuffer.wrap(HexFormat.of().parseHex(in(0)));
    return IntStream.range(0, data.getInt(4) / 8).mapToLong(i -> data.getLong(8 + 8 * i)).toArray();
  }

  private int generation() {
    return Integer.parseInt(in(0).substring(0, 8), 16);
  }

  private void told(TestNexus nexus, Sense cause) {
    assertThat(engine.execute(nexus, TEST_UNIT_READY).sense()).isEqualTo(cause);
  }

  private void untouched(TestNexus... nexuses) {
    for (TestNexus each : nexuses) {
      assertThat(engine.execute(each, TEST_UNIT_READY).status())
          .as(each.toString())
          .isEqualTo(Status.GOOD);
    }
  }
}
