package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The daemon as a program: what it prints, how it ends, what it does with bad arguments. */
class DaemonIT {

  @TempDir Path folder;

  @Test
  void printsAUriForEveryPortalAndUnitWhenItIsReady() throws Exception {
    try (DaemonProcess daemon =
        DaemonProcess.serve("--listen", "127.0.0.1:0", "--lun", "mem:1m", "--lun", "mem:2m")) {
      int first = port(daemon.uris().get(0));
      int second = port(daemon.uris().get(2));

      assertThat(first).isNotEqualTo(second);
      assertThat(daemon.uris())
          .containsExactly(
              "iscsi://127.0.0.1:" + first + "/iqn.2026-11.org.iscsi4j:disk/0",
              "iscsi://127.0.0.1:" + first + "/iqn.2026-11.org.iscsi4j:disk/1",
              "iscsi://127.0.0.1:" + second + "/iqn.2026-11.org.iscsi4j:disk/0",
              "iscsi://127.0.0.1:" + second + "/iqn.2026-11.org.iscsi4j:disk/1");
      connect("127.0.0.1", first).close();
      connect("127.0.0.1", second).close();
    }
  }

  @Test
  void bringsItsLicenses() throws IOException {
    try (JarFile jar = new JarFile(DaemonProcess.JAR.toFile())) {
      assertThat(jar.getEntry("META-INF/LICENSE")).isNotNull();
      assertThat(jar.getEntry("META-INF/THIRD-PARTY")).isNotNull();
    }
  }

  @Test
  void saysWhatToTry() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serve()) {
      String portal = "127.0.0.1:" + port(daemon.uri());

      assertThat(daemon.terminate().out())
          .contains("  iscsi-ls -s iscsi://" + portal + "\n")
          .contains("  qemu-img info iscsi://" + portal + "/iqn.2026-11.org.iscsi4j:disk/0\n")
          .contains("iscsiadm -m discovery -t sendtargets -p " + portal);
    }
  }

  @Test
  void showsNoSecretInWhatToTry() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serve("--chap", "alice:twelve-bytes!")) {
      assertThat(daemon.terminate().out())
          .contains("iscsi-ls -s iscsi://alice%SECRET@127.0.0.1:")
          .doesNotContain("twelve-bytes!");
    }
  }

  @Test
  void logsNothingUnlessItIsAsked() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serve()) {
      connect("127.0.0.1", port(daemon.uri())).close();

      assertThat(daemon.terminate().err()).isEmpty();
    }
  }

  @Test
  void logsToStandardErrorWhenItIsAsked() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serve("-vv")) {
      connect("127.0.0.1", port(daemon.uri())).close();
      daemon.awaitLog("DEBUG");
      DaemonProcess.Ended ended = daemon.terminate();

      assertThat(ended.err()).contains("DEBUG");
      assertThat(ended.out()).doesNotContain("DEBUG");
    }
  }

  @Test
  void endsCleanlyOnSigterm() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serve()) {
      assertEndedWell(daemon.terminate());
    }
  }

  @Test
  void endsCleanlyOnCtrlC() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serve()) {
      assumeTrue(
          daemon.heedsInterrupts(), "SIGINT is ignored, as in what a shell runs in the background");
      assertEndedWell(daemon.interrupt());
    }
  }

  @Test
  void endsCleanlyWhilePeersAreConnected() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serve();
        Socket silent = connect("127.0.0.1", port(daemon.uri()));
        Socket midLogin = connect("127.0.0.1", port(daemon.uri()))) {
      midLogin.getOutputStream().write(new byte[] {0x43, 0, 0, 0});

      assertEndedWell(daemon.terminate());
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void leavesItsPortToTheNext() throws Exception {
    String portal;
    try (DaemonProcess daemon = DaemonProcess.serve()) {
      portal = "127.0.0.1:" + port(daemon.uri());
      daemon.terminate();
    }
    try (DaemonProcess next = DaemonProcess.serveOn("--listen", portal)) {
      assertThat(next.uri()).startsWith("iscsi://" + portal + "/");
    }
  }

  @Test
  void leavesItsFileToTheNext() throws Exception {
    String spec = "file:" + folder.resolve("disk.img") + "?size=1m";
    try (DaemonProcess daemon = DaemonProcess.serve("--lun", spec)) {
      daemon.terminate();
    }
    try (DaemonProcess next = DaemonProcess.serve("--lun", spec)) {
      assertThat(next.alive()).isTrue();
    }
  }

  @Test
  void listensOnIpv6() throws Exception {
    assumeTrue(hasIpv6(), "no IPv6 on this machine");
    try (DaemonProcess daemon = DaemonProcess.serveOn("--listen", "[::1]:0")) {
      assertThat(daemon.uri()).startsWith("iscsi://[::1]:");
      connect("::1", port(daemon.uri())).close();
    }
  }

  @Test
  void printsAnAddressThatCanBeUsedForAWildcard() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serveOn("--listen", "0.0.0.0:0")) {
      String host = URI.create(daemon.uri()).getHost();

      assertThat(host).isNotEqualTo("0.0.0.0");
      connect(host, port(daemon.uri())).close();
    }
  }

  @Test
  void warnsOfAShortSecret() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serve("--chap", "alice:short")) {
      assertThat(daemon.terminate().err().lines())
          .singleElement(STRING)
          .contains("WARN", "CHAP secrets of less than 12 bytes");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--lun mem:3, mem:3",
    "--lun tape:x, tape:",
    "--no-such-option, --no-such-option",
    "--listen 127.0.0.1:70000, port 70000",
    "--queue-depth 0, --queue-depth"
  })
  void refusesABadArgumentWithOneLine(String arguments, String names) throws Exception {
    DaemonProcess.Ended ended =
        DaemonProcess.run(("serve --listen 127.0.0.1:0 " + arguments).split(" "));

    assertThat(ended.status()).isEqualTo(2);
    assertOneLine(ended, names);
  }

  @Test
  void refusesAPortInUseWithOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String portal = "127.0.0.1:" + taken.getLocalPort();
      DaemonProcess.Ended ended = DaemonProcess.run("serve", "--listen", portal);

      assertThat(ended.status()).isEqualTo(1);
      assertOneLine(ended, portal);
    }
  }

  @Test
  void refusesAnUnknownHostWithOneLine() throws Exception {
    DaemonProcess.Ended ended = DaemonProcess.run("serve", "--listen", "no-such-host.invalid:0");

    assertThat(ended.status()).isEqualTo(1);
    assertOneLine(ended, "no-such-host.invalid");
    assertThat(ended.err()).doesNotContain("null");
  }

  @Test
  void refusesAMissingFileWithOneLine() throws Exception {
    Path missing = folder.resolve("missing.img");
    DaemonProcess.Ended ended = DaemonProcess.run("serve", "--lun", "file:" + missing);

    assertThat(ended.status()).isEqualTo(1);
    assertOneLine(ended, missing.toString());
  }

  @Test
  void refusesAFileThatIsServedAlreadyWithOneLine() throws Exception {
    Path image = folder.resolve("disk.img");
    try (DaemonProcess first = DaemonProcess.serve("--lun", "file:" + image + "?size=1m")) {
      DaemonProcess.Ended second =
          DaemonProcess.run("serve", "--listen", "127.0.0.1:0", "--lun", "file:" + image);

      assertThat(second.status()).isEqualTo(1);
      assertOneLine(second, image.toString());
      assertThat(first.alive()).isTrue();
    }
  }

  private static void assertEndedWell(DaemonProcess.Ended ended) {
    assertThat(ended.status()).isZero();
    assertThat(ended.took()).isLessThan(Duration.ofSeconds(5));
    assertThat(ended.err()).isEmpty();
  }

  private static void assertOneLine(DaemonProcess.Ended ended, String names) {
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err().lines().toList()).singleElement().asString().contains(names);
  }

  private static Socket connect(String host, int port) throws IOException {
    return new Socket(InetAddress.getByName(host), port);
  }

  private static int port(String uri) {
    return URI.create(uri).getPort();
  }

  private static boolean hasIpv6() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
