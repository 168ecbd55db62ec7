package org.iscsi4j.examples.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One run of libiscsi's {@code iscsi-test-cu}: one test in a process of its own, so that a test
 * that hangs or crashes costs no other.
 */
final class TestCu {

  private static final String PROGRAM = "iscsi-test-cu";

  /** The longest test waits for a minute and erases a disk twice. */
  private static final Duration LIMIT = Duration.ofSeconds(180);

  private TestCu() {}

  /**
   * A test's name.
   *
   * @param suite such as Read10
   * @param test such as BeyondEol
   */
  record Name(String suite, String test) {
    @Override
    public String toString() {
      return suite + "." + test;
    }
  }

  /** All tests that the tool has. */
  static List<Name> tests() throws IOException, InterruptedException {
    return Client.run(PROGRAM, "--list")
        .output()
        .lines()
        .map(line -> line.trim().split("\\."))
        .filter(parts -> parts.length == 3 && parts[0].equals("ALL"))
        .map(parts -> new Name(parts[1], parts[2]))
        .toList();
  }

  /** Runs a test; the data on the unit is lost. */
  static TestCuResult run(Name name, String uri, String secondPath)
      throws IOException, InterruptedException {
    List<String> command =
        List.of(
            PROGRAM,
            "--dataloss",
            "--allow-sanitize",
            "--Verbose-scsi",
            "-t",
            "ALL." + name,
            uri,
            secondPath);
    return TestCuResult.of(Client.run(LIMIT, Map.of(), command));
  }
}
