package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.iscsi4j.api.Digests;
import org.iscsi4j.api.TaskReporting;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LargeBinary;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.TextCodec;
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

/** Text and its negotiation at login (RFC 7143 sections 6.1, 6.2 and 13). */
class TextNegotiationTest {

  private static final int SECURITY = 0;
  private static final int OPERATIONAL = 1;
  private static final int FULL_FEATURE = 3;

  private static final String USER = "user";
  private static final String SECRET = "a secret of 16 b";
  private static final String OWN_SECRET = "another secret..";

  private final List<AutoCloseable> open = new ArrayList<>();
  private TestServer server;

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  // ---- a server that can do everything, and logins to it

  private static void everything(IscsiServerBuilder settings) {
    settings
        .maxConnectionsPerSession(8)
        .initialR2t(false)
        .immediateData(true)
        .maxBurstLength(1 << 20)
        .firstBurstLength(1 << 18)
        .maxOutstandingR2t(4)
        .defaultTime2Wait(Duration.ofSeconds(2))
        .defaultTime2Retain(Duration.ofSeconds(20))
        .dataPduInOrder(false)
        .dataSequenceInOrder(false)
        .errorRecoveryLevel(2)
        .taskReporting(TaskReporting.FAST_ABORT)
        .iscsiProtocolLevel(2);
  }

  private void serve(Consumer<IscsiServerBuilder> settings) {
    server = TestServer.start(settings);
    open.add(0, server);
  }

  private LoginScript login() {
    if (server == null) {
      serve(TextNegotiationTest::everything);
    }
    ScriptedInitiator initiator = server.connect();
    open.add(0, initiator);
    return initiator.login();
  }

  private static List<KeyValue> pairs(String text) {
    return Arrays.stream(text.split("\\s+"))
        .filter(pair -> !pair.isEmpty())
        .map(pair -> pair.split("=", 2))
        .map(pair -> new KeyValue(pair[0], pair[1]))
        .toList();
  }

  /** The names, and the stage of security. */
  private static LoginAnswer begin(LoginScript login, KeyValue... more) {
    List<KeyValue> keys = login.names();
    keys.add(new KeyValue("AuthMethod", "None"));
    keys.addAll(List.of(more));
    return login.request(SECURITY, OPERATIONAL, true, keys);
  }

  /** A login of these operational keys, parted by blanks, as it ends. */
  private LoginAnswer offer(String keys) {
    return offer(login(), keys);
  }

  private static LoginAnswer offer(LoginScript login, String keys) {
    begin(login);
    return login.request(OPERATIONAL, FULL_FEATURE, true, pairs(keys));
  }

  /** What the target answers to these operational keys, apart from its own declaration. */
  private List<KeyValue> answers(String keys) {
    return answers(offer(keys));
  }

  private static List<KeyValue> answers(LoginAnswer answer) {
    assertThat(answer.status()).isEqualTo(LoginStatus.SUCCESS);
    assertThat(answer.pdu().transit()).isTrue();
    return answer.keys().stream()
        .filter(pair -> !pair.key().equals("MaxRecvDataSegmentLength"))
        .toList();
  }

  private LoginAnswer sayRaw(String text) {
    LoginScript login = login();
    begin(login);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return login.request(OPERATIONAL, FULL_FEATURE, true, false, bytes);
  }

  // ---- 6.1: how text is written

  @Item(value = 19, section = "6.1", rule = "Names of keys: 1 to 63 bytes, from few characters")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "A",
        "Az0.-+@_",
        "X-org.example.Key",
        "X#Key",
        "Y-Key",
        "Y#Key",
        "Z-Key",
        "Z#Key",
        "K23456789012345678901234567890123456789012345678901234567890123"
      })
  void legalNamesAreTaken(String name) {
    assertThat(answers(name + "=1")).containsExactly(new KeyValue(name, "NotUnderstood"));
  }

  @Item(value = 19, section = "6.1", rule = "Names of keys: 1 to 63 bytes, from few characters")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "key",
        "1Key",
        "A key",
        "A#Key",
        "X#",
        "Kéy",
        "K234567890123456789012345678901234567890123456789012345678901234"
      })
  void otherNamesFailTheLogin(String name) {
    assertThat(sayRaw(name + "=1\0").status()).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Item(value = 20, section = "6.1", rule = "A NUL behind each pair; values of up to 255 bytes")
  @Test
  void severalNulsCountAsOne() {
    LoginAnswer answer = sayRaw("\0\0ImmediateData=No\0\0\0InitialR2T=Yes\0\0");

    assertThat(answers(answer)).isEqualTo(pairs("ImmediateData=No InitialR2T=Yes"));
  }

  @Item(value = 20, section = "6.1", rule = "A NUL behind each pair; values of up to 255 bytes")
  @ParameterizedTest
  @ValueSource(strings = {"ImmediateData=No", "InitialR2T=Yes\0ImmediateData=No", "NoEqualsSign\0"})
  void pairWithoutItsEndFailsTheLogin(String text) {
    assertThat(sayRaw(text).status()).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Item(value = 20, section = "6.1", rule = "A NUL behind each pair; values of up to 255 bytes")
  @ParameterizedTest
  @CsvSource({"0, SUCCESS", "255, SUCCESS", "256, INITIATOR_ERROR"})
  void valuesHaveUpTo255Bytes(int length, LoginStatus status) {
    assertThat(offer("InitiatorAlias=" + "a".repeat(length)).status()).isEqualTo(status);
  }

  @Item(value = 20, section = "6.1", rule = "A NUL behind each pair; values of up to 255 bytes")
  @Test
  void lengthCountsBytesAndNotCharacters() {
    assertThat(offer("InitiatorAlias=" + "ä".repeat(127)).status()).isEqualTo(LoginStatus.SUCCESS);
    assertThat(offer("InitiatorAlias=" + "ä".repeat(128)).status())
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Item(value = 21, section = "6.1", rule = "Numbers are decimal or hexadecimal, for every key")
  @ParameterizedTest
  @CsvSource({
    "MaxConnections, 3",
    "MaxBurstLength, 65536",
    "FirstBurstLength, 4096",
    "DefaultTime2Wait, 11",
    "MaxOutstandingR2T, 3",
    "ErrorRecoveryLevel, 1",
    "iSCSIProtocolLevel, 1"
  })
  void numbersAreDecimalOrHexadecimal(String key, int number) {
    List<KeyValue> expected = List.of(new KeyValue(key, "" + number));
    String hex = Integer.toHexString(number);

    assertThat(answers(key + "=" + number)).isEqualTo(expected);
    assertThat(answers(key + "=000" + number)).isEqualTo(expected); // not octal
    assertThat(answers(key + "=0x" + hex)).isEqualTo(expected);
    assertThat(answers(key + "=0X00" + hex.toUpperCase(Locale.ROOT))).isEqualTo(expected);
  }

  @Item(value = 21, section = "6.1", rule = "Numbers are decimal or hexadecimal, for every key")
  @Test
  void retentionAndLimitMayBeHexadecimalToo() {
    LoginScript login = login().offer("MaxRecvDataSegmentLength", "0x2000");
    ScriptedInitiator initiator = login.perform().clearUnitAttentions(0);

    assertThat(initiator.read(0, 128)).hasSize(65_536);
    assertThat(answers("ErrorRecoveryLevel=0x2 DefaultTime2Retain=0xa"))
        .isEqualTo(pairs("ErrorRecoveryLevel=2 DefaultTime2Retain=10"));
  }

  @Item(value = 21, section = "13", rule = "A number outside its range is rejected")
  @ParameterizedTest
  @CsvSource({
    "MaxConnections, 1, 8, 65535",
    "MaxBurstLength, 512, 1048576, 16777215",
    "FirstBurstLength, 512, 262144, 16777215",
    "DefaultTime2Wait, 0, 3600, 3600",
    "DefaultTime2Retain, 0, 20, 3600",
    "MaxOutstandingR2T, 1, 4, 65535",
    "ErrorRecoveryLevel, 0, 2, 2",
    "iSCSIProtocolLevel, 0, 2, 31"
  })
  void numbersHaveTheirRange(String key, int least, int answerToMost, int most) {
    String others =
        switch (key) {
          case "FirstBurstLength" -> " MaxBurstLength=1048576";
          case "DefaultTime2Retain" -> " ErrorRecoveryLevel=2";
          default -> "";
        };
    int answerToLeast = key.equals("DefaultTime2Wait") ? 2 : least;

    assertThat(answer(key, "" + least, others)).isEqualTo("" + answerToLeast);
    assertThat(answer(key, "" + most, others)).isEqualTo("" + answerToMost);
    for (String illegal :
        List.of(
            "" + (least - 1), "" + (most + 1), "", "0x", "ten", "1~2", "18446744073709551616")) {
      assertThat(answer(key, illegal, others)).as(illegal).isEqualTo("Reject");
    }
  }

  private String answer(String key, String value, String others) {
    return answers(key + "=" + value + others).get(0).value();
  }

  @Item(value = 21, section = "13", rule = "A number outside its range is rejected")
  @Item(value = 30, section = "13.12", rule = "MaxRecvDataSegmentLength is declared, not agreed")
  @ParameterizedTest
  @CsvSource({
    "511, INITIATOR_ERROR",
    "512, SUCCESS",
    "16777215, SUCCESS",
    "0xffffff, SUCCESS",
    "16777216, INITIATOR_ERROR",
    "-1, INITIATOR_ERROR"
  })
  void limitHasItsRange(String value, LoginStatus status) {
    assertThat(offer("MaxRecvDataSegmentLength=" + value).status()).isEqualTo(status);
  }

  // ---- large binary values

  private void serveChap() {
    Chap chap = Chap.builder().user(USER, SECRET).own("target", OWN_SECRET).build();
    serve(settings -> settings.chap(chap));
  }

  /** A login up to the challenge. */
  private static LoginAnswer challenge(LoginScript login) {
    List<KeyValue> names = login.names();
    names.add(new KeyValue("AuthMethod", "CHAP"));
    login.request(SECURITY, OPERATIONAL, false, names);
    return login.request(SECURITY, OPERATIONAL, false, pairs("CHAP_A=7"));
  }

  /** The answer to a response that stands there as the test writes it. */
  private LoginAnswer respond(String more, UnaryOperator<String> writing) {
    LoginScript login = login();
    String hex = LoginScript.response(challenge(login), ChapAlgorithm.SHA256, SECRET);
    String keys = "CHAP_N=" + USER + " CHAP_R=" + writing.apply(hex) + more;
    return login.request(SECURITY, OPERATIONAL, true, pairs(keys));
  }

  private static String base64(String hex) {
    try {
      return Base64.getEncoder().encodeToString(LargeBinary.decode(hex, 1024));
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  @Item(value = 22, section = "6.1", rule = "Binary values: hexadecimal or base64, bounded")
  @Test
  void binaryValuesAreHexadecimalOrBase64() {
    serveChap();

    assertThat(respond("", hex -> hex).pdu().transit()).isTrue();
    assertThat(respond("", hex -> "0X" + hex.substring(2).toUpperCase(Locale.ROOT)).pdu().transit())
        .isTrue();
    assertThat(respond("", hex -> "0b" + base64(hex)).pdu().transit()).isTrue();
    assertThat(respond("", hex -> "0B" + base64(hex)).pdu().transit()).isTrue();
  }

  @Item(value = 22, section = "6.1", rule = "Binary values: hexadecimal or base64, bounded")
  @Test
  void oddNumberOfDigitsHasAZeroInFront() {
    serveChap();

    LoginAnswer proved = respond(" CHAP_I=5 CHAP_C=0xabc", hex -> hex);

    byte[] expected =
        org.iscsi4j.protocol.Chap.response(
            ChapAlgorithm.SHA256,
            5,
            OWN_SECRET.getBytes(StandardCharsets.UTF_8),
            new byte[] {0x0a, (byte) 0xbc});
    assertThat(proved.value("CHAP_R")).contains(LargeBinary.encode(expected));
  }

  @Item(value = 22, section = "6.1", rule = "Binary values: hexadecimal or base64, bounded")
  @Test
  void valueThatIsTooLongOrNoBinaryFailsTheLogin() {
    serveChap();

    for (String wrong :
        List.of(
            "0x" + "ab".repeat(1025),
            "0b" + "A".repeat(1368),
            "0x",
            "0b",
            "12",
            "0xzz",
            "0bAAA",
            "0bA===",
            "0bAA=A")) {
      LoginAnswer answer = respond("", hex -> wrong);
      assertThat(answer.pdu().transit()).isFalse();
      assertThat(answer.pdu().statusClass()).as(wrong).isEqualTo(2);
    }
  }

  // ---- 6.2: booleans, lists, ranges

  @Item(value = 23, section = "6.2.2", rule = "Yes or No, and nothing else")
  @ParameterizedTest
  @ValueSource(strings = {"InitialR2T", "ImmediateData", "DataPDUInOrder", "DataSequenceInOrder"})
  void booleansAreYesOrNo(String key) {
    assertThat(answers(key + "=Yes")).isEqualTo(pairs(key + "=Yes"));
    assertThat(answers(key + "=No")).isEqualTo(pairs(key + "=No"));
    for (String illegal : List.of("yes", "NO", "1", "0", "true", "", "Yes,No")) {
      assertThat(answers(key + "=" + illegal)).as(illegal).isEqualTo(pairs(key + "=Reject"));
    }
  }

  @Item(value = 23, section = "6.2.1", rule = "A list that is none is rejected")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HeaderDigest=",
        "DataDigest=CRC32C,,None",
        "HeaderDigest=None,",
        "TaskReporting=",
        "HeaderDigest=none",
        "DataDigest=CRC32c"
      })
  void listThatHoldsNothingWeKnowFailsTheLogin(String offer) {
    assertThat(offer(offer).status()).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Item(
      value = 24,
      section = "6.2",
      rule = "Negotiated keys are answered once, declared ones never")
  @Test
  void declarationsAreNotAnswered() {
    LoginScript login = login();
    LoginAnswer first = begin(login, new KeyValue("InitiatorAlias", "client"));
    LoginAnswer last =
        login.request(OPERATIONAL, FULL_FEATURE, true, pairs("MaxRecvDataSegmentLength=65536"));

    assertThat(first.keys())
        .extracting(KeyValue::key)
        .containsExactlyInAnyOrder("AuthMethod", "TargetPortalGroupTag");
    assertThat(last.keys()) // its own, which is no answer
        .containsExactly(new KeyValue("MaxRecvDataSegmentLength", "262144"));
  }

  @Item(value = 24, section = "6.2.1", rule = "Of a list the first value that both can do")
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "HeaderDigest=None None",
        "HeaderDigest=None,CRC32C None",
        "DataDigest=CRC32C,None CRC32C",
        "DataDigest=Y-org.example,CRC32C CRC32C",
        "TaskReporting=X-org.example,ResponseFence,RFC3720 ResponseFence"
      })
  void theFirstValueThatWeKnowIsTaken(String offer, String answer) {
    String key = offer.substring(0, offer.indexOf('='));

    assertThat(answers(offer)).isEqualTo(pairs(key + "=" + answer));
  }

  @Item(value = 24, section = "6.2.1", rule = "None is an answer only to who offers it")
  @ParameterizedTest
  @ValueSource(strings = {"HeaderDigest", "DataDigest"})
  void nothingInCommonFailsTheLogin(String key) {
    serve(settings -> settings.headerDigest(Digests.NONE).dataDigest(Digests.NONE));

    LoginAnswer answer = offer(key + "=CRC32C");

    assertThat(answer.status()).isEqualTo(LoginStatus.INITIATOR_ERROR);
    assertThat(answer.value(key)).isEmpty();
    assertThat(answers(key + "=CRC32C,None")).isEqualTo(pairs(key + "=None"));
  }

  // ---- NotUnderstood, Irrelevant, Reject

  @Item(value = 25, section = "6.2", rule = "Unknown keys are NotUnderstood in any stage")
  @Test
  void unknownKeysAreNotUnderstoodInAnyStage() {
    KeyValue refused = new KeyValue("X-org.example.a", "NotUnderstood");
    LoginScript login = login();

    assertThat(begin(login, new KeyValue("X-org.example.a", "1")).keys()).contains(refused);
    assertThat(answers("X-org.example.a=1 Zebra= X#a=b"))
        .isEqualTo(pairs("X-org.example.a=NotUnderstood Zebra=NotUnderstood X#a=NotUnderstood"));
    assertThat(login().discovery().perform().text(new KeyValue("X-org.example.a", "1")))
        .containsExactly(refused);
  }

  @Item(value = 25, section = "6.2", rule = "No key of the RFC is NotUnderstood")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "AuthMethod",
        "CHAP_A",
        "CHAP_C",
        "CHAP_I",
        "CHAP_N",
        "CHAP_R",
        "DataDigest",
        "DataPDUInOrder",
        "DataSequenceInOrder",
        "DefaultTime2Retain",
        "DefaultTime2Wait",
        "ErrorRecoveryLevel",
        "FirstBurstLength",
        "HeaderDigest",
        "IFMarkInt",
        "IFMarker",
        "ImmediateData",
        "InitialR2T",
        "InitiatorAlias",
        "InitiatorName",
        "MaxBurstLength",
        "MaxConnections",
        "MaxOutstandingR2T",
        "MaxRecvDataSegmentLength",
        "OFMarkInt",
        "OFMarker",
        "SendTargets",
        "SessionType",
        "TargetAddress",
        "TargetAlias",
        "TargetName",
        "TargetPortalGroupTag",
        "TaskReporting",
        "X#NodeArchitecture",
        "iSCSIProtocolLevel"
      })
  void keysOfTheRfcAreUnderstood(String key) {
    // an illegal value, so most of them fail the login; what nobody knows would not
    assertThat(offer(key + "=!").value(key).orElse("")).isNotEqualTo("NotUnderstood");
    try (ScriptedInitiator initiator = login().perform()) {
      assertThat(initiator.text(new KeyValue(key, "!")))
          .extracting(KeyValue::value)
          .doesNotContain("NotUnderstood");
    }
  }

  @Item(value = 25, section = "6.2", rule = "Refusals are not answered")
  @ParameterizedTest
  @ValueSource(strings = {"NotUnderstood", "Irrelevant", "Reject"})
  void refusalsAreNotAnswered(String refusal) {
    LoginScript login = login();
    LoginAnswer first =
        begin(login, new KeyValue("TargetPortalGroupTag", refusal), new KeyValue("X-a", refusal));
    LoginAnswer last =
        login.request(
            OPERATIONAL,
            FULL_FEATURE,
            true,
            pairs("MaxBurstLength=" + refusal + " X-a=" + refusal + " TargetAlias=" + refusal));

    assertThat(first.keys()).extracting(KeyValue::value).doesNotContain(refusal);
    assertThat(answers(last)).isEmpty();
  }

  @Item(value = 26, section = "13.14", rule = "FirstBurstLength needs unsolicited data")
  @Test
  void firstBurstLengthIsIrrelevantWithoutUnsolicitedData() {
    assertThat(answers("FirstBurstLength=4096 InitialR2T=Yes ImmediateData=No"))
        .isEqualTo(pairs("FirstBurstLength=Irrelevant InitialR2T=Yes ImmediateData=No"));
    assertThat(answers("FirstBurstLength=4096 InitialR2T=No ImmediateData=No"))
        .isEqualTo(pairs("FirstBurstLength=4096 InitialR2T=No ImmediateData=No"));
    assertThat(answers("FirstBurstLength=4096 InitialR2T=Yes ImmediateData=Yes"))
        .isEqualTo(pairs("FirstBurstLength=4096 InitialR2T=Yes ImmediateData=Yes"));
  }

  @Item(value = 26, section = "13", rule = "Keys of SCSI sessions are irrelevant in discovery")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "MaxConnections=4",
        "InitialR2T=No",
        "ImmediateData=Yes",
        "MaxBurstLength=512",
        "FirstBurstLength=512",
        "MaxOutstandingR2T=1",
        "DataPDUInOrder=Yes",
        "DataSequenceInOrder=Yes",
        "TaskReporting=RFC3720",
        "iSCSIProtocolLevel=2"
      })
  void keysOfDataAreIrrelevantInDiscovery(String offer) {
    String key = offer.substring(0, offer.indexOf('='));

    assertThat(answers(offer(login().discovery(), offer))).isEqualTo(pairs(key + "=Irrelevant"));
  }

  // ---- once, and obsolete

  @Item(value = 27, section = "6.2", rule = "A key comes once in a negotiation")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "MaxBurstLength=512",
        "MaxRecvDataSegmentLength=512",
        "HeaderDigest=None",
        "InitialR2T=Yes",
        "InitiatorAlias=a",
        "IFMarker=No",
        "X-unknown=1"
      })
  void keyThatComesTwiceFailsTheLogin(String pair) {
    assertThat(offer(pair + " " + pair).status()).isEqualTo(LoginStatus.INITIATOR_ERROR);

    LoginScript login = login();
    begin(login);
    assertThat(login.request(OPERATIONAL, FULL_FEATURE, false, pairs(pair)).status())
        .isEqualTo(LoginStatus.SUCCESS);
    assertThat(login.request(OPERATIONAL, FULL_FEATURE, true, pairs(pair)).status())
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Item(value = 27, section = "6.2", rule = "A key comes once in a negotiation")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "InitiatorName=iqn.2026-01.org.iscsi4j.test:somebody-else",
        "TargetName=iqn.2026-01.org.iscsi4j.test:other",
        "SessionType=Discovery"
      })
  void otherNameInALaterStageFailsTheLogin(String pair) {
    assertThat(offer(pair).status()).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  /** As libiscsi and so QEMU do, which have credentials that the target does not ask for. */
  @Item(value = 27, section = "6.2", rule = "The same name again changes nothing, and is let pass")
  @Test
  void sameNamesMayComeAgainInALaterStage() {
    LoginScript login = login();
    begin(login);

    LoginAnswer answer = login.request(OPERATIONAL, FULL_FEATURE, true, login.names());

    assertThat(answer.status()).isEqualTo(LoginStatus.SUCCESS);
    assertThat(answer.pdu().transit()).isTrue();
  }

  @Item(value = 28, section = "13.25", rule = "Markers are refused, but understood")
  @ParameterizedTest
  @CsvSource({
    "IFMarker=No, No",
    "IFMarker=Yes, No",
    "OFMarker=No, No",
    "OFMarker=Yes, No",
    "IFMarkInt=2048~8192, Reject",
    "OFMarkInt=2048~8192, Reject",
    "OFMarkInt=Yes, Reject"
  })
  void markersAreRefused(String offer, String answer) {
    String key = offer.substring(0, offer.indexOf('='));

    assertThat(answers(offer)).isEqualTo(pairs(key + "=" + answer));
    assertThat(answers(offer(login().discovery(), offer))).isEqualTo(pairs(key + "=" + answer));
  }

  // ---- 13: what comes of both sides' values

  @Item(value = 29, section = "13", rule = "Each key has its result function")
  @Test
  void theInitiatorsModestWishesHold() {
    assertThat(
            answers(
                "MaxConnections=2 InitialR2T=Yes ImmediateData=No MaxBurstLength=4096"
                    + " DefaultTime2Wait=9 DefaultTime2Retain=3 MaxOutstandingR2T=2"
                    + " DataPDUInOrder=Yes DataSequenceInOrder=No ErrorRecoveryLevel=2"
                    + " iSCSIProtocolLevel=1"))
        .isEqualTo(
            pairs(
                "MaxConnections=2 InitialR2T=Yes ImmediateData=No MaxBurstLength=4096"
                    + " DefaultTime2Wait=9 DefaultTime2Retain=3 MaxOutstandingR2T=2"
                    + " DataPDUInOrder=Yes DataSequenceInOrder=No ErrorRecoveryLevel=2"
                    + " iSCSIProtocolLevel=1"));
  }

  @Item(value = 29, section = "13", rule = "Each key has its result function")
  @Test
  void theTargetsModestWishesHold() {
    serve(
        settings ->
            settings
                .maxConnectionsPerSession(3)
                .initialR2t(true)
                .immediateData(false)
                .maxBurstLength(8192)
                .maxOutstandingR2t(1)
                .defaultTime2Wait(Duration.ofSeconds(7))
                .defaultTime2Retain(Duration.ofSeconds(5))
                .dataPduInOrder(true)
                .dataSequenceInOrder(true)
                .errorRecoveryLevel(2)
                .iscsiProtocolLevel(1));

    assertThat(
            answers(
                "MaxConnections=9 InitialR2T=No ImmediateData=Yes MaxBurstLength=65536"
                    + " DefaultTime2Wait=0 DefaultTime2Retain=60 MaxOutstandingR2T=8"
                    + " DataPDUInOrder=No DataSequenceInOrder=No ErrorRecoveryLevel=2"
                    + " iSCSIProtocolLevel=2"))
        .isEqualTo(
            pairs(
                "MaxConnections=3 InitialR2T=Yes ImmediateData=No MaxBurstLength=8192"
                    + " DefaultTime2Wait=7 DefaultTime2Retain=5 MaxOutstandingR2T=1"
                    + " DataPDUInOrder=Yes DataSequenceInOrder=Yes ErrorRecoveryLevel=2"
                    + " iSCSIProtocolLevel=1"));
  }

  @Item(value = 29, section = "13.16", rule = "Nothing is retained below ErrorRecoveryLevel 2")
  @ParameterizedTest
  @CsvSource({
    "DefaultTime2Retain=60 ErrorRecoveryLevel=2, DefaultTime2Retain=20 ErrorRecoveryLevel=2",
    "DefaultTime2Retain=60 ErrorRecoveryLevel=1, DefaultTime2Retain=0 ErrorRecoveryLevel=1",
    "DefaultTime2Retain=60, DefaultTime2Retain=0"
  })
  void timeIsRetainedForTasksThatChangeConnections(String offers, String expected) {
    assertThat(answers(offers)).isEqualTo(pairs(expected));
  }

  @Item(value = 29, section = "13.19", rule = "Recovery of ordered sequences needs a single R2T")
  @ParameterizedTest
  @CsvSource({
    "MaxOutstandingR2T=16 ErrorRecoveryLevel=1, MaxOutstandingR2T=1 ErrorRecoveryLevel=1",
    "MaxOutstandingR2T=16 ErrorRecoveryLevel=0, MaxOutstandingR2T=4 ErrorRecoveryLevel=0"
  })
  void recoveryOfSequencesInOrderNeedsASingleR2t(String offers, String expected) {
    assertThat(answers(offers)).isEqualTo(pairs(expected));
  }

  @Item(value = 30, section = "13.12", rule = "MaxRecvDataSegmentLength is declared, not agreed")
  @Test
  void eachSideHasItsOwnLimit() {
    serve(settings -> settings.maxRecvDataSegmentLength(4096));
    ScriptedInitiator initiator = login().offer("MaxRecvDataSegmentLength", 1024).perform();
    initiator.clearUnitAttentions(0);

    assertThat(initiator.negotiated().theirMaxRecv()).isEqualTo(4096);
    assertThat(initiator.negotiated().ourMaxRecv()).isEqualTo(1024);
    assertThat(initiator.read(0, 64)).hasSize(32_768); // in PDUs that keep to it
  }

  @Item(value = 31, section = "13.14", rule = "FirstBurstLength does not exceed MaxBurstLength")
  @ParameterizedTest
  @CsvSource({
    "FirstBurstLength=65536 MaxBurstLength=4096, FirstBurstLength=4096 MaxBurstLength=4096",
    "MaxBurstLength=4096 FirstBurstLength=65536, MaxBurstLength=4096 FirstBurstLength=4096"
  })
  void firstBurstLengthKeepsToMaxBurstLength(String offers, String expected) {
    assertThat(answers(offers)).isEqualTo(pairs(expected));
  }

  @Item(value = 31, section = "13.14", rule = "FirstBurstLength does not exceed MaxBurstLength")
  @Test
  void firstBurstLengthKeepsToTheDefaultOfMaxBurstLength() {
    serve(settings -> settings.maxBurstLength(1 << 20).firstBurstLength(1 << 20));

    assertThat(answers("FirstBurstLength=1048576")).isEqualTo(pairs("FirstBurstLength=262144"));
  }

  @Item(value = 31, section = "13", rule = "Keys of a session belong to its leading connection")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "MaxConnections=1",
        "InitialR2T=Yes",
        "ImmediateData=No",
        "MaxBurstLength=512",
        "FirstBurstLength=512",
        "DefaultTime2Wait=2",
        "DefaultTime2Retain=2",
        "MaxOutstandingR2T=1",
        "DataPDUInOrder=Yes",
        "DataSequenceInOrder=Yes",
        "ErrorRecoveryLevel=0",
        "TaskReporting=RFC3720",
        "iSCSIProtocolLevel=1"
      })
  void keysOfASessionAreRejectedOnALaterConnection(String offer) {
    String key = offer.substring(0, offer.indexOf('='));
    ScriptedInitiator leading = login().offer("MaxConnections", 2).perform();
    LoginScript later = login().tsih(leading.tsih()).cid(2);

    LoginAnswer answer = offer(later, offer + " HeaderDigest=None");

    assertThat(answers(answer)).isEqualTo(pairs(key + "=Reject HeaderDigest=None"));
  }

  @Item(value = 32, section = "13.23", rule = "TaskReporting: the first value that both can do")
  @ParameterizedTest
  @CsvSource({
    "RFC3720, 'RFC3720,ResponseFence,FastAbort', RFC3720",
    "RFC3720, 'FastAbort,ResponseFence,RFC3720', RFC3720",
    "RESPONSE_FENCE, 'FastAbort,ResponseFence,RFC3720', ResponseFence",
    "FAST_ABORT, 'FastAbort,ResponseFence,RFC3720', FastAbort",
    "FAST_ABORT, 'RFC3720,FastAbort', RFC3720"
  })
  void taskReportingIsWhatBothCanDo(TaskReporting most, String offered, String agreed) {
    serve(settings -> settings.taskReporting(most));

    assertThat(answers("TaskReporting=" + offered)).isEqualTo(pairs("TaskReporting=" + agreed));
  }

  @Item(value = 32, section = "13.24", rule = "iSCSIProtocolLevel: the lower of both")
  @ParameterizedTest
  @CsvSource({"1, 0, 0", "1, 1, 1", "1, 2, 1", "2, 1, 1", "2, 2, 2", "2, 31, 2"})
  void protocolLevelIsTheLowerOfBoth(int ours, int offered, int agreed) {
    serve(settings -> settings.iscsiProtocolLevel(ours));

    assertThat(answers("iSCSIProtocolLevel=" + offered))
        .isEqualTo(pairs("iSCSIProtocolLevel=" + agreed));
  }

  @Item(value = 33, section = "13.26", rule = "X#NodeArchitecture is taken, and never told")
  @Test
  void nodeArchitectureIsTakenAndNotTold() {
    LoginScript login = login();
    LoginAnswer first = begin(login);
    String told = "X#NodeArchitecture=Os/1,Initiator/2";
    LoginAnswer last = login.request(OPERATIONAL, FULL_FEATURE, true, pairs(told));

    assertThat(answers(last)).isEmpty();
    assertThat(first.keys())
        .extracting(KeyValue::key)
        .allMatch(key -> !key.startsWith("X"), "says nothing about itself");
  }

  @Item(value = 34, section = "6.2", rule = "Text may be cut anywhere")
  @Test
  void offersMayBeCutAnywhere() {
    byte[] text = TextCodec.encode(pairs("MaxBurstLength=4096 InitialR2T=Yes"));
    for (int cut = 0; cut <= text.length; cut++) {
      LoginScript login = login();
      begin(login);
      byte[] head = Arrays.copyOf(text, cut);
      byte[] tail = Arrays.copyOfRange(text, cut, text.length);

      LoginAnswer first = login.request(OPERATIONAL, FULL_FEATURE, false, true, head);
      LoginAnswer last = login.request(OPERATIONAL, FULL_FEATURE, true, false, tail);

      assertThat(first.keys()).isEmpty();
      assertThat(answers(last)).isEqualTo(pairs("MaxBurstLength=4096 InitialR2T=Yes"));
    }
  }
}
