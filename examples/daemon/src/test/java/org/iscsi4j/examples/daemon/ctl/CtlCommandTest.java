package org.iscsi4j.examples.daemon.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.iscsi4j.examples.daemon.control.FakeDaemon;
import org.iscsi4j.examples.daemon.control.TestControl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The client against our control channel. */
class CtlCommandTest {

  private static final String DISK = FakeDaemon.DISK.toString();
  private static final String CD = FakeDaemon.CD.toString();

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void listsEveryUnitInATable() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO)) {
      assertThat(run(control, "list")).isZero();
    }

    assertThat(out.toString().lines())
        .containsExactly(
            "TARGET                        LUN  TYPE  PRESENT  LOCKED  FLAGS  SIZE      FILE",
            DISK + "    0  disk  yes      no      rw     10485760  /disks/first.img",
            DISK + "    1  disk  yes      no      rw      4194304  /disks/\"second\" one.img",
            CD + "      0  dvd   yes      yes     ro      2097152  /media/cd.iso",
            "DONE LIST command");
  }

  @Test
  void quietLeavesOutWhatNobodyAskedFor() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO)) {
      assertThat(run(control, "-q", "-t", DISK, "-l", "1", "list")).isZero();
      assertThat(run(control, "-q", "noop")).isZero();
    }

    assertThat(out.toString().lines()).hasSize(2).last().asString().contains("second");
  }

  @Test
  void versionIsWrittenAsIstgtcontrolDoes() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO)) {
      assertThat(run(control, "-v", "version")).isZero();
    }

    assertThat(out.toString()).startsWith("target version ").endsWith("DONE VERSION command\n");
    assertThat(err.toString()).startsWith("iSCSI Target Controller version ");
  }

  @ParameterizedTest
  @CsvSource({
    "-t @CD load, load @CD/0",
    "-t @CD -l 0 unload, unload @CD/0",
    "reset -t @DISK -l 1, reset @DISK/1",
    "refresh, reload",
    "-t @DISK -l 5 add mem:64m, add @DISK/5 mem:64m",
    "-t @DISK -l 1 remove, remove @DISK/1",
    "-t @DISK resize 20M, resize @DISK/0 20971520",
    "-t @CD -f rw -s 1M change new.iso, 'change @CD/0 MediumSpec[path=new.iso, flags=MediumFlags[readOnly=false, extend=false, dynamic=false], size=MediumSize[bytes=OptionalLong[1048576]]]'"
  })
  void hasTheDaemonDoThings(String arguments, String call) throws IOException {
    try (TestControl control = new TestControl(Method.AUTO)) {
      assertThat(run(control, full(arguments).split(" "))).isZero();

      assertThat(control.daemon.calls).containsExactly(full(call));
    }
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"info", "sessions", "stats", "reservations", "trace", "-t all info"})
  void asksForTables(String arguments) throws IOException {
    try (TestControl control = new TestControl(Method.AUTO)) {
      assertThat(run(control, arguments.split(" "))).isZero();
    }
    assertThat(out.toString()).containsPattern("DONE [A-Z]+ command");
    assertThat(out.toString().lines()).hasSizeGreaterThan(1);
  }

  @Test
  void traceTakesAreas() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO)) {
      assertThat(run(control, "trace", "net")).isZero();
    }
    assertThat(out.toString()).contains("net    yes", "scsi   no");
  }

  @Test
  void aRefusalIsStatusOne() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO)) {
      assertThat(run(control, "-t", DISK, "load")).isOne();
    }
    assertThat(err.toString()).isEqualTo("ERROR not removable\n");
    assertThat(out.toString()).isEqualTo("ABORT LOAD command\n");
  }

  @Test
  void jsonIsTheDaemonsDocument() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO)) {
      assertThat(run(control, "--json", "refresh")).isZero();
      assertThat(run(control, "--json", "close", "7")).isOne();
    }
    assertThat(out.toString().lines())
        .containsExactly(
            "{\"command\":\"REFRESH\",\"ok\":true,"
                + "\"result\":[\"target a added\",\"target b removed\"]}",
            "{\"command\":\"CLOSE\",\"ok\":false,\"error\":\"no session\"}");
  }

  @Test
  void aDaemonThatIsNotThereIsStatusOne() throws IOException {
    int port;
    try (TestControl control = new TestControl(Method.AUTO)) {
      port = control.port();
    }
    assertThat(execute("-h", "127.0.0.1", "-p", "" + port, "noop")).isOne();
    assertThat(err.toString()).startsWith("ERROR can't reach 127.0.0.1:" + port + ": ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | Missing required parameter: 'COMMAND'",
        "bogus | unknown command 'bogus': noop, version, list",
        "load | load needs a target: say -t TARGET",
        "-t ALL unload | unload needs a target: say -t TARGET",
        "-l 3 list | -l needs a target",
        "-t x -l 16384 load | -l 16384 is not within 0..16383",
        "-t x change | expected: change FILE",
        "noop again | expected: noop",
        "-A md5 noop | 'md5' is none of Auto, None, CHAP, Mutual",
        "-x noop | Unknown option: '-x'",
        "-c /no/such/file noop | /no/such/file"
      })
  void aCommandLineThatMakesNoSenseIsStatusTwo(String arguments, String complaint) {
    String[] words = arguments.isEmpty() ? new String[0] : arguments.split(" ");

    assertThat(execute(words)).isEqualTo(2);
    assertThat(err.toString()).contains(complaint);
  }

  // ---- authentication

  @ParameterizedTest
  @CsvSource({
    "NONE, Auto",
    "AUTO, Auto",
    "CHAP, Auto",
    "CHAP_MUTUAL, Auto",
    "NONE, CHAP",
    "CHAP, CHAP",
    "CHAP_MUTUAL, CHAP",
    "AUTO, Mutual",
    "CHAP, Mutual",
    "CHAP_MUTUAL, Mutual"
  })
  void getsInByEachMethod(Method method, String clients) throws IOException {
    try (TestControl control = new TestControl(method)) {
      assertThat(run(control, "-c", file("test", "mutualsecret"), "-A", clients, "noop"))
          .as(err::toString)
          .isZero();
    }
  }

  @Test
  void aWrongSecretDoesNotGetIn() throws IOException {
    try (TestControl control = new TestControl(Method.CHAP)) {
      assertThat(run(control, "-c", file("wrong", "mutualsecret"), "noop")).isOne();
    }
    assertThat(err.toString())
        .isEqualTo("ERROR authentication failed: auth user or secret is missing\n");
  }

  @Test
  void aDaemonThatIsAnotherIsLeft() throws IOException {
    try (TestControl control = new TestControl(Method.CHAP_MUTUAL)) {
      assertThat(run(control, "-c", file("test", "another"), "-A", "Mutual", "noop")).isOne();
    }
    assertThat(err.toString()).contains("the daemon has not proved who it is");
  }

  @Test
  void aDaemonThatProvesNothingIsLeftByWhoAsksForIt() throws IOException {
    try (TestControl control = new TestControl(Method.NONE)) {
      assertThat(run(control, "-c", file("test", "mutualsecret"), "-A", "Mutual", "noop")).isOne();
    }
    assertThat(err.toString()).contains("authentication failed: auth not required");
  }

  @Test
  void secretsComeFromFilesAndOptions() throws IOException {
    String mine = "" + Files.writeString(folder.resolve("mine"), "test\nmore\n");
    String daemons = "" + Files.writeString(folder.resolve("daemons"), "mutualsecret");
    try (TestControl control = new TestControl(Method.CHAP_MUTUAL)) {
      assertThat(
              run(
                  control,
                  "-U",
                  "ctluser",
                  "--secret-file",
                  mine,
                  "-M",
                  "mutualuser",
                  "--mutual-secret-file",
                  daemons,
                  "noop"))
          .as(err::toString)
          .isZero();
      assertThat(
              run(
                  control,
                  "-U",
                  "ctluser",
                  "-S",
                  "test",
                  "-M",
                  "mutualuser",
                  "-R",
                  "mutualsecret",
                  "noop"))
          .as(err::toString)
          .isZero();
    }
  }

  @Test
  void whoHasToBeSomebodyIsTold() throws IOException {
    try (TestControl control = new TestControl(Method.CHAP)) {
      assertThat(run(control, "noop")).isOne();
    }
    assertThat(err.toString()).contains("say -U USER");
  }

  @Test
  void theSocketNeedsNoSecret() throws IOException {
    Path socket = folder.resolve("control.sock");
    try (TestControl control = new TestControl(socket)) {
      assertThat(run(control, "-A", "None", "list")).isOne();
      assertThat(execute("--socket", "" + socket, "list")).isZero();
    }
    assertThat(out.toString()).contains(DISK);
  }

  // ---- how it is run

  private int run(TestControl control, String... arguments) {
    List<String> all = new ArrayList<>(List.of("-h", "127.0.0.1", "-p", "" + control.port()));
    all.addAll(List.of(arguments));
    return execute(all.toArray(String[]::new));
  }

  private int execute(String... arguments) {
    return new CommandLine(new CtlCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private String file(String secret, String daemonSecret) throws IOException {
    return Files.writeString(
            folder.resolve("istgtcontrol.conf"),
            "[Global]\n  Auth \"ctluser\" \"%s\" \"mutualuser\" \"%s\"\n"
                .formatted(secret, daemonSecret))
        .toString();
  }

  private static String full(String text) {
    return text.replace("@CD", CD).replace("@DISK", DISK);
  }
}
