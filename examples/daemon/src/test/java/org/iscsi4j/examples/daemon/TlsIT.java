package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real clients behind stunnel, which knows nothing of iSCSI, as they know nothing of TLS. */
@RealClients
class TlsIT {

  private static final String PASSWORD = "changeit";
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

  @TempDir private static Path folder;

  @BeforeAll
  static void makeCertificates() throws Exception {
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
            + " -subj /CN=localhost -keyout server.key -out server.pem");
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
            + " -subj /CN=client -keyout client.key -out client.pem");
    openssl(
        "pkcs12 -export -inkey server.key -in server.pem -out server.p12 -passout pass:"
            + PASSWORD);
    Files.writeString(folder.resolve("password"), PASSWORD + "\n");
  }

  private static void openssl(String arguments) throws Exception {
    String inFolder = arguments.replaceAll("(server|client)\\.", folder + "/$0");
    Client openssl = Client.run(("openssl " + inFolder).split(" "));
    assertThat(openssl.status()).as(openssl.output()).isZero();
  }

  private static DaemonProcess serve() throws IOException, InterruptedException {
    return DaemonProcess.serve(
        "-v",
        "--tls-keystore",
        folder.resolve("server.p12").toString(),
        "--tls-password-file",
        folder.resolve("password").toString(),
        "--tls-client-ca",
        folder.resolve("client.pem").toString());
  }

  /** A tunnel to the daemon, and the port of its near end. */
  private record Tunnel(Process process, int port) implements AutoCloseable {

    static Tunnel to(DaemonProcess daemon, String... more) throws Exception {
      int port = freePort();
      List<String> lines =
          List.of(
              "foreground = yes",
              "client = yes",
              "pid =",
              "[iscsi]",
              "accept = 127.0.0.1:" + port,
              "connect = " + URI.create(daemon.uri()).getAuthority(),
              "CAfile = " + folder.resolve("server.pem"),
              "verifyChain = yes",
              String.join("\n", more));
      Path settings = Files.write(folder.resolve("stunnel-" + port), lines);
      Process process =
          new ProcessBuilder("stunnel4", settings.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log-" + port).toFile())
              .start();
      awaitListening(process, port);
      return new Tunnel(process, port);
    }

    private static int freePort() throws IOException {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      }
    }

    private static void awaitListening(Process process, int port) throws Exception {
      long deadline = System.nanoTime() + PATIENCE;
      while (true) {
        try {
          new Socket(InetAddress.getLoopbackAddress(), port).close();
          return;
        } catch (IOException notYet) {
          assertThat(process.isAlive() && System.nanoTime() < deadline).as("stunnel").isTrue();
          Thread.sleep(10); // another process tells nobody that it listens
        }
      }
    }

    String uri(DaemonProcess daemon) throws IOException {
      return "iscsi://127.0.0.1:" + port + URI.create(daemon.uri()).getPath();
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }

  private static String[] clientCertificate() {
    return new String[] {
      "cert = " + folder.resolve("client.pem"), "key = " + folder.resolve("client.key")
    };
  }

  @Test
  void readsBackThroughATunnelWhatWasWritten() throws Exception {
    Path image = folder.resolve("image");
    byte[] content = new byte[64 << 20];
    new Random(1).nextBytes(content);
    Files.write(image, content);
    try (DaemonProcess daemon = serve();
        Tunnel tunnel = Tunnel.to(daemon, clientCertificate())) {
      String uri = tunnel.uri(daemon);

      Client write =
          Client.run("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", image.toString(), uri);
      Client compare =
          Client.run("qemu-img", "compare", "-f", "raw", "-F", "raw", image.toString(), uri);

      assertThat(write.status()).as(write.output()).isZero();
      assertThat(compare.output()).contains("Images are identical");
    }
  }

  @Test
  void letsNobodyInWithoutACertificate() throws Exception {
    try (DaemonProcess daemon = serve();
        Tunnel tunnel = Tunnel.to(daemon)) {
      assertThat(Client.run("iscsi-inq", tunnel.uri(daemon)).status()).isNotZero();
      assertThat(Client.run("iscsi-inq", daemon.uri()).status()).isNotZero();

      daemon.awaitLog("TLS failed: Empty client certificate chain");
      daemon.awaitLog("TLS failed: first byte 43h is no TLS handshake");
    }
  }
}
