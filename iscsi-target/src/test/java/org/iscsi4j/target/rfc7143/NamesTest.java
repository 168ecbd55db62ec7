package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.IscsiServerBuilder;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Items 40 and 41: the names of iSCSI nodes. The rules by value are in {@code IscsiNameTest}. */
class NamesTest {

  private static final String FORMS = "names have the iqn, eui or naa form and 223 bytes at most";
  private static final String NORMAL = "names are normalised by RFC 3722 and compared as bytes";

  private TestServer server;

  @AfterEach
  void stop() {
    server.close();
  }

  private void start(String... targets) {
    start(
        settings -> {
          for (String name : targets) {
            settings.target(Target.builder(name).lun(MemoryDevice.ofSize(1 << 20)).build());
          }
        });
  }

  private void start(Consumer<IscsiServerBuilder> settings) {
    server = TestServer.start(settings);
  }

  /** A login that goes as far as the target lets it. */
  private LoginStatus login(Consumer<LoginScript> names) {
    try (ScriptedInitiator initiator = server.connect()) {
      LoginScript script = initiator.login();
      names.accept(script);
      LoginAnswer answer = script.tryPerform();
      if (answer.status() != LoginStatus.SUCCESS) {
        initiator.awaitEnd();
      }
      return answer.status();
    }
  }

  private List<KeyValue> sendTargets(String value) {
    try (ScriptedInitiator initiator = server.connect().login().discovery().perform()) {
      return initiator.text(new KeyValue("SendTargets", value));
    }
  }

  // ---- item 40: forms

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iqn.2026-01.org.example",
        "iqn.2026-01.org.example:",
        "iqn.2026-01.org.example:a:b.c-d",
        "eui.02004567a425678d",
        "naa.52004567ba64678d",
        "naa.62004567ba64678d0123456789abcdef",
      })
  @Item(value = 40, section = "4.2.7", rule = FORMS)
  void everyFormNamesTargetsAndInitiators(String name) {
    start(name);

    assertThat(login(script -> script.target(name).initiator(name))).isEqualTo(LoginStatus.SUCCESS);
    assertThat(server.events().awaitOpened().initiator().name()).hasToString(name);
    assertThat(sendTargets("All")).contains(new KeyValue("TargetName", name));
    assertThat(sendTargets(name)).first().isEqualTo(new KeyValue("TargetName", name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "disk",
        "iqn.2026-13.org.example",
        "iqn.2026-01",
        "iqn.2026-01.org..example",
        "eui.02004567a425678",
        "eui.02004567a425678dd",
        "naa.52004567ba64678",
        "naa.62004567ba64678d0123456789abcde",
      })
  @Item(value = 40, section = "4.2.7", rule = FORMS)
  void anotherFormNamesNobody(String name) {
    start();

    assertThat(login(script -> script.initiator(name))).isEqualTo(LoginStatus.INITIATOR_ERROR);
    assertThat(login(script -> script.target(name))).isEqualTo(LoginStatus.TARGET_NOT_FOUND);
    assertThat(sendTargets(name)).isEmpty();
  }

  @Test
  @Item(value = 40, section = "4.2.7.1", rule = FORMS)
  void nameHas223BytesAtMost() {
    String longest = "iqn.2026-01.org.example:" + "a".repeat(199);
    start(longest);

    assertThat(login(script -> script.target(longest).initiator(longest)))
        .isEqualTo(LoginStatus.SUCCESS);
    assertThat(login(script -> script.initiator(longest + "a")))
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
    assertThat(login(script -> script.target(longest + "a")))
        .isEqualTo(LoginStatus.TARGET_NOT_FOUND);
  }

  // ---- item 41: the profile of RFC 3722

  @ParameterizedTest
  @CsvSource({
    "IQN.2026-01.ORG.Example:DISK, iqn.2026-01.org.example:disk",
    "iqn.2026-01.org.example:STRASSE, iqn.2026-01.org.example:stra\u00dfe",
    "iqn.2026-01.org.example:\uff44isk, iqn.2026-01.org.example:disk",
    "iqn.2026-01.org.example:BLO\u0308CKE, iqn.2026-01.org.example:bl\u00f6cke",
    "iqn.2026-01.org.example:di\u00adsk, iqn.2026-01.org.example:disk",
    "EUI.02004567A425678D, eui.02004567a425678d",
  })
  @Item(value = 41, section = "4.2.7.2", rule = NORMAL)
  void namesThatAreTheSameFindTheSameTarget(String one, String other) {
    start(one);
    String normal = server.server().targets().get(1).name().toString();

    assertThat(login(script -> script.target(one))).isEqualTo(LoginStatus.SUCCESS);
    assertThat(login(script -> script.target(other))).isEqualTo(LoginStatus.SUCCESS);
    assertThat(sendTargets(other)).first().isEqualTo(new KeyValue("TargetName", normal));
    assertThat(sendTargets(one)).isEqualTo(sendTargets(other));
  }

  @Test
  @Item(value = 41, section = "4.2.7.2", rule = NORMAL)
  void namesThatAreTheSameMeanTheSameInitiator() {
    start();
    String name = "iqn.2026-01.org.example:h\u00f4te";
    try (ScriptedInitiator first = server.login(script -> script.initiator(name))) {
      try (ScriptedInitiator second =
          server.login(script -> script.initiator("IQN.2026-01.ORG.EXAMPLE:HO\u0302TE"))) {

        // one session of that initiator and ISID: the second took the place of the first
        first.awaitEnd();
        assertThat(server.server().sessions())
            .singleElement()
            .satisfies(session -> assertThat(session.initiator().name()).hasToString(name));
        assertThat(second.ping(new byte[1])).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a,b",
        "a=b",
        "a\tb",
        "a\u007fb",
        "a\u3002b",
        "a\u202eb",
        "a\ue000b",
        "a\u05d0",
        "a\ufffdb",
        "a\ud83d\ude00",
      })
  @Item(value = 41, section = "4.2.7.2", rule = NORMAL)
  void forbiddenCharactersAreRefused(String text) {
    start();
    String name = "iqn.2026-01.org.example:" + text;

    assertThat(login(script -> script.initiator(name))).isEqualTo(LoginStatus.INITIATOR_ERROR);
    assertThat(server.events().awaitRefused()).contains("is no iSCSI name: U+");
    assertThat(login(script -> script.target(name))).isEqualTo(LoginStatus.TARGET_NOT_FOUND);
    assertThat(sendTargets(name)).isEmpty();
  }

  /** QEMU, for one, puts the name of its virtual machine behind the colon. */
  @Test
  @Item(value = 41, section = "4.2.7.2", rule = NORMAL)
  void initiatorMayHaveOtherPunctuationAllTheSame() {
    start();

    assertThat(login(script -> script.initiator("iqn.2008-11.org.linux-kvm:My_vm (2)")))
        .isEqualTo(LoginStatus.SUCCESS);
    assertThat(server.events().awaitOpened().initiator().name())
        .hasToString("iqn.2008-11.org.linux-kvm:my_vm (2)");
    assertThat(login(script -> script.target("iqn.2008-11.org.linux-kvm:my_vm (2)")))
        .isEqualTo(LoginStatus.TARGET_NOT_FOUND);
  }
}
