package org.iscsi4j.examples.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.api.access.Network;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.iscsi4j.examples.daemon.config.MediumSpec.MediumFlags;
import org.iscsi4j.examples.daemon.config.UnitSection.Mapping;
import org.iscsi4j.examples.daemon.config.UnitSection.UnitInquiry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What istgt.conf says, by value. */
class DaemonConfigTest {

  private static final AuthRule ANYHOW = new AuthRule(Method.AUTO, OptionalInt.empty());

  @TempDir private Path temporary;

  private ConfigFolder folder;

  @BeforeEach
  void aFolder() {
    folder = new ConfigFolder(temporary);
  }

  @Test
  void globalSettingsHaveIstgtsDefaults() throws ConfigException {
    assertThat(read("[Global]\n").global())
        .isEqualTo(
            new GlobalSection(
                "iqn.2007-09.jp.ne.peach.istgt",
                Optional.of(Path.of("/var/run/istgt.pid")),
                Path.of("/etc/istgt/auth.conf"),
                Path.of("/var/istgt"),
                "local7",
                Duration.ofSeconds(60),
                Duration.ofSeconds(20),
                ANYHOW,
                32,
                16,
                new SessionKeys(
                    OptionalInt.of(4),
                    OptionalInt.of(16),
                    OptionalInt.of(2),
                    OptionalInt.of(20),
                    OptionalInt.of(65_536),
                    OptionalInt.of(262_144),
                    OptionalInt.of(8192),
                    Optional.of(true),
                    Optional.of(true),
                    Optional.of(true),
                    Optional.of(true),
                    OptionalInt.of(0))));
  }

  @Test
  void globalSettingsAreTakenFromTheFile() throws ConfigException {
    DaemonConfig config =
        read(
            """
            [GLOBAL]
              nodebase "iqn.2010-01.org.example"
              PidFile None
              AuthFile secrets/auth.conf
              MediaDirectory /srv/media
              LogFacility Local0
              Timeout 0
              NopInInterval 0
              DiscoveryAuthMethod CHAP mutual
              DiscoveryAuthGroup None
              MaxSessions 65535
              MaxR2T 0
              MaxConnections 1
              MaxOutstandingR2T 2
              DefaultTime2Wait 3
              DefaultTime2Retain 3600
              FirstBurstLength 512
              MaxBurstLength 16777215
              MaxRecvDataSegmentLength 513
              InitialR2T No
              ImmediateData no
              DataPDUInOrder NO
              DataSequenceInOrder No
              ErrorRecoveryLevel 2
            """);

    assertThat(config.global())
        .isEqualTo(
            new GlobalSection(
                "iqn.2010-01.org.example",
                Optional.empty(),
                temporary.resolve("secrets/auth.conf"),
                Path.of("/srv/media"),
                "local0",
                Duration.ZERO,
                Duration.ZERO,
                new AuthRule(Method.CHAP_MUTUAL, OptionalInt.empty()),
                65_535,
                0,
                new SessionKeys(
                    OptionalInt.of(1),
                    OptionalInt.of(2),
                    OptionalInt.of(3),
                    OptionalInt.of(3600),
                    OptionalInt.of(512),
                    OptionalInt.of(16_777_215),
                    OptionalInt.of(513),
                    Optional.of(false),
                    Optional.of(false),
                    Optional.of(false),
                    Optional.of(false),
                    OptionalInt.of(2))));
  }

  @Test
  void theDefaultOfFirstBurstLengthFollowsMaxBurstLength() throws ConfigException {
    assertThat(read("[Global]\nMaxBurstLength 4096\n").global().keys().firstBurstLength())
        .hasValue(4096);
  }

  @Test
  void firstBurstLengthIsAtMostMaxBurstLength() {
    folder.write("[Global]\nFirstBurstLength 8192\nMaxBurstLength 4096\n", "");
    assertThat(folder.problems(UnknownKeys.REFUSE))
        .contains("istgt.conf:1: [Global]: FirstBurstLength 8192 exceeds MaxBurstLength 4096");

    folder.write(ConfigFolder.with("DISK", "MaxBurstLength 4096"), ConfigFolder.GOOD_SECRETS);
    assertThat(folder.problems(UnknownKeys.REFUSE))
        .containsExactly(
            "istgt.conf:16: [LogicalUnit1]: FirstBurstLength 65536 exceeds MaxBurstLength 4096");
  }

  @Test
  void withoutAControlSectionThereIsNoControl() throws ConfigException {
    assertThat(read("[Global]\n").control()).isEmpty();
  }

  @Test
  void theControlSection() throws ConfigException {
    DaemonConfig config =
        read(
            """
            [UnitControl]
              AuthMethod None
              Portal UC1 127.0.0.1:3261
              Portal "second one" [::1]
              Netmask 127.0.0.1
              Netmask [2001:db8::]/32
              Socket control.sock
            """);

    assertThat(config.control())
        .contains(
            new ControlSection(
                new AuthRule(Method.NONE, OptionalInt.empty()),
                List.of(
                    new PortalSpec("UC1", "127.0.0.1", 3261),
                    new PortalSpec("second one", "::1", 3260)),
                List.of(Network.parse("127.0.0.1"), Network.parse("2001:db8::/32")),
                Optional.of(temporary.resolve("control.sock"))));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1, 3260",
    "192.0.2.1:3262, 192.0.2.1, 3262",
    "192.0.2.1:0, 192.0.2.1, 0",
    "[2001:db8::1]:3262, 2001:db8::1, 3262",
    "[fe80::1%eth0], fe80::1%eth0, 3260",
    "*, 0.0.0.0, 3260",
    "*:3262, 0.0.0.0, 3262",
    "[*]:3262, ::, 3262",
    "0.0.0.0:3262, 0.0.0.0, 3262",
    "[::], ::, 3260"
  })
  void aPortal(String text, String host, int port) throws ConfigException {
    assertThat(read("[PortalGroup65535]\nPortal DA1 " + text + "\n").portalGroups())
        .containsOnlyKeys(65_535)
        .containsEntry(
            65_535, new PortalGroupSection(65_535, List.of(new PortalSpec("DA1", host, port))));
  }

  @Test
  void aPortalForAllAddressesStandsForIpv4Too() throws ConfigException {
    DaemonConfig config = read("[PortalGroup1]\nPortal A *:3260\nPortal B [*]:3260\nPortal C *:1");

    assertThat(config.portalGroups().get(1).portals())
        .containsExactly(new PortalSpec("B", "::", 3260), new PortalSpec("C", "0.0.0.0", 1));
  }

  @Test
  void portsThatTheSystemChoosesAreNotTheSame() throws ConfigException {
    assertThat(
            read("[PortalGroup1]\nPortal A [::1]:0\nPortal B [::1]:0")
                .portalGroups()
                .get(1)
                .portals())
        .hasSize(2);
  }

  @Test
  void groupsOfInitiators() throws ConfigException {
    DaemonConfig config =
        read(
            """
            [InitiatorGroup1]
              InitiatorName "!iqn.1991-05.com.microsoft:moon"
              InitiatorName iqn.1991-05.com.microsoft:SATURN
              InitiatorName ALL
              Netmask 192.168.2.0/24
              Netmask [2001:db8::]/64
            [InitiatorGroup2]
              InitiatorName !ALL
              Netmask ALL
            """);

    assertThat(config.initiatorGroups().values())
        .containsExactly(
            new InitiatorGroupSection(
                1,
                InitiatorGroup.builder()
                    .notName("iqn.1991-05.com.microsoft:moon")
                    .name("iqn.1991-05.com.microsoft:saturn")
                    .name("ALL")
                    .network("192.168.2.0/24")
                    .network("2001:db8::/64")
                    .build()),
            new InitiatorGroupSection(
                2, InitiatorGroup.builder().notName("ALL").network(Network.ALL).build()));
  }

  @Test
  void aUnitHasItsTypesDefaults() throws ConfigException {
    folder.write(ConfigFolder.GOOD, ConfigFolder.GOOD_SECRETS);
    DaemonConfig config = folder.read();

    assertThat(config.units().get(1))
        .isEqualTo(
            unit(
                1,
                "iqn.2007-09.jp.ne.peach.istgt:disk1",
                UnitType.DISK,
                new UnitInquiry("FreeBSD", "iSCSI DISK", "0001", "10000001"),
                512,
                32,
                new LunSection(
                    0,
                    new MediumSpec(
                        temporary.resolve("disk1.img"), MediumFlags.WRITABLE, size(1L << 30)),
                    "10000001",
                    OptionalInt.of(7200),
                    OptionalInt.of(2),
                    true,
                    true)));
    assertThat(config.units().get(2))
        .isEqualTo(
            unit(
                2,
                "iqn.2007-09.jp.ne.peach.istgt:dvd1",
                UnitType.DVD,
                new UnitInquiry("FreeBSD", "iSCSI DVD", "0001", "10000002"),
                2048,
                0,
                removable(
                    "10000002",
                    new MediumSpec(
                        MediumSpec.EMPTY, new MediumFlags(true, false, false), MediumSize.AUTO))));
    assertThat(config.units().get(3))
        .isEqualTo(
            unit(
                3,
                "iqn.2007-09.jp.ne.peach.istgt:tape1",
                UnitType.TAPE,
                new UnitInquiry("QUANTUM", "DLT8000", "C001", "CX10000003"),
                512,
                0,
                removable(
                    "CX10000003",
                    new MediumSpec(
                        temporary.resolve("tape1.vt"),
                        new MediumFlags(false, true, false),
                        size(1L << 30)))));
  }

  private static LunSection removable(String serial, MediumSpec medium) {
    return new LunSection(0, medium, serial, OptionalInt.empty(), OptionalInt.empty(), true, true);
  }

  private static MediumSize size(long bytes) {
    return new MediumSize(OptionalLong.of(bytes));
  }

  private static UnitSection unit(
      int number,
      String name,
      UnitType type,
      UnitInquiry inquiry,
      int blockLength,
      int queueDepth,
      LunSection lun) {
    return new UnitSection(
        number,
        IscsiName.of(name),
        Optional.empty(),
        List.of(new Mapping(1, 1)),
        ANYHOW,
        false,
        false,
        false,
        type,
        true,
        inquiry,
        blockLength,
        queueDepth,
        NOTHING_NAMED,
        new TreeMap<>(Map.of(0, lun)));
  }

  private static final SessionKeys NOTHING_NAMED =
      new SessionKeys(
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty());

  @Test
  void aUnitsSettingsAreTakenFromTheFile() throws ConfigException {
    UnitSection unit =
        disk(
            """
            TargetAlias "Data Disk1"
            Mapping portalgroup1 InitiatorGroup01
            AuthMethod CHAP Mutual
            AuthGroup AuthGroup2
            UseDigest Header Data
            ReadOnly Yes
            UnitOnline No
            UnitInquiry "Example" "" "0002" "SER IAL"
            BlockLength 4096
            QueueDepth 0
            """);

    assertThat(unit.alias()).contains("Data Disk1");
    assertThat(unit.mappings()).containsExactly(new Mapping(1, 1), new Mapping(1, 1));
    assertThat(unit.auth()).isEqualTo(new AuthRule(Method.CHAP_MUTUAL, OptionalInt.of(2)));
    assertThat(unit.forcedHeaderDigest()).isTrue();
    assertThat(unit.forcedDataDigest()).isTrue();
    assertThat(unit.readOnly()).isTrue();
    assertThat(unit.online()).isFalse();
    assertThat(unit.inquiry())
        .isEqualTo(new UnitInquiry("Example", "iSCSI DISK", "0002", "SER IAL"));
    assertThat(unit.blockLength()).isEqualTo(4096);
    assertThat(unit.queueDepth()).isZero();
    assertThat(unit.luns().get(0).serial()).isEqualTo("SER IAL");
  }

  @ParameterizedTest
  @CsvSource({"Auto, false, false", "Header, true, false", "data, false, true"})
  void digestsThatAreForced(String words, boolean header, boolean data) throws ConfigException {
    UnitSection unit = disk("UseDigest " + words);

    assertThat(unit.forcedHeaderDigest()).isEqualTo(header);
    assertThat(unit.forcedDataDigest()).isEqualTo(data);
  }

  @Test
  void aUnitOverridesGlobalSettings() throws ConfigException {
    UnitSection unit = disk("MaxBurstLength 131072\nErrorRecoveryLevel 1\nInitialR2T No\n");

    assertThat(unit.keys().maxBurstLength()).hasValue(131_072);
    assertThat(unit.keys().initialR2t()).contains(false);
    assertThat(unit.keys().maxConnections()).isEmpty();

    SessionKeys all = unit.keys().orElse(folder.read().global().keys());
    assertThat(all.maxBurstLength()).hasValue(131_072);
    assertThat(all.errorRecoveryLevel()).hasValue(1);
    assertThat(all.maxConnections()).hasValue(4);
    assertThat(all.immediateData()).contains(true);
  }

  @ParameterizedTest
  @CsvSource({
    "disk9, iqn.2007-09.jp.ne.peach.istgt:disk9",
    "iqn.1994-04.org.netbsd:Target4, iqn.1994-04.org.netbsd:target4",
    "IQN.1994-04.org.netbsd, iqn.1994-04.org.netbsd",
    "eui.0123456789abcdef, eui.0123456789abcdef",
    "naa.0123456789abcdef, naa.0123456789abcdef",
    "iqn, iqn.2007-09.jp.ne.peach.istgt:iqn"
  })
  void aTargetsName(String text, String name) throws ConfigException {
    folder.write(
        ConfigFolder.GOOD.replace("TargetName disk1", "TargetName " + text),
        ConfigFolder.GOOD_SECRETS);

    assertThat(folder.read().units().get(1).name()).hasToString(name);
  }

  @Test
  void unitsOfALargeTarget() throws ConfigException {
    UnitSection unit =
        disk(
            """
            lun2 Storage "disk 2.img" 1000
            LUN255 Storage /dev/sdz Size
            LUN2 Option Serial "ABC"
            LUN2 Option RPM 1
            LUN2 Option formfactor 3
            LUN2 Option ReadCache Disable
            LUN2 Option WriteCache disable
            """);

    assertThat(unit.luns()).containsOnlyKeys(0, 2, 255);
    assertThat(unit.luns().get(2))
        .isEqualTo(
            new LunSection(
                2,
                new MediumSpec(temporary.resolve("disk 2.img"), MediumFlags.WRITABLE, size(512)),
                "ABC",
                OptionalInt.of(1),
                OptionalInt.of(3),
                false,
                false));
    assertThat(unit.luns().get(255).serial()).isEqualTo("10000001L255");
    assertThat(unit.luns().get(255).medium())
        .isEqualTo(new MediumSpec(Path.of("/dev/sdz"), MediumFlags.WRITABLE, MediumSize.AUTO));
  }

  @Test
  void fourThousandTargetsAndGroups() throws ConfigException {
    StringBuilder text = new StringBuilder("[Global]\n");
    for (int i = 1; i <= 4096; i++) {
      text.append("[PortalGroup%1$d]\nPortal A 127.0.0.1:0\n".formatted(i))
          .append("[InitiatorGroup%1$d]\nInitiatorName ALL\n".formatted(i))
          .append("[LogicalUnit%1$d]\nTargetName disk%1$d\nUnitType Disk\n".formatted(i))
          .append("Mapping PortalGroup%1$d InitiatorGroup%1$d\n".formatted(i))
          .append("LUN0 Storage disk%1$d 1M\n".formatted(i));
    }

    DaemonConfig config = read(text.toString());

    assertThat(config.units()).hasSize(4096);
    assertThat(config.units().get(4096).mappings()).containsExactly(new Mapping(4096, 4096));
    assertThat(config.portalGroups()).hasSize(4096);
    assertThat(config.initiatorGroups()).hasSize(4096);
  }

  private UnitSection disk(String lines) throws ConfigException {
    folder.write(ConfigFolder.with("DISK", lines.strip()), ConfigFolder.GOOD_SECRETS);
    return folder.read().units().get(1);
  }

  private DaemonConfig read(String text) throws ConfigException {
    folder.write(text, "");
    return folder.read();
  }
}
