package org.iscsi4j.examples.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What istgtcontrol.conf says. */
class ControlClientConfigTest {

  private static final ConfigReader READER = new ConfigReader(UnknownKeys.REFUSE);

  @TempDir private Path folder;

  @Test
  void whatIsAbsentHasItsDefault() throws Exception {
    ControlClientConfig config = READER.controlClient(write("[Global]\n")).value();

    assertThat(config).isEqualTo(ControlClientConfig.DEFAULTS);
    assertThat(config)
        .isEqualTo(
            new ControlClientConfig(
                Duration.ofSeconds(60),
                Method.AUTO,
                Optional.empty(),
                "localhost",
                3261,
                Optional.empty(),
                0,
                "ro",
                "auto",
                Optional.empty()));
  }

  @Test
  void whatTheFileSaysIsTaken() throws Exception {
    Path file =
        write(
            """
            [Global]
              Comment "a client"
              Timeout 5
              AuthMethod CHAP Mutual
              Auth "testuser" "secret" "mutual user" "mutual secret"
              Host 192.168.2.36
              Port 3262
              TargetName "iqn.2007-09.jp.ne.peach:dvd1"
              Lun 16383
              Flags "rw,extend"
              Size 2GB-1MB
              Socket /run/control.sock
            """);

    assertThat(READER.controlClient(file).value())
        .isEqualTo(
            new ControlClientConfig(
                Duration.ofSeconds(5),
                Method.CHAP_MUTUAL,
                Optional.of(
                    new Account(
                        "testuser",
                        new Credential(
                            Secret.of("secret"),
                            Optional.of(
                                new Credential.Own("mutual user", Secret.of("mutual secret")))))),
                "192.168.2.36",
                3262,
                Optional.of("iqn.2007-09.jp.ne.peach:dvd1"),
                16_383,
                "rw,extend",
                "2GB-1MB",
                Optional.of(Path.of("/run/control.sock"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "Timeout -1     ~ Timeout: what stands there is not within 0..86400",
        "Port 0         ~ Port: what stands there is not within 1..65535",
        "Lun 16384      ~ Lun: what stands there is not within 0..16383",
        "Flags wo       ~ `Flags: what stands there is refused: expected ro or rw, extend, dynamic, with commas between them`",
        "Size large     ~ `Size: what stands there is refused: expected Auto or a number of bytes such as 10GB or 20GB-1MB, with K, M, G, T, P, E or Z`",
        "AuthMethod MD5 ~ `AuthMethod: what stands there is not accepted; accepted: Auto, None, CHAP, CHAP Mutual`",
        "Auth hush      ~ `Auth: needs a user and a secret, and for mutual CHAP a name and its secret`",
        "Auht hush hush ~ unknown key what stands there; did you mean Auth?"
      })
  void aWrongLineIsToldWithoutRepeatingIt(String line, String complaint) throws IOException {
    Path file = write("[Global]\n" + line + "\n");

    assertThatThrownBy(() -> READER.controlClient(file))
        .isInstanceOf(ConfigException.class)
        .hasMessage(file + ":2: " + complaint);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("istgtcontrol.conf"), text);
  }
}
