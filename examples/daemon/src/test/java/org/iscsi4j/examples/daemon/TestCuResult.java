package org.iscsi4j.examples.daemon;

import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What became of a test of {@code iscsi-test-cu}, by the tool's log. The tool knows no skipped
 * tests: one that finds a command missing says so, or says nothing, and counts as passed.
 *
 * @param why the reason, when it did not pass
 */
record TestCuResult(Outcome outcome, String why) {

  /** How a test ended. */
  enum Outcome {
    PASSED,
    FAILED,
    SKIPPED
  }

  private static final Pattern BODY =
      Pattern.compile(
          "\n  Test: \\S+ \\.\\.\\.(?<log>.*?)(?:^|(?<=\\.\\.\\.))\\s*(?<verdict>passed|FAILED)(?=\\s|$)"
              + "(?<rest>.*)",
          Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern ASSERTS = Pattern.compile("asserts\\s+\\d+\\s+(\\d+)");
  private static final Pattern SKIPPED =
      Pattern.compile("\\[SKIPP(ED|ING)]|skipping test", Pattern.CASE_INSENSITIVE);

  /** Leaves out a part of a test, and not the test. */
  private static final Pattern PARTLY_SKIPPED =
      Pattern.compile("skipping MAXIMUM WRITE SAME LENGTH asserts|restrictions on this LUN");

  /** A failed check; a failed command alone is the test's business. */
  private static final Pattern UNASSERTED =
      Pattern.compile("\\[FAILED](?!.*command:? failed with)");

  private static final Pattern REASON = Pattern.compile("^\\s+1\\. (.*)$", Pattern.MULTILINE);

  /** So few asserts without a command are a test that gave up before it began. */
  private static final int SILENT = 2;

  static TestCuResult of(Client client) {
    if (client.status() == Client.TIMED_OUT) {
      return failed("no end; last: " + last(client.output()));
    }
    Matcher body = BODY.matcher(client.output());
    if (!body.find()) {
      return failed("status " + client.status() + "; last: " + last(client.output(), 6));
    }
    if (body.group("verdict").equals("FAILED")) {
      return failed(reason(body));
    }
    return whenPassed(body.group("log").lines().map(String::strip).toList(), asserts(client));
  }

  private static TestCuResult whenPassed(List<String> log, int asserts) {
    List<String> whole = log.stream().filter(line -> !PARTLY_SKIPPED.matcher(line).find()).toList();
    Optional<String> skip = first(whole, SKIPPED);
    if (skip.isPresent()) {
      return new TestCuResult(Outcome.SKIPPED, skip.get());
    }
    Optional<String> failure = first(log, UNASSERTED);
    if (failure.isPresent()) {
      return failed("logged, not asserted: " + failure.get());
    }
    boolean succeeded = log.stream().anyMatch(line -> line.contains("[SUCCESS]"));
    boolean sent = log.stream().anyMatch(line -> line.startsWith("Send "));
    if (!succeeded && (asserts == 0 || (asserts <= SILENT && !sent))) {
      return new TestCuResult(Outcome.SKIPPED, "silently, after " + asserts + " asserts");
    }
    return new TestCuResult(Outcome.PASSED, "");
  }

  private static TestCuResult failed(String why) {
    return new TestCuResult(Outcome.FAILED, why);
  }

  /** Where it failed, with what the log said first. */
  private static String reason(Matcher body) {
    String logged =
        body.group("log")
            .lines()
            .filter(line -> line.contains("[FAILED]"))
            .findFirst()
            .map(line -> line.strip() + "; ")
            .orElse("");
    Matcher where = REASON.matcher(body.group("rest"));
    return logged + (where.find() ? where.group(1) : "no assert is named");
  }

  private static int asserts(Client client) {
    return ASSERTS
        .matcher(client.output())
        .results()
        .map((MatchResult found) -> Integer.parseInt(found.group(1)))
        .findFirst()
        .orElse(0);
  }

  private static Optional<String> first(List<String> log, Pattern pattern) {
    return log.stream().filter(line -> pattern.matcher(line).find()).findFirst();
  }

  private static String last(String output) {
    return last(output, 1);
  }

  /** The last lines that say something. */
  private static String last(String output, int count) {
    List<String> lines = output.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    return lines.isEmpty()
        ? "nothing"
        : String.join(" | ", lines.subList(Math.max(0, lines.size() - count), lines.size()));
  }
}
