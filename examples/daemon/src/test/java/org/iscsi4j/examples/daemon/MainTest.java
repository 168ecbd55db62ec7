package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command line up to where a server would start. */
class MainTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private final CommandLine commandLine =
      Main.commandLine()
          .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
          .setOut(new PrintWriter(out, true))
          .setErr(new PrintWriter(err, true));

  @Test
  void helpNamesEveryOption() {
    assertThat(commandLine.execute("serve", "--help")).isZero();
    assertThat(out.toString())
        .contains("--listen=HOST:PORT", "--target=IQN", "--lun=SPEC", "--chap=USER:SECRET")
        .contains("--mutual-chap=USER:SECRET", "--header-digest=None|CRC32C", "--data-digest")
        .contains("--tls-keystore=FILE", "--tls-password-file=FILE", "--tls-client-ca=FILE")
        .contains("--queue-depth", "--alias", "--state", "--verbose", "--version");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void helpTellsTheDefaults() {
    commandLine.execute("serve", "--help");

    assertThat(out.toString().replaceAll("\\s+", ""))
        .contains("default:127.0.0.1:3260", "default:iqn.2026-11.org.iscsi4j:disk")
        .contains("default:mem:64m");
  }

  @Test
  void versionIsOneLine() {
    assertThat(commandLine.execute("--version")).isZero();
    assertThat(out.toString().lines()).singleElement().asString().startsWith("iscsi-daemon ");
  }

  @Test
  void aCommandIsNeeded() {
    assertRefused("missing command: serve, check-config or ctl");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--frobnicate               | Unknown option: '--frobnicate'",
        "--tls-client-ca ca.pem     | --tls-password-file and --tls-client-ca need --tls-keystore",
        "--tls-keystore none.p12    | --tls-keystore needs --tls-password-file",
        "disk.img                   | disk.img",
        "--lun                      | Missing required parameter for option '--lun'",
        "--lun disk.img             | 'disk.img' is no device",
        "--lun tape:x               | 'tape:' is no known kind of device",
        "--lun mem:64q              | '64q' is no number of bytes",
        "--lun mem:1000             | size 1000 is not a multiple of the block size 512",
        "--lun mem:1m?colour=red    | has no option 'colour'; it has blocksize, bps, iops, limit, physical, readonly, removable, serial",
        "--lun mem:1m?readonly=5    | option readonly is a flag",
        "--lun mem:1m?serial=       | serial '' is not 1 to 64 characters long",
        "--lun file:/x?blocksize=3  | blockSize 3 is not a power of two",
        "--listen 127.0.0.1:port    | port 'port' is no number",
        "--listen 127.0.0.1:70000   | port 70000 is not within 0..65535",
        "--listen ::1               | put an IPv6 address in brackets",
        "--target disk              | 'disk' is no iSCSI name",
        "--chap alice               | expected USER:SECRET",
        "--chap alice:              | expected USER:SECRET",
        "--mutual-chap me:secret    | --mutual-chap needs --chap",
        "--chap a:same --mutual-chap b:same | the secret of the target's name 'b' is also that of a user",
        "--header-digest MD5        | 'MD5' is neither None nor CRC32C",
        "--data-digest SHA          | 'SHA' is neither None nor CRC32C",
        "--chap a:first --chap a:second | --chap names the user 'a' twice",
        "--lun mem:1m?iops=1k       | option iops: '1k' is no number of operations",
        "--lun mem:1m?iops=0        | operationsPerSecond 0 is not within 1..",
        "--lun mem:1m?bps           | option bps: '' is no number of bytes",
        "--queue-depth 0            | '--queue-depth': queueDepth 0 is not within 1..4096",
        "--queue-depth many         | 'many' is no number of commands"
      })
  void badArgumentIsRefused(String arguments, String complaint) {
    assertRefused(complaint, ("serve --listen 127.0.0.1:0 " + arguments).split(" "));
  }

  @Test
  void noSecretIsInTheComplaint() {
    assertRefused("--chap", "serve", "--chap", ":hush-hush-hush");
    assertThat(err.toString()).doesNotContain("hush");
  }

  @Test
  void aDeviceThatCantBeOpenedIsNoUsageError() {
    int status = commandLine.execute("serve", "--lun", "file:/no/such/disk.img");

    assertThat(status).isEqualTo(1);
    assertOneLine("/no/such/disk.img");
  }

  @Test
  void keyFilesThatAreOfNoUseAreNamed(@TempDir Path folder) throws Exception {
    Path password = Files.writeString(folder.resolve("password"), "changeit");
    Path wrong = Files.writeString(folder.resolve("wrong"), "somebody else's");
    Path noText = Files.write(folder.resolve("no-text"), new byte[] {(byte) 0xff, (byte) 0xfe});
    Path empty = Files.write(folder.resolve("empty.p12"), new byte[0]);
    Path keyless = folder.resolve("keyless.p12");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (OutputStream file = Files.newOutputStream(keyless)) {
      store.store(file, "changeit".toCharArray());
    }

    assertUseless(keyless, noText, noText + ": no text in UTF-8");
    assertUseless(empty, password, empty + ": no PKCS #12 key store");
    assertUseless(keyless, wrong, keyless + ": wrong password");
    assertUseless(keyless, password, keyless + ": no private key in it");
  }

  private void assertUseless(Path keyStore, Path password, String complaint) {
    err.getBuffer().setLength(0);
    String[] arguments = {
      "serve",
      "--listen",
      "127.0.0.1:0",
      "--tls-keystore",
      "" + keyStore,
      "--tls-password-file",
      "" + password
    };
    assertThat(commandLine.execute(arguments)).isEqualTo(1);
    assertOneLine(complaint);
  }

  private void assertRefused(String complaint, String... arguments) {
    assertThat(commandLine.execute(arguments)).isEqualTo(2);
    assertOneLine(complaint);
  }

  private void assertOneLine(String complaint) {
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("iscsi-daemon: ")
        .contains(complaint);
  }
}
