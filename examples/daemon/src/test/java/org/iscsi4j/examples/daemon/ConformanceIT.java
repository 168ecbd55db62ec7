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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * libiscsi's conformance tests for the commands that the engine has, against units of several
 * kinds. A test that the tool skips fails here, unless it is listed with the reason; one that is
 * listed and no longer skipped fails too, so that the lists stay true.
 */
@RealClients
class ConformanceIT {

  /** 1 GiB sharp makes a test skip itself. */
  private static final String SIZE = "1000m";

  private static final Set<String> READS = Set.of("Read6", "Read10", "Read12", "Read16");
  private static final Set<String> WRITES =
      Set.of("Write10", "Write12", "Write16", "WriteSame10", "WriteSame16", "Unmap");
  private static final Set<String> FACTS =
      Set.of(
          "TestUnitReady",
          "Inquiry",
          "Mandatory",
          "ModeSense6",
          "ReadCapacity10",
          "ReadCapacity16",
          "ReportSupportedOpcodes");
  private static final Set<String> TRANSPORT =
      Set.of("iSCSIcmdsn", "iSCSIdatasn", "iSCSIResiduals", "iSCSITMF", "MultipathIO");

  private static final Map<String, String> NOT_RUN =
      Map.of(
          "iSCSITMF.LUNResetSimpleAsync",
              "the tool asserts that it reconnected before it has read the answer it waits for",
          "MultipathIO.CompareAndWriteAsync",
              "COMPARE AND WRITE is not there yet, and this test does not ask first");

  // the tool's words for why it skips a test
  private static final String NO_ZERO_BLOCKS = "does not support 0-blocks";
  private static final String ONE_BLOCK = "LBPPB < 2";
  private static final String NOT_YET = "is not implemented";
  private static final String SILENTLY = "silently";

  private static DaemonProcess daemon;

  @BeforeAll
  static void serve() throws Exception {
    daemon =
        DaemonProcess.serve(
            "--listen",
            "127.0.0.1:0",
            "--lun",
            "mem:" + SIZE,
            "--lun",
            "mem:" + SIZE + "?physical=4096",
            "--lun",
            "mem:" + SIZE + "?blocksize=4096",
            "--lun",
            "mem:" + SIZE + "?removable",
            "--lun",
            "mem:" + SIZE + "?readonly");
  }

  @AfterAll
  static void end() {
    daemon.close();
  }

  @TestFactory
  Stream<DynamicTest> plainUnit() throws Exception {
    return tests(
        0,
        Stream.of(FACTS, READS, WRITES, TRANSPORT).flatMap(Set::stream).toList(),
        Map.ofEntries(
            Map.entry("WriteSame10.ZeroBlocks", NO_ZERO_BLOCKS),
            Map.entry("WriteSame16.ZeroBlocks", NO_ZERO_BLOCKS),
            Map.entry("WriteSame10.UnmapUnaligned", ONE_BLOCK),
            Map.entry("WriteSame16.UnmapUnaligned", ONE_BLOCK),
            Map.entry("WriteSame10.InvalidDataOutSize", ONE_BLOCK),
            Map.entry("WriteSame16.InvalidDataOutSize", ONE_BLOCK),
            Map.entry("iSCSIResiduals.WriteVerify10Residuals", NOT_YET),
            Map.entry("iSCSIResiduals.WriteVerify12Residuals", NOT_YET),
            Map.entry("iSCSIResiduals.WriteVerify16Residuals", NOT_YET),
            Map.entry("MultipathIO.CompareAndWrite", SILENTLY)));
  }

  @TestFactory
  Stream<DynamicTest> unitWithPhysicalBlocks() throws Exception {
    return tests(
        1,
        List.of("Inquiry", "ReadCapacity16", "WriteSame10", "WriteSame16", "Unmap"),
        Map.of("WriteSame10.ZeroBlocks", NO_ZERO_BLOCKS, "WriteSame16.ZeroBlocks", NO_ZERO_BLOCKS));
  }

  @TestFactory
  Stream<DynamicTest> unitWithLargeBlocks() throws Exception {
    return tests(
        2,
        List.of("ReadCapacity10", "ReadCapacity16", "Read10", "Write10", "WriteSame16", "Unmap"),
        Map.of(
            "WriteSame16.ZeroBlocks", NO_ZERO_BLOCKS,
            "WriteSame16.UnmapUnaligned", ONE_BLOCK,
            "WriteSame16.InvalidDataOutSize", ONE_BLOCK));
  }

  @TestFactory
  Stream<DynamicTest> removableUnit() throws Exception {
    return tests(
        3,
        List.of("TestUnitReady", "Inquiry", "StartStopUnit", "NoMedia"),
        // skips the commands that are not there, having checked the others
        Map.of("NoMedia.NoMediaSBC", "VERIFY10 is not implemented"));
  }

  @TestFactory
  Stream<DynamicTest> readOnlyUnit() throws Exception {
    return tests(
        4,
        List.of("ModeSense6", "Read10", "ReadOnly"),
        Map.of("ReadOnly.ReadOnlySBC", "COMPAREANDWRITE is not implemented"));
  }

  /**
   * The tests of some suites.
   *
   * @param skipped tests that the tool skips, and a part of what it says then
   */
  private static Stream<DynamicTest> tests(
      int lun, List<String> suites, Map<String, String> skipped) throws Exception {
    List<Name> names =
        TestCu.tests().stream().filter(name -> suites.contains(name.suite())).toList();
    assertThat(names).extracting(Name::suite).containsAll(suites);
    assertThat(names).extracting(Name::toString).containsAll(skipped.keySet());
    return names.stream()
        .filter(name -> !NOT_RUN.containsKey(name.toString()))
        .map(name -> dynamicTest(name.toString(), () -> check(name, lun, skipped)));
  }

  private static void check(Name name, int lun, Map<String, String> skipped) throws Exception {
    List<String> paths = daemon.uris();
    TestCuResult result = TestCu.run(name, paths.get(lun), paths.get(paths.size() / 2 + lun));

    String skip = skipped.get(name.toString());
    Outcome expected = skip == null ? Outcome.PASSED : Outcome.SKIPPED;
    assertThat(result.outcome()).as("%s: %s", name, result.why()).isEqualTo(expected);
    assertThat(result.why()).as(name.toString()).contains(skip == null ? "" : skip);
    assertThat(daemon.alive()).as("the daemon lives").isTrue();
  }
}
