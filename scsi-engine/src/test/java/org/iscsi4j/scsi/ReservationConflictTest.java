package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.monitor.ReservationType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command beside every reservation, as the standards' tables have it: SPC-4 clause 5.13.1,
 * SBC-3 clause 4.17 and, for RESERVE, SPC-2 clause 5.5.1.
 */
class ReservationConflictTest {

  /**
   * A CDB, and A (allowed) or C (conflict) for: Write Exclusive and Exclusive Access of another
   * nexus; the types for registrants, from a registered nexus; Write Exclusive and Exclusive Access
   * of these, from one that is not; RESERVE of another nexus. A dash is for a command that decides
   * itself.
   */
  private static final String[][] TABLE = {
    {"TEST UNIT READY", "00", "AA A AA C"},
    {"REQUEST SENSE", "03", "AA A AA A"},
    {"FORMAT UNIT", "04", "CC A CC C"},
    {"REASSIGN BLOCKS", "07", "CC A CC C"},
    {"READ(6)", "08", "AC A AC C"},
    {"WRITE(6)", "0a", "CC A CC C"},
    {"INQUIRY", "12", "AA A AA A"},
    {"MODE SELECT(6)", "15", "CC A CC C"},
    {"RESERVE(6)", "16", "-- - -- -"},
    {"RELEASE(6)", "17", "-- - -- -"},
    {"MODE SENSE(6)", "1a", "AC A AC C"},
    {"START STOP UNIT, START 1", "1b 00 0000 01", "AA A AA A"},
    {"START STOP UNIT, START 1, LOEJ 1", "1b 00 0000 03", "AA A AA A"},
    {"START STOP UNIT, START 0", "1b 00 0000 00", "CC A CC C"},
    {"START STOP UNIT, POWER CONDITION 1", "1b 00 0000 11", "CC A CC C"},
    {"RECEIVE DIAGNOSTIC RESULTS", "1c", "AC A AC C"},
    {"SEND DIAGNOSTIC", "1d", "CC A CC C"},
    {"PREVENT ALLOW MEDIUM REMOVAL, PREVENT 0", "1e 00 0000 00", "AA A AA A"},
    {"PREVENT ALLOW MEDIUM REMOVAL, PREVENT 1", "1e 00 0000 01", "CC A CC C"},
    {"PREVENT ALLOW MEDIUM REMOVAL, PREVENT 2", "1e 00 0000 02", "CC A CC C"},
    {"READ CAPACITY(10)", "25", "AA A AA A"},
    {"READ(10)", "28", "AC A AC C"},
    {"WRITE(10)", "2a", "CC A CC C"},
    {"WRITE AND VERIFY(10)", "2e", "CC A CC C"},
    {"VERIFY(10)", "2f", "AC A AC C"},
    {"PRE-FETCH(10)", "34", "AC A AC C"},
    {"SYNCHRONIZE CACHE(10)", "35", "CC A CC C"},
    {"READ DEFECT DATA(10)", "37", "AC A AC C"},
    {"WRITE BUFFER", "3b", "CC A CC C"},
    {"WRITE BUFFER, data", "3b 02", "CC A CC C"},
    {"WRITE BUFFER, echo", "3b 0a", "CC A CC C"},
    {"READ BUFFER", "3c", "AC A AC C"},
    {"READ BUFFER, data", "3c 02", "AC A AC C"},
    {"READ BUFFER, descriptor", "3c 03", "AC A AC C"},
    {"READ BUFFER, echo", "3c 0a", "AC A AC C"},
    {"READ BUFFER, echo descriptor", "3c 0b", "AC A AC C"},
    {"WRITE SAME(10)", "41", "CC A CC C"},
    {"UNMAP", "42", "CC A CC C"},
    {"SANITIZE, OVERWRITE", "48 01", "CC A CC C"},
    {"SANITIZE, BLOCK ERASE", "48 02", "CC A CC C"},
    {"SANITIZE, CRYPTOGRAPHIC ERASE", "48 03", "CC A CC C"},
    {"SANITIZE, EXIT FAILURE MODE", "48 1f", "CC A CC C"},
    {"LOG SELECT", "4c", "CC A CC C"},
    {"LOG SENSE", "4d", "AA A AA A"},
    {"MODE SELECT(10)", "55", "CC A CC C"},
    {"RESERVE(10)", "56", "-- - -- -"},
    {"RELEASE(10)", "57", "-- - -- -"},
    {"MODE SENSE(10)", "5a", "AC A AC C"},
    {"PERSISTENT RESERVE IN, READ KEYS", "5e 00", "AA A AA C"},
    {"PERSISTENT RESERVE IN, READ RESERVATION", "5e 01", "AA A AA C"},
    {"PERSISTENT RESERVE IN, REPORT CAPABILITIES", "5e 02", "AA A AA C"},
    {"PERSISTENT RESERVE IN, READ FULL STATUS", "5e 03", "AA A AA C"},
    {"PERSISTENT RESERVE OUT, REGISTER", "5f 00", "-- - -- C"},
    {"PERSISTENT RESERVE OUT, RESERVE", "5f 01", "-- - -- C"},
    {"PERSISTENT RESERVE OUT, RELEASE", "5f 02", "-- - -- C"},
    {"PERSISTENT RESERVE OUT, CLEAR", "5f 03", "-- - -- C"},
    {"PERSISTENT RESERVE OUT, PREEMPT", "5f 04", "-- - -- C"},
    {"PERSISTENT RESERVE OUT, PREEMPT AND ABORT", "5f 05", "-- - -- C"},
    {"PERSISTENT RESERVE OUT, REGISTER AND IGNORE", "5f 06", "-- - -- C"},
    {"PERSISTENT RESERVE OUT, REGISTER AND MOVE", "5f 07", "-- - -- C"},
    {"READ(32)", "7f 00 0000 0000 00 18 0009", "AC A AC C"},
    {"VERIFY(32)", "7f 00 0000 0000 00 18 000a", "AC A AC C"},
    {"WRITE(32)", "7f 00 0000 0000 00 18 000b", "CC A CC C"},
    {"WRITE AND VERIFY(32)", "7f 00 0000 0000 00 18 000c", "CC A CC C"},
    {"WRITE SAME(32)", "7f 00 0000 0000 00 18 000d", "CC A CC C"},
    {"ORWRITE(32)", "7f 00 0000 0000 00 18 000e", "CC A CC C"},
    {"WRITE ATOMIC(32)", "7f 00 0000 0000 00 18 000f", "CC A CC C"},
    {"GET LBA STATUS(32)", "7f 00 0000 0000 00 18 0012", "AC A AC C"},
    {"EXTENDED COPY(LID1)", "83 00", "CC A CC C"},
    {"EXTENDED COPY(LID4)", "83 01", "CC A CC C"},
    {"POPULATE TOKEN", "83 10", "CC A CC C"},
    {"WRITE USING TOKEN", "83 11", "CC A CC C"},
    {"COPY OPERATION ABORT", "83 1c", "CC A CC C"},
    {"RECEIVE COPY STATUS(LID1)", "84 00", "CC A CC C"},
    {"RECEIVE COPY DATA(LID1)", "84 01", "CC A CC C"},
    {"RECEIVE COPY OPERATING PARAMETERS", "84 03", "CC A CC C"},
    {"RECEIVE COPY FAILURE DETAILS(LID1)", "84 04", "CC A CC C"},
    {"RECEIVE COPY STATUS(LID4)", "84 05", "CC A CC C"},
    {"RECEIVE COPY DATA(LID4)", "84 06", "CC A CC C"},
    {"RECEIVE ROD TOKEN INFORMATION", "84 07", "CC A CC C"},
    {"REPORT ALL ROD TOKENS", "84 08", "CC A CC C"},
    {"READ(16)", "88", "AC A AC C"},
    {"COMPARE AND WRITE", "89", "CC A CC C"},
    {"WRITE(16)", "8a", "CC A CC C"},
    {"ORWRITE(16)", "8b", "CC A CC C"},
    {"WRITE AND VERIFY(16)", "8e", "CC A CC C"},
    {"VERIFY(16)", "8f", "AC A AC C"},
    {"PRE-FETCH(16)", "90", "AC A AC C"},
    {"SYNCHRONIZE CACHE(16)", "91", "CC A CC C"},
    {"WRITE SAME(16)", "93", "CC A CC C"},
    {"WRITE ATOMIC(16)", "9c", "CC A CC C"},
    {"READ CAPACITY(16)", "9e 10", "AA A AA A"},
    {"GET LBA STATUS(16)", "9e 12", "AC A AC C"},
    {"REPORT LUNS", "a0", "AA A AA A"},
    {"REPORT IDENTIFYING INFORMATION", "a3 05", "AA A AA A"},
    {"REPORT TARGET PORT GROUPS", "a3 0a", "AA A AA A"},
    {"REPORT ALIASES", "a3 0b", "AA A AA A"},
    {"REPORT SUPPORTED OPERATION CODES", "a3 0c", "AC A AC C"},
    {"REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS", "a3 0d", "AC A AC C"},
    {"REPORT PRIORITY", "a3 0e", "AA A AA A"},
    {"REPORT TIMESTAMP", "a3 0f", "AA A AA A"},
    {"SET IDENTIFYING INFORMATION", "a4 06", "CC A CC C"},
    {"SET TARGET PORT GROUPS", "a4 0a", "CC A CC C"},
    {"SET PRIORITY", "a4 0e", "CC A CC C"},
    {"SET TIMESTAMP", "a4 0f", "CC A CC C"},
    {"READ(12)", "a8", "AC A AC C"},
    {"WRITE(12)", "aa", "CC A CC C"},
    {"WRITE AND VERIFY(12)", "ae", "CC A CC C"},
    {"VERIFY(12)", "af", "AC A AC C"},
    {"READ DEFECT DATA(12)", "b7", "AC A AC C"},
  };

  /** Where the verdict on the types for registrants begins, and on RESERVE. */
  private static final int REGISTERED = 2;

  private static final int UNREGISTERED = 3;
  private static final int RESERVE = 5;

  private static final long HOLDERS_KEY = 0x11;
  private static final long KEY = 0x22;

  private final TestDisk disk = TestDisk.thin(64);
  private final Engine engine = Engine.over(LogicalUnit.builder(disk).removable().build());
  private final TestNexus holder = engine.nexus;
  private final TestNexus registrant = engine.nexus("registrant");
  private final TestNexus stranger = engine.nexus("stranger");

  @Test
  void everyCommandHasItsLine() {
    Set<Command> listed = new HashSet<>();
    for (String[] line : TABLE) {
      listed.add(engine.unit.table().find(cdb(line)));
    }
    assertThat(listed).containsAll(engine.unit.table().rows());
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void besideAPersistentReservation(ReservationType type) {
    register(holder, HOLDERS_KEY);
    register(registrant, KEY);
    out(holder, ReserveOut.RESERVE, type.code(), HOLDERS_KEY);

    // with one holder, being registered is no better than not to be
    boolean forRegistrants = type.code() >= 5;
    int exclusive = List.of(3, 6, 8).contains(type.code()) ? 1 : 0;
    for (String[] line : present()) {
      expect(holder, line, 'A');
      expect(registrant, line, verdict(line, forRegistrants ? REGISTERED : exclusive));
      expect(stranger, line, verdict(line, (forRegistrants ? UNREGISTERED : 0) + exclusive));
    }
  }

  @ParameterizedTest
  @MethodSource("reserves")
  void besideAReserve(byte[] reserve) {
    assertThat(engine.execute(holder, reserve).status()).isEqualTo(Status.GOOD);

    for (String[] line : present()) {
      expect(holder, line, line[1].startsWith("5e") || line[1].startsWith("5f") ? 'C' : 'A');
      expect(stranger, line, verdict(line, RESERVE));
    }
  }

  static Stream<Arguments> reserves() {
    return Stream.of(
        arguments((Object) Cdbs.hex("16 00 000000 00")),
        arguments((Object) Cdbs.hex("56 00 00000000000000 00")));
  }

  @Test
  void registrationsAloneStopNothing() {
    register(holder, HOLDERS_KEY);

    for (String[] line : present()) {
      expect(stranger, line, verdict(line, 0) == '-' ? '-' : 'A');
    }
  }

  private List<String[]> present() {
    List<String[]> present = new ArrayList<>();
    for (String[] line : TABLE) {
      if (engine.unit.table().find(cdb(line)) != null) {
        present.add(line);
      }
    }
    return present;
  }

  private static char verdict(String[] line, int column) {
    return line[2].replace(" ", "").charAt(column);
  }

  private void expect(TestNexus from, String[] line, char verdict) {
    Command row = engine.unit.table().find(cdb(line));
    String what = line[0] + " of " + from;
    boolean refused = engine.unit.reservations().refuses(from.unit(0, engine.unit), row, cdb(line));
    assertThat(refused).as(what).isEqualTo(verdict == 'C');
    if (refused) {
      // and nothing of it comes to pass
      ScsiResult result = engine.execute(from, Cdbs.hex(line[1] + "00".repeat(16)));
      assertThat(result.status()).as(what).isEqualTo(Status.RESERVATION_CONFLICT);
      assertThat(result.sense().isNone()).as(what).isTrue();
      assertThat(result.data()).as(what).isEmpty();
      assertThat(disk.calls).as(what).isEmpty();
    }
  }

  private static Cdb cdb(String[] line) {
    return Cdb.of(Cdbs.hex(line[1]));
  }

  private void register(TestNexus from, long key) {
    byte[] list = ReserveOut.list(0, key, 0);
    ScsiResult result =
        engine.execute(from, ReserveOut.cdb(ReserveOut.REGISTER, 0, list.length), 0, list);
    assertThat(result.status()).isEqualTo(Status.GOOD);
  }

  private void out(TestNexus from, int action, int type, long key) {
    byte[] list = ReserveOut.list(key, 0, 0);
    ScsiResult result = engine.execute(from, ReserveOut.cdb(action, type, list.length), 0, list);
    assertThat(result.status()).isEqualTo(Status.GOOD);
  }
}
