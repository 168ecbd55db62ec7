package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command {@code check-config}. */
class CheckConfigCommandTest {

  private static final String GOOD =
      """
      [Global]
      [PortalGroup1]
        Portal DA1 127.0.0.1:3260
      [InitiatorGroup1]
        InitiatorName ALL
      [LogicalUnit1]
        TargetName disk1
        Mapping PortalGroup1 InitiatorGroup1
        UnitType Disk
        LUN0 Storage disk1.img 1GB
        LUN1 Storage disk2.img 1GB
      """;

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aGoodFileIsOneLineOnStandardOutput() throws IOException {
    Path file = write(GOOD);

    assertThat(check(file.toString())).isZero();
    assertThat(out).hasToString(file + ": good: 1 target with 2 LUNs at 1 portal\n");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void mistakesAreLinesOnStandardError() throws IOException {
    Path file = write(GOOD + "ReadOnyl Yes\nQueueDepth many\n");

    assertThat(check(file.toString())).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err)
        .hasToString(
            file
                + ":12: unknown key 'ReadOnyl'; did you mean ReadOnly?\n"
                + file
                + ":13: QueueDepth: 'many' is not within 0..4096\n");
  }

  @Test
  void unknownKeysMayBeWarnings() throws IOException {
    Path file = write(GOOD + "ReadOnyl Yes\n");

    assertThat(check("--unknown-keys=warn", file.toString())).isZero();
    assertThat(out.toString()).startsWith(file + ": good: 1 target");
    assertThat(err)
        .hasToString(file + ":12: warning: unknown key 'ReadOnyl'; did you mean ReadOnly?\n");
  }

  @Test
  void aFileThatIsNotThereIsTold() {
    Path file = folder.resolve("none.conf");

    assertThat(check(file.toString())).isEqualTo(2);
    assertThat(err).hasToString(file + ": no such file\n");
  }

  @Test
  void theSwitchHasTwoWords() {
    assertThat(check("--unknown-keys=ignore", "x")).isEqualTo(2);
    assertThat(err.toString()).contains("'ignore' is neither refuse nor warn");
  }

  @Test
  void helpTellsTheDefaults() {
    assertThat(check("--help")).isZero();
    assertThat(out.toString().replaceAll("\\s+", ""))
        .contains("default:/etc/istgt/istgt.conf", "--unknown-keys=refuse|warn", "default:refuse");
  }

  private int check(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "check-config";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return Main.commandLine()
        .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("istgt.conf"), text);
  }
}
