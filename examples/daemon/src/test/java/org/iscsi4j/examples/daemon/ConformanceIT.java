package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.iscsi4j.examples.daemon.TestCu.Name;
import org.iscsi4j.examples.daemon.TestCuResult.Outcome;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * All of libiscsi's conformance tests over two portals, each on a unit that it is for: on the plain
 * one unless it is listed with another. None may be skipped there. Suites that can say more of
 * another kind of unit run there once more; a test that the tool skips then must be listed with the
 * reason, and one that is listed and no longer skipped fails, so that the lists stay true.
 */
@RealClients("libiscsi-bin")
class ConformanceIT {

  /** 1 GiB sharp makes a test skip itself. */
  private static final String SIZE = "1000m";

  /** A unit is filled to the last block. */
  private static final int HEAP_MEGABYTES = 1536;

  /** Kinds of units, each served by a daemon of its own: some tests reset the target. */
  private enum Unit {
    PLAIN(""),
    PHYSICAL_BLOCKS("?physical=4096"),
    LARGE_BLOCKS("?blocksize=4096"),
    REMOVABLE("?removable"),
    READ_ONLY("?readonly"),
    SANITIZED("");

    private final String options;
    private DaemonProcess daemon;

    Unit(String options) {
      this.options = options;
    }

    synchronized DaemonProcess daemon() throws Exception {
      if (daemon == null) {
        daemon =
            DaemonProcess.serveInHeap(
                HEAP_MEGABYTES, "--listen", "127.0.0.1:0", "--lun", "mem:" + SIZE + options);
      }
      return daemon;
    }

    synchronized void end() {
      if (daemon != null) {
        daemon.close();
        daemon = null;
      }
    }
  }

  /** Tests that the plain unit is not for. */
  private static final Map<String, Unit> ELSEWHERE =
      Map.ofEntries(
          // more than one logical block a physical block
          Map.entry("CompareAndWrite.InvalidDataOutSize", Unit.PHYSICAL_BLOCKS),
          Map.entry("WriteSame10.InvalidDataOutSize", Unit.PHYSICAL_BLOCKS),
          Map.entry("WriteSame10.UnmapUnaligned", Unit.PHYSICAL_BLOCKS),
          Map.entry("WriteSame16.InvalidDataOutSize", Unit.PHYSICAL_BLOCKS),
          Map.entry("WriteSame16.UnmapUnaligned", Unit.PHYSICAL_BLOCKS),
          // the tool reads no usage data of 32 bytes, which a removable unit has none of
          Map.entry("ReportSupportedOpcodes.OneCommand", Unit.REMOVABLE),
          // the tool unmaps by a block of ones and wants zeroes back, where they are promised
          Map.entry("WriteSame10.UnmapUntilEnd", Unit.REMOVABLE));

  /** Suites that the plain unit is not for. */
  private static final Map<String, Unit> SUITES_ELSEWHERE =
      Map.of(
          "NoMedia", Unit.REMOVABLE,
          "PreventAllow", Unit.REMOVABLE,
          "StartStopUnit", Unit.REMOVABLE,
          "ReadOnly", Unit.READ_ONLY,
          "Sanitize", Unit.SANITIZED);

  private static final Map<String, String> NOT_RUN =
      Map.of(
          "iSCSITMF.LUNResetSimpleAsync",
          "the tool asserts that it reconnected before it has read the answer it waits for");

  private static final String ONE_BLOCK = "LBPPB < 2";

  @AfterAll
  static void end() {
    for (Unit unit : Unit.values()) {
      unit.end();
    }
  }

  /** Units are tested side by side, the tests of one unit in turn. */
  @Execution(ExecutionMode.CONCURRENT)
  abstract static class OneUnit {

    private final Unit unit;
    private final Set<String> suitesOnceMore;
    private final Map<String, String> skipped;

    OneUnit(Unit unit, Set<String> suitesOnceMore, Map<String, String> skipped) {
      this.unit = unit;
      this.suitesOnceMore = suitesOnceMore;
      this.skipped = skipped;
    }

    @TestFactory
    @Execution(ExecutionMode.SAME_THREAD)
    Stream<DynamicTest> tests() throws Exception {
      return Stream.concat(testsOf(unit), suites(unit, suitesOnceMore, skipped));
    }
  }

  @Nested
  class PlainUnit extends OneUnit {
    PlainUnit() {
      super(Unit.PLAIN, Set.of(), Map.of());
    }
  }

  @Nested
  class UnitWithPhysicalBlocks extends OneUnit {
    UnitWithPhysicalBlocks() {
      super(
          Unit.PHYSICAL_BLOCKS,
          Set.of(
              "Inquiry", "ReadCapacity16", "WriteSame10", "WriteSame16", "Unmap", "WriteAtomic16"),
          Map.of());
    }
  }

  @Nested
  class UnitWithLargeBlocks extends OneUnit {
    UnitWithLargeBlocks() {
      super(
          Unit.LARGE_BLOCKS,
          Set.of(
              "ReadCapacity10",
              "ReadCapacity16",
              "Read10",
              "Write10",
              "WriteSame10",
              "Unmap",
              "CompareAndWrite",
              "OrWrite",
              "Verify10"),
          Map.of(
              "WriteSame10.UnmapUnaligned", ONE_BLOCK,
              "WriteSame10.InvalidDataOutSize", ONE_BLOCK,
              "CompareAndWrite.InvalidDataOutSize", ONE_BLOCK));
    }
  }

  @Nested
  class RemovableUnit extends OneUnit {
    RemovableUnit() {
      super(Unit.REMOVABLE, Set.of("TestUnitReady", "Inquiry"), Map.of());
    }
  }

  @Nested
  class ReadOnlyUnit extends OneUnit {
    ReadOnlyUnit() {
      super(Unit.READ_ONLY, Set.of("ModeSense6", "Read10"), Map.of());
    }
  }

  /** Takes longest: a test waits for a minute. */
  @Nested
  class SanitizedUnit extends OneUnit {
    SanitizedUnit() {
      super(Unit.SANITIZED, Set.of(), Map.of());
    }
  }

  // ---- which tests

  private static Stream<DynamicTest> testsOf(Unit unit) throws Exception {
    return runnable().filter(name -> unitOf(name) == unit).map(name -> test(name, unit, Map.of()));
  }

  private static Unit unitOf(Name name) {
    Unit listed = ELSEWHERE.get(name.toString());
    return listed != null ? listed : SUITES_ELSEWHERE.getOrDefault(name.suite(), Unit.PLAIN);
  }

  /**
   * The tests of some suites that are not this unit's anyway.
   *
   * @param skipped tests that the tool skips, and a part of what it says then
   */
  private static Stream<DynamicTest> suites(
      Unit unit, Set<String> suites, Map<String, String> skipped) throws Exception {
    List<Name> names = runnable().filter(name -> suites.contains(name.suite())).toList();
    assertThat(names).extracting(Name::suite).containsAll(suites);
    assertThat(names).extracting(Name::toString).containsAll(skipped.keySet());
    return names.stream()
        .filter(name -> unitOf(name) == Unit.PLAIN || skipped.containsKey(name.toString()))
        .map(name -> test(name, unit, skipped));
  }

  // ---- one test

  private static Stream<Name> runnable() throws Exception {
    List<Name> all = TestCu.tests();
    assertThat(all).extracting(Name::toString).containsAll(NOT_RUN.keySet());
    assertThat(all).extracting(Name::toString).containsAll(ELSEWHERE.keySet());
    assertThat(all).extracting(Name::suite).containsAll(SUITES_ELSEWHERE.keySet());
    return all.stream().filter(name -> !NOT_RUN.containsKey(name.toString()));
  }

  private static DynamicTest test(Name name, Unit unit, Map<String, String> skipped) {
    return dynamicTest(name.toString(), () -> check(name, unit, skipped.get(name.toString())));
  }

  private static void check(Name name, Unit unit, String skip) throws Exception {
    List<String> paths = unit.daemon().uris();
    TestCuResult result = TestCu.run(name, paths.get(0), paths.get(1));

    Outcome expected = skip == null ? Outcome.PASSED : Outcome.SKIPPED;
    assertThat(result.outcome()).as("%s: %s", name, result.why()).isEqualTo(expected);
    assertThat(result.why()).as(name.toString()).contains(skip == null ? "" : skip);
    assertThat(unit.daemon().alive()).as("the daemon lives").isTrue();
  }
}
