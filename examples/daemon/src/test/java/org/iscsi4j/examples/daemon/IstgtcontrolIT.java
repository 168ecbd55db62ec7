package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.iscsi4j.examples.daemon.control.FakeDaemon;
import org.iscsi4j.examples.daemon.control.TestControl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The original control client, every command of it, against our control channel. */
@RealClients("istgt")
class IstgtcontrolIT {

  private static final String USER = "\"ctluser\" \"test\" \"mutualuser\" \"mutualsecret\"";

  @TempDir Path folder;

  @Test
  void versionIsTold() throws Exception {
    try (TestControl control = new TestControl(Method.AUTO)) {
      Client client = runAs(control, "Auto", USER, "version");

      assertThat(client.output()).contains("target version ", "(iscsi4j)", "DONE VERSION command");
      assertThat(client.status()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NONE, Auto",
    "AUTO, Auto",
    "CHAP, Auto",
    "CHAP_MUTUAL, Auto",
    "CHAP, CHAP",
    "CHAP_MUTUAL, CHAP",
    "CHAP, CHAP Mutual",
    "CHAP_MUTUAL, CHAP Mutual",
    "AUTO, CHAP",
    "AUTO, CHAP Mutual"
  })
  void getsInByEachMethod(Method method, String clients) throws Exception {
    try (TestControl control = new TestControl(method)) {
      Client client = runAs(control, clients, USER, "noop");

      assertThat(client.output()).contains("DONE NOOP command").doesNotContain("ERROR");
      assertThat(client.status()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"ctluser, wrong", "nobody, test"})
  void aWrongUserOrSecretDoesNotGetIn(String user, String secret) throws Exception {
    try (TestControl control = new TestControl(Method.CHAP)) {
      Client client = runAs(control, "CHAP", user + " " + secret, "noop");

      assertThat(client.output()).contains("ERROR auth user or secret is missing", "AUTH failed");
      assertThat(client.status()).isOne();
    }
  }

  @Test
  void itNoticesThatTheDaemonIsNotTheOneItKnows() throws Exception {
    try (TestControl control = new TestControl(Method.CHAP_MUTUAL)) {
      String other = "\"ctluser\" \"test\" \"mutualuser\" \"another secret\"";

      assertThat(runAs(control, "CHAP Mutual", other, "noop").output()).contains("AUTH failed");
    }
  }

  @Test
  void listsTargetsAndUnits() throws Exception {
    try (TestControl control = new TestControl(Method.AUTO)) {
      assertThat(run(control, "list").output().lines())
          .containsExactly("" + FakeDaemon.DISK, "" + FakeDaemon.CD, "DONE LIST command");
      assertThat(run(control, "-t", "" + FakeDaemon.DISK, "list").output().lines())
          .containsExactly(
              "lun0 storage \"/disks/first.img\" 10485760",
              "lun1 storage \"/disks/\\\"second\\\" one.img\" 4194304",
              "DONE LIST command");
      assertThat(run(control, "-t", "" + FakeDaemon.CD, "list").output())
          .startsWith("lun0 removable present lock - ro \"/media/cd.iso\" auto");
    }
  }

  @Test
  void showsThatNobodyIsLoggedIn() throws Exception {
    try (TestControl control = new TestControl(Method.AUTO)) {
      assertThat(run(control, "info").output().lines())
          .containsExactly("no login", "DONE INFO command");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-l 0 load, load cd/0",
    "unload, unload cd/0",
    "reset, reset cd/0",
    "refresh, reload",
    "-f rw -s 1M change new.iso, 'change cd/0 MediumSpec[path=new.iso, flags=MediumFlags[readOnly=false, extend=false, dynamic=false], size=MediumSize[bytes=OptionalLong[1048576]]]'"
  })
  void hasTheDaemonDoThings(String command, String call) throws Exception {
    try (TestControl control = new TestControl(Method.AUTO)) {
      List<String> arguments = new ArrayList<>(List.of("-t", FakeDaemon.CD.toString()));
      arguments.addAll(List.of(command.split(" ")));

      Client client = run(control, arguments.toArray(String[]::new));

      assertThat(client.output()).startsWith("DONE ").doesNotContain("ERROR");
      assertThat(client.status()).isZero();
      assertThat(control.daemon.calls).containsExactly(call.replace("cd/", FakeDaemon.CD + "/"));
    }
  }

  @Test
  void tellsWhyNot() throws Exception {
    try (TestControl control = new TestControl(Method.AUTO)) {
      Client disk = run(control, "-t", "" + FakeDaemon.DISK, "load");
      Client nothing = run(control, "-t", "iqn.2026-01.org.example:none", "reset");

      assertThat(disk.output()).contains("ERROR not removable", "ABORT LOAD command");
      assertThat(disk.status()).isOne();
      assertThat(nothing.output()).contains("ERROR no target");
    }
  }

  @Test
  void quits() throws Exception {
    try (TestControl control = new TestControl(Method.AUTO)) {
      Client client = run(control, "quit");

      assertThat(client.output()).contains("DONE QUIT command");
      assertThat(client.status()).isZero();
    }
  }

  private Client run(TestControl control, String... arguments) throws Exception {
    return runAs(control, "Auto", USER, arguments);
  }

  private Client runAs(TestControl control, String method, String auth, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("/usr/sbin/istgtcontrol", "-c", file(control, method, auth)));
    command.addAll(List.of(arguments));
    return Client.run(command.toArray(String[]::new));
  }

  private String file(TestControl control, String method, String auth) throws IOException {
    Path file = folder.resolve("istgtcontrol.conf");
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(
            file,
            """
            [Global]
              Timeout 30
              AuthMethod %s
              Auth %s
              Host 127.0.0.1
              Port %d
            """
                .formatted(method, auth, control.port()))
        .toString();
  }
}
