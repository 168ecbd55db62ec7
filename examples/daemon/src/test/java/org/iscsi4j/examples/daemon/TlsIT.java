package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real clients behind stunnel, which knows nothing of iSCSI, as they know nothing of TLS. */
@RealClients({"stunnel4", "libiscsi-bin", "qemu-utils", "qemu-block-extra"})
class TlsIT {

  private static final String PASSWORD = "changeit";
  private static final int PATIENCE = 30; // seconds

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

    private static final Pattern BOUND = Pattern.compile("bound to 127\\.0\\.0\\.1:(\\d+)");

    static Tunnel to(DaemonProcess daemon, String... more) throws Exception {
      List<String> lines =
          List.of(
              "foreground = yes",
              "client = yes",
              "pid =",
              "debug = info",
              "[iscsi]",
              "accept = 127.0.0.1:0",
              "connect = " + URI.create(daemon.uri()).getAuthority(),
              "CAfile = " + folder.resolve("server.pem"),
              "verifyChain = yes",
              String.join("\n", more));
      Path settings = Files.write(Files.createTempFile(folder, "stunnel", ""), lines);
      Process process =
          new ProcessBuilder("stunnel4", settings.toString()).redirectErrorStream(true).start();
      CompletableFuture<Integer> port = new CompletableFuture<>();
      Thread reader = new Thread(() -> read(process, port), "stunnel");
      reader.setDaemon(true);
      reader.start();
      return new Tunnel(process, port.get(PATIENCE, TimeUnit.SECONDS));
    }

    /** Reads what it says until it ends, so that it never waits for somebody who does. */
    private static void read(Process process, CompletableFuture<Integer> port) {
      StringBuilder said = new StringBuilder();
      process
          .inputReader()
          .lines()
          .forEach(
              line -> {
                said.append(line).append('\n');
                Matcher bound = BOUND.matcher(line);
                if (bound.find()) {
                  port.complete(Integer.parseInt(bound.group(1)));
                }
              });
      port.completeExceptionally(new AssertionError("stunnel ended: " + said));
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

      daemon.awaitLog("Empty client certificate chain"); // what stands before it is the JDK's
      daemon.awaitLog("TLS failed: first byte 43h is no TLS handshake");
    }
  }
}
