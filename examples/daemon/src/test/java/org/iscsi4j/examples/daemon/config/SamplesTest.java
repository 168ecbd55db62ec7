package org.iscsi4j.examples.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples are good as they are, and say what their comments say. */
class SamplesTest {

  private static final ConfigReader READER = new ConfigReader(UnknownKeys.REFUSE);

  @TempDir private Path folder;

  @BeforeEach
  void copies() throws IOException {
    for (String name : new String[] {"istgt.conf", "auth.conf", "istgtcontrol.conf"}) {
      Files.copy(samples().resolve(name), folder.resolve(name));
    }
    Files.setPosixFilePermissions(
        folder.resolve("auth.conf"), PosixFilePermissions.fromString("rw-------"));
  }

  /** From the module's directory, or from the root. */
  private static Path samples() {
    return Stream.of("samples", "examples/daemon/samples")
        .map(Path::of)
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theDaemonsSampleServesADiskToEverybodyHere() throws Exception {
    Checked<DaemonConfig> checked = READER.daemon(folder.resolve("istgt.conf"));
    DaemonConfig config = checked.value();

    assertThat(checked.warnings()).isEmpty();
    assertThat(config.portalGroups().get(1).portals())
        .containsExactly(new PortalSpec("DA1", "127.0.0.1", 3260));
    assertThat(config.units()).containsOnlyKeys(1);
    UnitSection unit = config.units().get(1);
    assertThat(unit.name()).hasToString("iqn.2007-09.jp.ne.peach.istgt:disk1");
    assertThat(unit.auth().method()).isEqualTo(Method.NONE);
    assertThat(unit.luns().get(0).medium().size().bytes()).isEqualTo(OptionalLong.of(1 << 30));
  }

  @Test
  void theClientsSampleFitsTheDaemons() throws Exception {
    Checked<ControlClientConfig> checked =
        READER.controlClient(folder.resolve("istgtcontrol.conf"));
    DaemonConfig daemon = READER.daemon(folder.resolve("istgt.conf")).value();
    ControlClientConfig client = checked.value();

    assertThat(checked.warnings()).isEmpty();
    ControlSection control = daemon.control().orElseThrow();
    assertThat(control.portals())
        .containsExactly(new PortalSpec("UC1", "127.0.0.1", client.port()));
    assertThat(client.method()).isEqualTo(control.auth().method());
    assertThat(client.targetName()).contains(daemon.units().get(1).name().toString());
    Account account = client.account().orElseThrow();
    Credential known =
        new AuthFile(daemon.global().authFile())
            .find(control.auth().group().getAsInt(), account.user())
            .orElseThrow();
    assertThat(known).isEqualTo(account.credential());
  }

  /** A setting in a comment has its key right behind the {@code #}; prose has a blank there. */
  @Test
  void whatTheCommentsOfferIsGoodToo() throws Exception {
    Path file = folder.resolve("istgt.conf");
    String text = Files.readString(file);
    String all = text.replaceAll("(?m)^( *)#(\\[|[A-Z]|  [A-Z])", "$1$2");
    Files.writeString(file, all);

    Checked<DaemonConfig> checked = READER.daemon(file);

    assertThat(checked.value().units().values())
        .extracting(UnitSection::type)
        .containsExactly(UnitType.DISK, UnitType.DVD, UnitType.TAPE);
    assertThat(checked.value().units().get(1).luns()).containsOnlyKeys(0, 1);
    assertThat(checked.warnings())
        .extracting(Problem::message)
        .allMatch(message -> message.endsWith(", which counts")); // an "or"
  }
}
