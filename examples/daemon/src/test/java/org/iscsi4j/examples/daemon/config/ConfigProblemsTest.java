package org.iscsi4j.examples.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told about istgt.conf and auth.conf. */
class ConfigProblemsTest {

  @TempDir private Path temporary;

  private ConfigFolder folder;

  @BeforeEach
  void aFolder() {
    folder = new ConfigFolder(temporary);
  }

  @Test
  void aGoodFileHasNoProblems() {
    folder.write(ConfigFolder.GOOD, ConfigFolder.GOOD_SECRETS);

    assertThat(folder.problems(UnknownKeys.REFUSE)).isEmpty();
  }

  @ParameterizedTest
  @CsvFileSource(
      resources = "wrong-lines.txt",
      delimiter = '~',
      quoteCharacter = '`',
      maxCharsPerColumn = 5000)
  void aWrongLineIsTold(String section, String line, String complaint) {
    folder.write(ConfigFolder.with(section, line), ConfigFolder.GOOD_SECRETS);

    assertThat(folder.problems(UnknownKeys.REFUSE))
        .containsExactly("istgt.conf:" + ConfigFolder.lineOf("#" + section) + ": " + complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "TargetName disk1  ~                     ~ 16: [LogicalUnit1]: TargetName is missing",
        "UnitType Disk     ~                     ~ 16: [LogicalUnit1]: UnitType is missing; accepted: Disk, DVD, Tape",
        "LUN0 Storage disk1.img 1GB ~            ~ 16: [LogicalUnit1]: LUN0 is missing",
        "LUN0 Storage      ~ LUN1 Storage        ~ 16: [LogicalUnit1]: LUN0 is missing",
        "InitiatorName ALL ~                     ~ 13: [InitiatorGroup1]: InitiatorName is missing; for everybody write InitiatorName ALL",
        "Portal DA1 192.0.2.1:3260 ~             ~ 10: warning: [PortalGroup1]: Portal is missing: nobody can come here",
        "TargetName dvd1   ~ TargetName DISK1    ~ 22: [LogicalUnit2]: TargetName iqn.2007-09.jp.ne.peach.istgt:disk1 is that of [LogicalUnit1] already",
        "AuthGroup AuthGroup2 ~ AuthGroup None   ~ 4: warning: [UnitControl]: AuthMethod CHAP lets nobody in without AuthGroup",
        "AuthGroup AuthGroup2 ~ AuthGroup AuthGroup3 ~ 6: AuthGroup3 is not in auth.conf",
        "LUN0 Removable ro ~ LUN0 Storage        ~ 26: LUN0: 'Storage' does not fit UnitType DVD, which needs Removable",
        "LUN0 Storage disk1.img ~ LUN0 Removable rw disk1.img ~ 20: LUN0: 'Removable' does not fit UnitType Disk, which needs Storage",
        "LUN0 Storage disk1.img 1GB ~ LUN0 Option RPM 1 ~ 20: LUN0 has options but no storage",
        "LUN0 Storage disk1.img ~ LUN0 Store disk1.img ~ 20: LUN0: 'Store' is not accepted; accepted: Storage, Removable, Option",
        "LUN0 Storage disk1.img ~ LUN0 Device /dev/sg0 ~ 20: LUN0: 'Device' is refused: devices are passed through by FreeBSD's kernel only",
        "LUN0 Removable rw,extend ~ LUN0 Slot3 rw ~ 32: LUN0: 'Slot3' is refused: there are no media changers, nor has istgt any",
        "tape1.vt 1GB      ~ tape1.vt 1023KB     ~ 32: LUN0: '1023KB' is less than the 1048576 bytes of a medium",
        "rw,extend         ~ rw,grow             ~ 32: LUN0: 'rw,grow' is refused: expected ro or rw, extend, dynamic, with commas between them",
        "disk1.img 1GB     ~ disk1.img 1MiB      ~ 20: LUN0: '1MiB' is refused: expected Auto or a number of bytes such as 10GB or 20GB-1MB, with K, M, G, T, P, E or Z",
        "disk1.img 1GB     ~ disk1.img 511       ~ 20: LUN0: '511' is refused: less than a block of 512 bytes",
        "disk1.img 1GB     ~ disk1.img           ~ 20: LUN0 is not complete; expected: Storage PATH SIZE",
        "/dev/null auto    ~ /dev/null           ~ 26: LUN0 is not complete; expected: Removable FLAGS PATH SIZE",
        "disk1.img         ~ /dev/null           ~ 20: LUN0: '/dev/null' is refused: a disk can't be empty",
        "UnitType Disk     ~ UnitType Pass       ~ `19: UnitType: 'Pass' is refused: commands are passed through to a device by FreeBSD's kernel only; accepted: Disk, DVD, Tape`",
        "UnitType Disk     ~ UnitType Floppy     ~ `19: UnitType: 'Floppy' is not accepted; accepted: DVD, Disk, Tape`",
        "TargetName disk1  ~ TargetName 'my disk' ~ 17: TargetName: 'my disk' is refused: 'iqn.2007-09.jp.ne.peach.istgt:my disk' is no iSCSI name: U+0020 at character 33 is not allowed",
        "TargetName disk1  ~ TargetName iqn.2007-13.org.x:y ~ `17: TargetName: 'iqn.2007-13.org.x:y' is refused: 'iqn.2007-13.org.x:y' is no iSCSI name: expected iqn.YYYY-MM.DOMAIN[:TEXT], eui. with 16 hexadecimal digits, or naa. with 16 or 32`",
        "TargetName disk1  ~ TargetName ''       ~ 17: TargetName: '' is refused: a name is expected",
        "[LogicalUnit3]    ~ [LogicalUnit1x]     ~ 28: LogicalUnit1 is in line 16 already, under another name"
      })
  void aLineThatIsReplacedIsTold(String line, String other, String complaint) {
    String text =
        ConfigFolder.GOOD.replaceFirst(
            Pattern.quote(line), Matcher.quoteReplacement(Objects.requireNonNullElse(other, "")));
    folder.write(text, ConfigFolder.GOOD_SECRETS);

    assertThat(folder.problems(UnknownKeys.REFUSE)).containsExactly("istgt.conf:" + complaint);
  }

  @Test
  void allMistakesAreToldAtOnceInTheirOrder() {
    folder.write(
        """
        [Global]
          MaxSessions 70000
          AuthFile auth.conf
        [LogicalUnit1]
          TargetName disk1
          AuthMetod CHAP
          Mapping PortalGroup1 InitiatorGroup7
          UnitType Disk
          AuthGroup AuthGroup1
          LUN0 Storage disk1.vmdk 1GB
        [PortalGroup1]
          Portal DA1 host.example:3260
        """,
        "[AuthGroup1]\nAuth alice\nAuht bob secret\n");

    assertThat(folder.problems(UnknownKeys.REFUSE))
        .containsExactly(
            "istgt.conf:2: MaxSessions: '70000' is not within 1..65535",
            "istgt.conf:6: unknown key 'AuthMetod'; did you mean AuthMethod?",
            "istgt.conf:7: Mapping: 'InitiatorGroup7' is refused: there is no section"
                + " [InitiatorGroup7]",
            "istgt.conf:10: LUN0: 'disk1.vmdk' is refused: a virtual machine's image holds no raw"
                + " blocks; convert it: qemu-img convert -O raw IMAGE FILE",
            "istgt.conf:12: Portal: 'host.example:3260' is refused: 'host.example' is no network:"
                + " neither an IPv4 nor an IPv6 address, and names are not looked up",
            "auth.conf:2: Auth: needs a user and a secret, and for mutual CHAP a name and its"
                + " secret",
            "auth.conf:3: unknown key what stands there; did you mean Auth?");
  }

  @Test
  void unknownKeysMayBeWarnings() throws ConfigException {
    folder.write(
        ConfigFolder.with("DISK", "LUN0 Option UnitAttention Enable") + "AuthMetod CHAP\n[Other]\n",
        ConfigFolder.GOOD_SECRETS + "Atuh a b\n");

    assertThat(folder.problems(UnknownKeys.WARN))
        .containsExactly(
            "istgt.conf:21: warning: unknown option 'UnitAttention'; accepted: FormFactor, RPM,"
                + " ReadCache, Serial, WriteCache",
            "istgt.conf:34: warning: unknown key 'AuthMetod'; did you mean AuthMethod?",
            "istgt.conf:35: warning: unknown section 'Other'; accepted: Global, UnitControl,"
                + " PortalGroup, InitiatorGroup, LogicalUnit",
            "auth.conf:6: warning: unknown key what stands there; did you mean Auth?");
    assertThat(folder.problems(UnknownKeys.REFUSE))
        .hasSize(4)
        .noneMatch(problem -> problem.contains("warning"));
  }

  @Test
  void aFileWithoutSectionsServesNothing() {
    folder.write("# nothing\n", "");

    assertThat(folder.problems(UnknownKeys.REFUSE))
        .containsExactly(
            "istgt.conf: warning: there is no section [Global]; its keys have their defaults",
            "istgt.conf: warning: there is no section [LogicalUnitN]: nothing is served");
  }

  @Test
  void aFileThatIsNotThereIsOneProblem() {
    assertThat(folder.problems(UnknownKeys.REFUSE)).containsExactly("istgt.conf: no such file");
    assertThatThrownBy(folder::read)
        .isInstanceOf(ConfigException.class)
        .hasMessage(folder.config() + ": no such file");
  }

  @Test
  void secretsThatNobodyNeedsNeedNotBeThere() throws IOException {
    folder.write(ConfigFolder.GOOD.replace("AuthMethod CHAP", "AuthMethod None"), "");
    Files.delete(folder.secrets());

    assertThat(folder.problems(UnknownKeys.REFUSE)).isEmpty();
  }

  @Test
  void secretsThatAreNeededHaveToBeThere() throws IOException {
    folder.write(ConfigFolder.GOOD, "");
    Files.delete(folder.secrets());

    assertThat(folder.problems(UnknownKeys.REFUSE)).containsExactly("auth.conf: no such file");
  }

  @Test
  void aGroupThatMayBeUsedIsMissedByAWarning() {
    folder.write(ConfigFolder.with("DISK", "AuthGroup AuthGroup7"), ConfigFolder.GOOD_SECRETS);

    assertThat(folder.problems(UnknownKeys.REFUSE))
        .containsExactly(
            "istgt.conf:21: warning: AuthGroup7 is not in auth.conf: only those come in who prove"
                + " nothing");
  }

  @Test
  void mutualAuthenticationNeedsSomebodyWhoKnowsTheTarget() {
    folder.write(
        ConfigFolder.with("DISK", "AuthGroup AuthGroup1\nAuthMethod CHAP Mutual"),
        ConfigFolder.GOOD_SECRETS);

    assertThat(folder.problems(UnknownKeys.REFUSE))
        .containsExactly(
            "istgt.conf:21: warning: CHAP Mutual lets nobody in: AuthGroup1 has no Auth with four"
                + " values");
  }

  @Test
  void secretsThatEverybodyCanReadAreWarnedOf() throws IOException {
    folder.write(ConfigFolder.GOOD, ConfigFolder.GOOD_SECRETS);
    Files.setPosixFilePermissions(folder.secrets(), PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(folder.problems(UnknownKeys.REFUSE))
        .containsExactly(
            "auth.conf: warning: every user of this machine can read the secrets; chmod o= mends"
                + " that");
  }
}
