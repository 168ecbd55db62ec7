package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iscsi4j.api.AccessState;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.StateStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Asymmetric logical unit access: two units behind two groups, and a nexus through each. */
class PortGroupsTest {

  private static final int HERE = 2;
  private static final int THERE = 0x1234;
  private static final Sense CHANGED = UnitAttention.ASYMMETRIC_ACCESS_STATE_CHANGED.sense();

  private final List<String> told = new ArrayList<>();
  private final TargetPortGroups groups =
      new TargetPortGroups(List.of(HERE, THERE), (state, tag) -> told.add(tag + " " + state));
  private final Devices devices = new Devices(Runnable::run, StateStore.inMemory(), groups);
  private final Engine engine = Engine.over(LogicalUnit.of(TestDisk.ofBlocks(16)), devices);
  private final DeviceServer other =
      DeviceServer.of(
          LogicalUnit.of(TestDisk.ofBlocks(16)), Engine.IDENTITY.withSerial("2"), devices);
  private final TaskRouter router = new TaskRouter(Map.of(0, engine.unit, 1, other));
  private final TestNexus here = new TestNexus("host", groups.port("iqn.x:y", HERE), router);
  private final TestNexus there = new TestNexus("host", groups.port("iqn.x:y", THERE), router);

  @BeforeEach
  void tellOfThePowerOn() {
    for (TestNexus nexus : List.of(here, there)) {
      nexus.unit(0, engine.unit).takeUnitAttention();
      nexus.unit(1, other).takeUnitAttention();
    }
  }

  // ---- REPORT TARGET PORT GROUPS

  @Test
  void groupsAreReportedWithTheirPorts() {
    change(THERE, AccessState.STANDBY);
    groups.prefer(HERE, true);

    String descriptors =
        "80" // PREF, active/optimized
            + "cf" // all states but the LBA dependent one
            + "0002" // TARGET PORT GROUP
            + "00"
            + "00" // STATUS CODE
            + "00"
            + "01" // TARGET PORT COUNT
            + "00000001"
            + "02cf1234"
            + "00020001" // altered by implicit access
            + "00000002";
    assertThat(report(0x0a, 255).hex()).isEqualTo("00000018" + descriptors);
    assertThat(report(0x2a, 255).hex()).isEqualTo("0000001c" + "10000000" + descriptors);
    groups.prefer(HERE, false);
    assertThat(report(0x0a, 5).hex()).isEqualTo("00000018" + "00");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 7, 8, 27, 28, 29, 65_535})
  void allocationLengthCutsTheData(int length) {
    assertThat(report(0x0a, length).data()).hasSize(Math.min(length, 28));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x4a, 0x6a, 0xea})
  void unknownFormatsAreRefused(int formatAndAction) {
    assertThat(report(formatAndAction, 255).sense()).isEqualTo(Sense.invalidFieldInCdb(1, 7));
  }

  @ParameterizedTest
  @CsvSource({
    "ACTIVE_OPTIMIZED, 00",
    "ACTIVE_NON_OPTIMIZED, 01",
    "STANDBY, 02",
    "UNAVAILABLE, 03",
    "OFFLINE, 0e",
    "TRANSITIONING, 0f"
  })
  void everyStateHasItsCode(AccessState state, String code) {
    change(HERE, state);

    assertThat(report(0x0a, 255).hex()).startsWith("00000018" + code + "cf0002");
  }

  // ---- states act on commands

  @ParameterizedTest
  @CsvSource({"STANDBY, 0b", "UNAVAILABLE, 0c", "OFFLINE, 12", "TRANSITIONING, 0a"})
  void aStateRefusesReadsAndWritesOfItsGroupAlone(AccessState state, String qualifier) {
    change(HERE, state);
    Sense refusal = Sense.of(SenseKey.NOT_READY, 0x04, Integer.parseInt(qualifier, 16));

    assertThat(execute(here, Cdbs.read10(0, 1)).sense()).isEqualTo(refusal);
    assertThat(execute(here, Cdbs.write10(0, 1)).sense()).isEqualTo(refusal);
    assertThat(execute(here, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(refusal);
    assertThat(execute(here, 1, Cdbs.read10(0, 1)).sense()).isEqualTo(refusal);
    assertThat(execute(here, Cdbs.hex("03 01 0000 ff 00")).hex())
        .as("REQUEST SENSE")
        .isEqualTo("720204" + qualifier + "00000000");
    assertThat(execute(there, Cdbs.read10(0, 1)).status()).isEqualTo(Status.GOOD);

    change(HERE, AccessState.ACTIVE_OPTIMIZED);
    assertThat(execute(here, Cdbs.read10(0, 1)).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aGroupThatIsNotOptimizedTakesEverything() {
    change(HERE, AccessState.ACTIVE_NON_OPTIMIZED);

    assertThat(execute(here, Cdbs.read10(0, 1)).status()).isEqualTo(Status.GOOD);
    assertThat(execute(here, Cdbs.hex("03 01 0000 ff 00")).hex()).isEqualTo("7200000000000000");
  }

  /** Operation codes, or operation codes with service actions. */
  private static final List<Integer> PASS_UNAVAILABLE =
      List.of(
          0x03, // REQUEST SENSE
          0x12, // INQUIRY
          0x3b, // WRITE BUFFER
          0x3c, // READ BUFFER(10)
          0x9b, // READ BUFFER(16)
          0xa0, // REPORT LUNS
          0xa30a, // REPORT TARGET PORT GROUPS
          0xa40a); // SET TARGET PORT GROUPS

  private static final List<Integer> PASS_STANDBY =
      List.of(
          0x15, // MODE SELECT(6)
          0x1a, // MODE SENSE(6)
          0x1c, // RECEIVE DIAGNOSTIC RESULTS
          0x1d, // SEND DIAGNOSTIC
          0x4c, // LOG SELECT
          0x4d, // LOG SENSE
          0x55, // MODE SELECT(10)
          0x5a, // MODE SENSE(10)
          0x5e, // PERSISTENT RESERVE IN
          0x5f, // PERSISTENT RESERVE OUT
          // more than the standard demands, so that a disk can be attached through such a port
          0x25, // READ CAPACITY(10)
          0x9e10, // READ CAPACITY(16)
          0xa30c, // REPORT SUPPORTED OPERATION CODES
          0xa30d); // REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS

  /** SPC-4 clauses 5.15.2.4.4 and 5.15.2.4.5. */
  @Test
  void onlyTheseCommandsPass() {
    for (Command row : engine.unit.table().rows()) {
      boolean unavailable = names(PASS_UNAVAILABLE, row);
      assertThat(row.passesUnavailable()).as(row.name()).isEqualTo(unavailable);
      assertThat(row.passesStandby())
          .as(row.name())
          .isEqualTo(unavailable || names(PASS_STANDBY, row));
    }
  }

  private static boolean names(List<Integer> codes, Command row) {
    return codes.contains(row.opcode())
        || codes.contains(row.opcode() << 8 | row.serviceAction() & 0xff);
  }

  @Test
  void aUnitThatCanNotBeReachedIsNotConnected() {
    change(HERE, AccessState.UNAVAILABLE);
    assertThat(execute(here, Cdbs.inquiry(36)).hex()).startsWith("200006");
    assertThat(execute(here, Cdbs.vpd(0x80, 255)).hex()).startsWith("2080");
    assertThat(execute(there, Cdbs.inquiry(36)).hex()).startsWith("000006");

    groups.change(HERE, AccessState.TRANSITIONING);
    assertThat(execute(here, Cdbs.inquiry(36)).hex()).as("not yet").startsWith("200006");

    groups.change(HERE, AccessState.STANDBY);
    assertThat(execute(here, Cdbs.inquiry(36)).hex()).startsWith("000006");
  }

  // ---- implicit changes

  @Test
  void everyNexusLearnsOfAnImplicitChange() {
    groups.change(HERE, AccessState.ACTIVE_NON_OPTIMIZED);

    for (TestNexus nexus : List.of(here, there)) {
      assertThat(execute(nexus, 0, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
      assertThat(execute(nexus, 1, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
      assertThat(execute(nexus, 0, Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    }
    assertThat(told).containsExactly(HERE + " ACTIVE_NON_OPTIMIZED");
  }

  @Test
  void noChangeIsNoNews() {
    groups.change(HERE, AccessState.ACTIVE_OPTIMIZED);

    assertThat(execute(here, Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(told).isEmpty();
    assertThat(report(0x0a, 255).hex())
        .as("STATUS CODE 0")
        .startsWith("00000018" + "00cf0002" + "00000001");
  }

  @Test
  void aTransitionIsToldWhenItEnds() {
    groups.change(HERE, AccessState.TRANSITIONING);
    assertThat(execute(there, Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);

    groups.change(HERE, AccessState.STANDBY);
    assertThat(execute(there, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
    assertThat(told).containsExactly(HERE + " TRANSITIONING", HERE + " STANDBY");
  }

  @Test
  void aTransitionThatEndsWhereItBeganHasFailed() {
    groups.change(HERE, AccessState.TRANSITIONING);
    groups.change(HERE, AccessState.ACTIVE_OPTIMIZED);

    assertThat(execute(there, Cdbs.TEST_UNIT_READY).sense())
        .isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x2a, 0x07));
  }

  @Test
  void whoSeesOtherInquiryDataIsToldSo() {
    Sense inquiryData = Sense.of(SenseKey.UNIT_ATTENTION, 0x3f, 0x03);
    groups.change(HERE, AccessState.UNAVAILABLE);

    assertThat(execute(here, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
    assertThat(execute(here, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(inquiryData);
    assertThat(execute(there, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
    assertThat(execute(there, Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);

    groups.change(HERE, AccessState.OFFLINE);
    assertThat(execute(here, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
    assertThat(execute(here, Cdbs.TEST_UNIT_READY).sense().key()).isEqualTo(SenseKey.NOT_READY);

    groups.change(HERE, AccessState.ACTIVE_OPTIMIZED);
    assertThat(execute(here, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
    assertThat(execute(here, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(inquiryData);
  }

  @Test
  void aUnitThatIsGoneLearnsNothing() {
    other.close();
    groups.change(HERE, AccessState.STANDBY);

    assertThat(here.unit(1, other).hasUnitAttention()).isFalse();
    assertThat(here.unit(0, engine.unit).hasUnitAttention()).isTrue();
  }

  @Test
  void thereIsNoOtherGroup() {
    assertThatThrownBy(() -> groups.change(3, AccessState.STANDBY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("portal group 3");
    assertThatThrownBy(() -> groups.state(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> groups.prefer(1, true)).isInstanceOf(IllegalArgumentException.class);
  }

  // ---- SET TARGET PORT GROUPS

  @Test
  void anInitiatorChangesStates() {
    ScsiResult set = set("00000000" + "01000002" + "02001234");

    assertThat(set.status()).isEqualTo(Status.GOOD);
    assertThat(groups.state(HERE)).isEqualTo(AccessState.ACTIVE_NON_OPTIMIZED);
    assertThat(groups.state(THERE)).isEqualTo(AccessState.STANDBY);
    assertThat(told).containsExactly(HERE + " ACTIVE_NON_OPTIMIZED", THERE + " STANDBY");
    assertThat(report(0x0a, 255).hex())
        .as("altered by SET TARGET PORT GROUPS")
        .isEqualTo(
            "00000018"
                + "01cf0002"
                + "00010001"
                + "00000001"
                + "02cf1234"
                + "00010001"
                + "00000002");
  }

  @Test
  void whoChangesAStateKnowsAndTheOthersLearn() {
    set("00000000" + "03001234");

    assertThat(execute(here, 0, Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(execute(here, 1, Cdbs.TEST_UNIT_READY).sense()).as("other unit").isEqualTo(CHANGED);
    assertThat(execute(there, Cdbs.TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
  }

  @ParameterizedTest
  @CsvSource({
    "00, ACTIVE_OPTIMIZED",
    "01, ACTIVE_NON_OPTIMIZED",
    "02, STANDBY",
    "03, UNAVAILABLE",
    "f2, STANDBY" // the high bits are reserved and not looked at
  })
  void statesOfAGroup(String code, AccessState state) {
    change(HERE, state == AccessState.STANDBY ? AccessState.UNAVAILABLE : AccessState.STANDBY);

    assertThat(set("00000000" + code + "000002").status()).isEqualTo(Status.GOOD);
    assertThat(groups.state(HERE)).isEqualTo(state);
  }

  @Test
  void offlineIsSaidOfAPort() {
    assertThat(set("00000000" + "0e000002").status()).isEqualTo(Status.GOOD);

    assertThat(groups.state(HERE)).isEqualTo(AccessState.ACTIVE_OPTIMIZED);
    assertThat(groups.state(THERE)).as("port 2").isEqualTo(AccessState.OFFLINE);
  }

  @ParameterizedTest
  @EnumSource(names = {"STANDBY", "UNAVAILABLE", "OFFLINE"})
  void aGroupCanBeBroughtBackThroughItself(AccessState state) {
    change(HERE, state);

    assertThat(set("00000000" + "00000002").status()).isEqualTo(Status.GOOD);
    assertThat(execute(here, Cdbs.read10(0, 1)).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void theStateOfNowIsNoChange() {
    assertThat(set("00000000" + "00000002").status()).isEqualTo(Status.GOOD);

    assertThat(execute(there, Cdbs.TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(told).isEmpty();
  }

  @Test
  void whatTheHostIsAboutToChangeNobodyElseChanges() {
    groups.change(THERE, AccessState.TRANSITIONING);

    assertThat(set("00000000" + "01000002" + "00001234").sense())
        .isEqualTo(Sense.of(SenseKey.HARDWARE_ERROR, 0x67, 0x0a));
    assertThat(groups.state(HERE)).as("all or none").isEqualTo(AccessState.ACTIVE_OPTIMIZED);
  }

  @ParameterizedTest
  @CsvSource({
    "04000002, 4", // LBA dependent
    "05000002, 4",
    "0d000002, 4",
    "0f000002, 4", // transitioning
    "02000001, 6", // no such group
    "02000000, 6",
    "0e001234, 6", // no such port
    "0e000000, 6",
    "0100123402000003, 10",
    "0100123404000002, 8",
    "0100000202000002, 10", // twice
    "0100000201000002, 10",
    "010000020e000001, 10" // twice, by its port
  })
  void badDescriptorsChangeNothing(String descriptors, int at) {
    assertThat(set("00000000" + descriptors).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(at));
    assertThat(groups.groups())
        .extracting(TargetPortGroup::state)
        .containsOnly(AccessState.ACTIVE_OPTIMIZED);
  }

  @Test
  void anEmptyListChangesNothing() {
    assertThat(set("").status()).isEqualTo(Status.GOOD);
    assertThat(set("00000000").status()).isEqualTo(Status.GOOD);
    assertThat(told).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 5, 6, 7, 9, 16, 0x7fff_fffcL, 0x8000_0000L, 0xffff_fffcL})
  void listsOfAnotherLengthAreRefused(long length) {
    byte[] list = Cdbs.hex("00000000" + "02000002" + "02001234" + "00000000");

    assertThat(set(length, list).sense()).isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(told).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 7, 11})
  void aListThatDoesNotComeWholeIsRefused(int given) {
    byte[] list = new byte[given];

    assertThat(set(12, list).sense()).isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(told).isEmpty();
  }

  /** Changes a state, and lets everybody know. */
  private void change(int tag, AccessState state) {
    groups.change(tag, state);
    for (TestNexus nexus : List.of(here, there)) {
      for (int lun = 0; lun < 2; lun++) {
        ItlNexus unit = nexus.unit(lun, lun == 0 ? engine.unit : other);
        while (unit.hasUnitAttention()) {
          unit.takeUnitAttention();
        }
      }
    }
  }

  private ScsiResult report(int formatAndAction, int allocationLength) {
    return execute(
        here,
        Cdbs.hex(String.format("a3%02x 00000000 %08x 0000", formatAndAction, allocationLength)));
  }

  private ScsiResult set(String list) {
    return set(list.length() / 2, Cdbs.hex(list));
  }

  private ScsiResult set(long length, byte[] list) {
    byte[] cdb = Cdbs.hex(String.format("a40a 00000000 %08x 0000", length));
    return ScsiResult.of(here.start(0, cdb, 0, list));
  }

  private ScsiResult execute(TestNexus from, byte[] cdb) {
    return execute(from, 0, cdb);
  }

  private ScsiResult execute(TestNexus from, int lun, byte[] cdb) {
    return ScsiResult.of(from.start(Lun.encode(lun), cdb, 65_536, new byte[512]));
  }
}
