package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.iscsi4j.examples.daemon.TestCuResult.Outcome;
import org.junit.jupiter.api.Test;

/** Passes are told from skips by the tool's log. */
class TestCuResultTest {

  /** The tool looks for reservations before and after each test, which is not the test's doing. */
  private static final String SET_UP =
      "    Send PRIN/READ_KEYS\n    [SKIPPED] PERSISTENT RESERVE IN is not implemented.\n";

  @Test
  void aTestThatSentCommandsPassed() {
    TestCuResult result =
        result("\n    Send READ10 LBA:0\n    [OK] READ10 returned SUCCESS\n", "passed", 2);

    assertThat(result).isEqualTo(new TestCuResult(Outcome.PASSED, ""));
  }

  @Test
  void aTestThatSaysSoIsSkipped() {
    TestCuResult result =
        result(
            "\n    Send VERIFY10 LBA:0\n    [SKIPPED] VERIFY10 is not implemented.\n", "passed", 7);

    assertThat(result.outcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(result.why()).isEqualTo("[SKIPPED] VERIFY10 is not implemented.");
  }

  @Test
  void aTestThatSkipsItselfInOtherWordsIsSkipped() {
    assertThat(result("\n    LBPPB < 2. Skipping test\n", "passed", 1).outcome())
        .isEqualTo(Outcome.SKIPPED);
  }

  @Test
  void aTestThatLeavesAPartOutPassed() {
    String part = "[SKIPPING] No MAXIMUM WRITE SAME LENGTH - skipping MAXIMUM WRITE SAME LENGTH";
    String log = "\n    Send WRITESAME16 LBA:0\n    " + part + " asserts.\n";

    assertThat(result(log, "passed", 4).outcome()).isEqualTo(Outcome.PASSED);
  }

  @Test
  void aTestThatDidNothingIsSkipped() {
    assertThat(result("", "passed", 1))
        .isEqualTo(new TestCuResult(Outcome.SKIPPED, "silently, after 1 asserts"));
  }

  @Test
  void aTestThatOnlyLogsItsSuccessPassed() {
    assertThat(result("\n    [SUCCESS] UNMAP is available\n", "passed", 0).outcome())
        .isEqualTo(Outcome.PASSED);
  }

  @Test
  void aFailedTestTellsWhereAndWhat() {
    TestCuResult result =
        result(
            "\n    [FAILED] Target did not set the flag\n",
            "FAILED\n    1. test_x.c:96  - CU_ASSERT_EQUAL(a,b)",
            2);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.why())
        .isEqualTo("[FAILED] Target did not set the flag; test_x.c:96  - CU_ASSERT_EQUAL(a,b)");
  }

  @Test
  void aCheckThatFailedWithoutAnAssertIsAFailure() {
    assertThat(result("\n    Send INQUIRY\n    [FAILED] length was 3\n", "passed", 3).outcome())
        .isEqualTo(Outcome.FAILED);
  }

  @Test
  void aCommandThatFailedAsTheTestWantsIsNone() {
    assertThat(
            result(
                    "\n    Send WRITE10\n    [FAILED] WRITE10 command failed with status 2\n",
                    "passed",
                    4)
                .outcome())
        .isEqualTo(Outcome.PASSED);
    assertThat(
            result(
                    "\n    Send RESERVE6\n    [FAILED] RESERVE6 command: failed with sense.\n",
                    "passed",
                    4)
                .outcome())
        .isEqualTo(Outcome.PASSED);
  }

  @Test
  void aTestThatHangsFailed() {
    TestCuResult result =
        TestCuResult.of(
            new Client(Client.TIMED_OUT, SET_UP + "\n  Test: Simple ...\n    Send READ10\n"));

    assertThat(result).isEqualTo(new TestCuResult(Outcome.FAILED, "no end; last: Send READ10"));
  }

  @Test
  void aTestThatCouldNotLogInFailed() {
    TestCuResult result = TestCuResult.of(new Client(10, "Failed to login to target\n"));

    assertThat(result)
        .isEqualTo(new TestCuResult(Outcome.FAILED, "status 10; last: Failed to login to target"));
  }

  private static TestCuResult result(String log, String verdict, int asserts) {
    String output =
        SET_UP
            + "\nSuite: Read10\n  Test: Simple ..."
            + log
            + verdict
            + "\n"
            + SET_UP
            + "\nRun Summary:    Type  Total    Ran Passed Failed Inactive\n"
            + "             asserts     %d     %d     %d      0      n/a\n"
                .formatted(asserts, asserts, asserts);
    return TestCuResult.of(new Client(0, output));
  }
}
