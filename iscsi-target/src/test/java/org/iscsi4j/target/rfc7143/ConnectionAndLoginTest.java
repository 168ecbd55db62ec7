package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.rfc7143.LoginRequests.DISCOVERY;
import static org.iscsi4j.target.rfc7143.LoginRequests.FULL_FEATURE;
import static org.iscsi4j.target.rfc7143.LoginRequests.INITIATOR;
import static org.iscsi4j.target.rfc7143.LoginRequests.OPERATIONAL;
import static org.iscsi4j.target.rfc7143.LoginRequests.SECURITY;
import static org.iscsi4j.target.rfc7143.LoginRequests.TARGET;
import static org.iscsi4j.target.rfc7143.LoginRequests.text;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.iscsi4j.api.Digests;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.Target;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginResponsePdu;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Opcode;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.protocol.TextRequestPdu;
import org.iscsi4j.target.IscsiServerBuilder;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connection and login; who may log in as whom is in {@link LoginIdentityTest}. */
class ConnectionAndLoginTest {

  private static final int QUEUE_DEPTH = 128;

  private TestServer server;
  private ScriptedInitiator initiator;
  private LoginRequests login;

  @BeforeEach
  void start() {
    serve(settings -> {});
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private void serve(Consumer<IscsiServerBuilder> settings) {
    if (server != null) {
      stop();
    }
    server = TestServer.start(settings);
    reconnect(server.connect());
  }

  private void reconnect(ScriptedInitiator next) {
    if (initiator != null) {
      initiator.close();
    }
    initiator = next;
    login = new LoginRequests(initiator);
  }

  private void assertRefused(LoginAnswer answer, LoginStatus status) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.keys()).isEmpty();
    // stages are reserved in a refusal, versions and the handle are not (section 11.13)
    assertThat(answer.pdu().currentStage()).isZero();
    assertThat(answer.pdu().nextStage()).isZero();
    assertThat(answer.pdu().versionMax()).isZero();
    assertThat(answer.pdu().versionActive()).isZero();
    assertThat(answer.pdu().tsih()).isEqualTo(login.tsih);
    initiator.awaitEnd();
    assertThat(server.events().awaitRefused()).isNotEmpty();
    assertThat(server.server().sessions()).isEmpty();
    server.assertServes();
  }

  private static void assertEnds(LoginAnswer answer) {
    assertThat(answer.status()).isEqualTo(LoginStatus.SUCCESS);
    assertThat(answer.pdu().transit()).isTrue();
    assertThat(answer.pdu().nextStage()).isEqualTo(FULL_FEATURE);
  }

  // ---- 1 to 4: the first PDU, numbers, versions, stages ----------------------------------------

  @ParameterizedTest
  @Item(value = 1, section = "6.3", rule = "first PDU is a login request")
  @ValueSource(ints = {Opcode.NOP_OUT, Opcode.SCSI_COMMAND, Opcode.TEXT_REQUEST})
  void anotherPduFirstEndsTheConnectionWithoutAnAnswer(int opcode) {
    initiator.send(pdu(opcode));

    initiator.awaitEnd();
  }

  @ParameterizedTest
  @Item(value = 1, section = "6.3", rule = "nothing but login requests during login")
  @Item(value = 12, section = "11.13.5", rule = "020Bh invalid during login")
  @ValueSource(ints = {Opcode.NOP_OUT, Opcode.SCSI_COMMAND, Opcode.TEXT_REQUEST})
  void anotherPduDuringLoginIsRefused(int opcode) {
    login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    initiator.send(pdu(opcode));

    LoginResponsePdu answer = initiator.receive().as(LoginResponsePdu.class);

    assertThat(answer.initiatorTaskTag()).isEqualTo(login.tag);
    assertRefused(new LoginAnswer(answer, List.of()), LoginStatus.INVALID_DURING_LOGIN);
  }

  private static Pdu pdu(int opcode) {
    return switch (opcode) {
      case Opcode.NOP_OUT -> new NopOutPdu(true, 0, 0, 0, 0x77, Pdu.RESERVED_TAG, 0x100, 0);
      case Opcode.TEXT_REQUEST ->
          new TextRequestPdu(true, true, false, 0, 0, 0, 0x77, Pdu.RESERVED_TAG, 0x100, 0);
      default ->
          new ScsiCommandPdu(false, true, false, false, 0, 0, 0, 0, 0, 0x77, 0, 0x100, 0, 0, 0);
    };
  }

  @Test
  @Item(
      value = 2,
      section = "11.12",
      rule = "one Initiator Task Tag for the whole login; one for each request does no harm")
  void requestsWithTagsOfTheirOwnAreAnsweredWithThem() {
    login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    login.tag++;

    LoginAnswer last = login.go(OPERATIONAL, FULL_FEATURE);

    assertThat(last.status()).isEqualTo(LoginStatus.SUCCESS);
    assertThat(last.pdu().initiatorTaskTag()).isEqualTo(login.tag);
  }

  @ParameterizedTest
  @Item(value = 2, section = "11.12.8", rule = "CmdSN stays during a leading login")
  @ValueSource(ints = {1, -1})
  void anotherCmdSnIsRefused(int step) {
    login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    login.cmdSn += step;

    assertRefused(login.go(OPERATIONAL, FULL_FEATURE), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  @Item(value = 2, section = "11.12", rule = "login requests are always immediate")
  void loginWithoutTheImmediateBitIsImmediateAllTheSame() {
    login.immediate = false;
    login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    LoginAnswer last = login.go(OPERATIONAL, FULL_FEATURE);

    assertEnds(last);
    assertThat(last.pdu().expCmdSn()).isEqualTo(login.cmdSn);
  }

  @ParameterizedTest
  @Item(value = 2, section = "11.12.8", rule = "commands begin with the CmdSN of the login")
  @ValueSource(ints = {0, 5, -3, 0x7fff_fffe})
  void commandsBeginWithTheCmdSnOfTheLogin(int first) {
    reconnect(ScriptedInitiator.connect(server.address(), first));

    LoginAnswer answer = login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    LoginAnswer last = login.go(OPERATIONAL, FULL_FEATURE);

    assertThat(answer.pdu().expCmdSn()).isEqualTo(first);
    assertThat(answer.pdu().maxCmdSn()).isEqualTo(first); // how many may come is told at the end
    assertThat(last.pdu().expCmdSn()).isEqualTo(first);
    assertThat(last.pdu().maxCmdSn()).isEqualTo(first + QUEUE_DEPTH - 1);
    assertThat(last.pdu().statSn()).isEqualTo(answer.pdu().statSn() + 1);
    for (int i = 0; i < 6; i++) {
      assertThat(initiator.command(Cdbs.inquiry(36)).read(36).await().outcome()).isEqualTo("GOOD");
    }
    assertThat(initiator.expCmdSn()).isEqualTo(first + 6);
  }

  @ParameterizedTest
  @Item(value = 3, section = "11.12.4", rule = "0205h when the versions leave out ours")
  @Item(value = 12, section = "11.13.5", rule = "0205h unsupported version")
  @CsvSource({"1, 1", "255, 2", "0, 1"})
  void laterVersionsAreRefused(int max, int min) {
    login.versionMax = max;
    login.versionMin = min;

    assertRefused(
        login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET), LoginStatus.UNSUPPORTED_VERSION);
  }

  @Test
  @Item(value = 3, section = "11.13.2", rule = "Version-active is ours within the range")
  void rangeOfVersionsGetsOurs() {
    login.versionMax = 7;

    LoginAnswer answer = login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    LoginAnswer last = login.go(OPERATIONAL, FULL_FEATURE);

    for (LoginAnswer each : new LoginAnswer[] {answer, last}) {
      assertThat(each.pdu().versionActive()).isZero();
      assertThat(each.pdu().versionMax()).isZero();
    }
    assertEnds(last);
  }

  @Test
  @Item(value = 3, section = "11.12.4", rule = "the same versions in all requests of a login")
  void versionsThatChangeAreRefused() {
    login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    login.versionMax = 1;

    assertRefused(login.go(OPERATIONAL, FULL_FEATURE), LoginStatus.INITIATOR_ERROR);
  }

  @ParameterizedTest(name = "T={0} C={1} CSG={2} NSG={3}")
  @Item(value = 4, section = "11.12.3", rule = "stages go forward, and stage 2 is reserved")
  @CsvSource({
    "true, true, 0, 1", // T and C
    "true, false, 0, 0",
    "true, false, 0, 2",
    "true, false, 1, 1",
    "true, false, 1, 0",
    "true, false, 1, 2",
    "false, false, 2, 0",
    "true, false, 2, 3",
    "false, false, 3, 0",
    "true, false, 3, 3"
  })
  void stagesThatMakeNoSenseAreRefused(boolean transit, boolean continued, int stage, int next) {
    assertRefused(
        login.send(transit, continued, stage, next, text(INITIATOR, TARGET)),
        LoginStatus.INITIATOR_ERROR);
  }

  @Test
  @Item(value = 4, section = "6.3", rule = "a stage that is over stays over")
  void stageThatIsOverIsRefused() {
    login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);

    assertRefused(login.go(SECURITY, OPERATIONAL), LoginStatus.INITIATOR_ERROR);
  }

  /**
   * VirtualBox does so when it has credentials that the target does not ask for. It might have
   * begun there; where authentication is required, {@link LoginIdentityTest} shows that nobody gets
   * by.
   */
  @Test
  @Item(value = 4, section = "6.3", rule = "no stage without a transit, unless nothing is to prove")
  void securityStageMayBeLeftWithoutATransit() {
    login.stay(SECURITY, INITIATOR, TARGET, "AuthMethod=CHAP,None");

    assertEnds(login.go(OPERATIONAL, FULL_FEATURE, "MaxBurstLength=4096"));
  }

  @Test
  @Item(value = 4, section = "11.13.1", rule = "T answers T")
  void targetStaysWhereTheInitiatorStays() {
    // NSG is reserved without T
    LoginAnswer first = login.send(false, false, SECURITY, 2, text(INITIATOR, TARGET));
    LoginAnswer second = login.go(SECURITY, OPERATIONAL);
    LoginAnswer third = login.stay(OPERATIONAL, "MaxBurstLength=4096");
    LoginAnswer last = login.go(OPERATIONAL, FULL_FEATURE);

    assertThat(first.pdu().transit()).isFalse();
    assertThat(second.pdu().transit()).isTrue();
    assertThat(second.pdu().nextStage()).isEqualTo(OPERATIONAL);
    assertThat(third.pdu().transit()).isFalse();
    assertEnds(last);
  }

  @ParameterizedTest
  @Item(value = 4, section = "6.3", rule = "a login may begin and end in either stage")
  @ValueSource(ints = {SECURITY, OPERATIONAL})
  void oneRequestMayDo(int stage) {
    assertEnds(login.go(stage, FULL_FEATURE, INITIATOR, TARGET));
  }

  @Test
  @Item(value = 4, section = "6.3", rule = "the target chooses a stage up to the one asked for")
  void requiredDigestIsNegotiatedEvenIfTheInitiatorWouldSkipIt() {
    serve(settings -> settings.headerDigest(Digests.CRC32C));

    LoginAnswer answer = login.go(SECURITY, FULL_FEATURE, INITIATOR, TARGET, "AuthMethod=None");

    assertThat(answer.pdu().transit()).isTrue();
    assertThat(answer.pdu().nextStage()).isEqualTo(OPERATIONAL);
    assertThat(login.go(OPERATIONAL, FULL_FEATURE).value("HeaderDigest")).contains("CRC32C");
    assertEnds(login.go(OPERATIONAL, FULL_FEATURE, "HeaderDigest=CRC32C"));
  }

  @Test
  @Item(value = 4, section = "6.2", rule = "what was offered is answered before the login ends")
  void requiredDigestThatIsNotAnsweredIsRefused() {
    serve(settings -> settings.headerDigest(Digests.CRC32C));
    login.go(OPERATIONAL, FULL_FEATURE, INITIATOR, TARGET);

    LoginAnswer answer = login.go(OPERATIONAL, FULL_FEATURE);

    assertThat(answer.status()).isEqualTo(LoginStatus.INITIATOR_ERROR);
    initiator.awaitEnd();
  }

  @ParameterizedTest
  @Item(value = 4, section = "6.3", rule = "keys belong to their stage")
  @CsvSource({
    "0, MaxRecvDataSegmentLength=4096",
    "0, HeaderDigest=None",
    "0, ErrorRecoveryLevel=0",
    "0, SendTargets=All",
    "1, AuthMethod=None",
    "1, CHAP_A=5",
    "1, SendTargets=All"
  })
  void keyOfAnotherStageIsRefused(int stage, String pair) {
    assertRefused(login.stay(stage, INITIATOR, TARGET, pair), LoginStatus.INITIATOR_ERROR);
  }

  // ---- 5: text in pieces -----------------------------------------------------------------------

  @Test
  @Item(value = 5, section = "11.12.2", rule = "text is cut anywhere, and answered when whole")
  void textMayBeCutAnywhere() {
    byte[] text = text(INITIATOR, TARGET, "X-a=1");
    for (int cut = 0; cut <= text.length; cut++) {
      reconnect(server.connect());
      LoginAnswer head = login.part(OPERATIONAL, Arrays.copyOf(text, cut));
      LoginAnswer tail =
          login.send(
              true, false, OPERATIONAL, FULL_FEATURE, Arrays.copyOfRange(text, cut, text.length));

      assertThat(head.keys()).isEmpty();
      assertThat(head.pdu().dataSegmentLength()).isZero();
      assertThat(head.pdu().transit()).isFalse();
      assertThat(head.pdu().continued()).isFalse();
      assertEnds(tail);
      assertThat(tail.value("X-a")).contains("NotUnderstood");
    }
  }

  @Test
  @Item(value = 5, section = "11.12.2", rule = "text is cut anywhere, and answered when whole")
  void textMayComeByteByByte() {
    byte[] text = text("InitiatorName=iqn.2026-01.a:b", DISCOVERY);
    for (byte each : text) {
      assertThat(login.part(OPERATIONAL, new byte[] {each}).pdu().dataSegmentLength()).isZero();
    }

    assertEnds(login.go(OPERATIONAL, FULL_FEATURE));
  }

  @Test
  @Item(value = 5, section = "11.12.2", rule = "a text belongs to one stage")
  void textThatChangesItsStageIsRefused() {
    byte[] text = text(INITIATOR, TARGET);
    login.part(SECURITY, Arrays.copyOf(text, 20));

    assertRefused(
        login.send(
            true, false, OPERATIONAL, FULL_FEATURE, Arrays.copyOfRange(text, 20, text.length)),
        LoginStatus.INITIATOR_ERROR);
  }

  /** As many pairs as make the answer exceed one PDU, and a request to go on with them. */
  private LoginAnswer askForALongAnswer() {
    login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    LoginAnswer part = login.go(OPERATIONAL, FULL_FEATURE, unknownKeys(120));
    assertThat(part.pdu().continued()).isTrue();
    assertThat(part.pdu().transit()).isFalse();
    assertThat(part.pdu().dataSegmentLength()).isLessThanOrEqualTo(8192);
    return part;
  }

  private static String[] unknownKeys(int count) {
    String[] keys = new String[count];
    for (int i = 0; i < count; i++) {
      keys[i] = String.format("X-org.example.a.key.with.a.long.name.that.fills.the.%06d=1", i);
    }
    return keys;
  }

  @Test
  @Item(value = 5, section = "11.13", rule = "a long answer comes in parts, asked for one by one")
  void longAnswersComeInParts() {
    serve(settings -> {});
    LoginScript script = initiator.login();
    script.request(SECURITY, OPERATIONAL, true, script.names());
    LoginAnswer part =
        script.request(OPERATIONAL, FULL_FEATURE, true, false, text(unknownKeys(120)));
    assertThat(part.pdu().continued()).isTrue();

    // without T it is not answered with T, whatever came before
    LoginAnswer rest = script.request(OPERATIONAL, FULL_FEATURE, false, List.of());

    assertThat(rest.pdu().continued()).isFalse();
    assertThat(rest.pdu().transit()).isFalse();
    assertThat(rest.keys()).hasSize(121); // every unknown one, and the target's own limit
    assertEnds(script.request(OPERATIONAL, FULL_FEATURE, true, List.of()));
  }

  @Test
  @Item(value = 5, section = "11.12.2", rule = "nothing but empty requests between parts")
  void textBetweenTheParts() {
    askForALongAnswer();

    assertRefused(login.stay(OPERATIONAL, "MaxBurstLength=4096"), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  @Item(value = 5, section = "11.12.2", rule = "nothing but empty requests between parts")
  void continuationBetweenTheParts() {
    askForALongAnswer();

    assertRefused(login.part(OPERATIONAL, new byte[0]), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  @Item(value = 5, section = "11.12.2", rule = "a text belongs to one stage")
  void anotherStageBetweenTheParts() {
    askForALongAnswer();

    assertRefused(login.stay(SECURITY), LoginStatus.INITIATOR_ERROR);
  }

  // ---- 7: handles ------------------------------------------------------------------------------

  @Test
  @Item(value = 7, section = "11.13.3", rule = "the last response gives a TSIH, others echo")
  void handleComesWithTheLastResponse() {
    assertThat(login.stay(SECURITY, INITIATOR, TARGET).pdu().tsih()).isZero();
    assertThat(login.go(SECURITY, OPERATIONAL).pdu().tsih()).isZero();
    assertThat(login.go(OPERATIONAL, FULL_FEATURE).pdu().tsih()).isNotZero();
  }

  @ParameterizedTest
  @Item(value = 7, section = "6.3.1", rule = "020Ah for a handle that no session has")
  @Item(value = 12, section = "11.13.5", rule = "020Ah session does not exist")
  @ValueSource(ints = {1, 4711, 0xffff})
  void unknownHandleIsRefused(int tsih) {
    login.tsih = tsih;

    assertRefused(
        login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET), LoginStatus.SESSION_DOES_NOT_EXIST);
  }

  @Test
  @Item(value = 7, section = "11.12.6", rule = "the same TSIH, ISID and CID in a whole login")
  void handleThatChangesIsRefused() {
    login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    login.tsih = 1;

    assertRefused(login.go(OPERATIONAL, FULL_FEATURE), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  @Item(value = 7, section = "11.12.5", rule = "the same TSIH, ISID and CID in a whole login")
  void isidThatChangesIsRefused() {
    login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    login.isid = 2;

    assertRefused(login.go(OPERATIONAL, FULL_FEATURE), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  @Item(value = 7, section = "11.12.7", rule = "the same TSIH, ISID and CID in a whole login")
  void cidThatChangesIsRefused() {
    login.go(SECURITY, OPERATIONAL, INITIATOR, TARGET);
    login.cid = 2;

    assertRefused(login.go(OPERATIONAL, FULL_FEATURE), LoginStatus.INITIATOR_ERROR);
  }

  // ---- 11 to 15: keys and statuses -------------------------------------------------------------

  @Test
  @Item(value = 11, section = "6.3.1", rule = "InitiatorName in the first request")
  @Item(value = 12, section = "11.13.5", rule = "0207h missing parameter")
  void initiatorNameIsNeededInTheFirstRequest() {
    assertRefused(login.stay(SECURITY, TARGET), LoginStatus.MISSING_PARAMETER);
  }

  @Test
  @Item(value = 11, section = "13.4", rule = "TargetName in the first request, but for discovery")
  @Item(value = 12, section = "11.13.5", rule = "0207h missing parameter")
  void targetNameIsNeededInTheFirstRequest() {
    assertRefused(login.stay(SECURITY, INITIATOR), LoginStatus.MISSING_PARAMETER);
  }

  @ParameterizedTest
  @Item(value = 11, section = "13.4", rule = "TargetName in the first request, but for discovery")
  @ValueSource(ints = {SECURITY, OPERATIONAL})
  void discoveryNeedsNoTarget(int stage) {
    assertEnds(login.go(stage, FULL_FEATURE, INITIATOR, DISCOVERY));
    assertThat(server.events().awaitOpened().target()).isEmpty();
  }

  @Test
  @Item(value = 11, section = "13.21", rule = "SessionType is Normal unless given")
  void sessionIsNormalUnlessGiven() {
    assertEnds(login.go(OPERATIONAL, FULL_FEATURE, INITIATOR, TARGET));
    assertThat(server.events().awaitOpened().target())
        .hasToString("Optional[" + TestServer.TARGET + "]");
  }

  @ParameterizedTest
  @Item(value = 12, section = "11.13.5", rule = "0209h session type not supported")
  @ValueSource(strings = {"Boot", "normal", "", "Discovery,Normal"})
  void unknownSessionTypeIsRefused(String type) {
    assertRefused(
        login.stay(SECURITY, INITIATOR, TARGET, "SessionType=" + type),
        LoginStatus.SESSION_TYPE_NOT_SUPPORTED);
  }

  @ParameterizedTest
  @Item(value = 12, section = "11.13.5", rule = "0203h target not found")
  @ValueSource(strings = {"iqn.2026-01.org.iscsi4j.test:nobody", "eui.0123456789abcdef", "nothing"})
  void unknownTargetIsRefused(String name) {
    assertRefused(
        login.stay(SECURITY, INITIATOR, "TargetName=" + name), LoginStatus.TARGET_NOT_FOUND);
  }

  @ParameterizedTest
  @Item(value = 12, section = "11.13.5", rule = "0200h initiator error")
  @ValueSource(strings = {"no equals sign", "=value", "lower=case", "Key with blanks=1", "A=1\0B"})
  void textThatNobodyCanReadIsRefused(String pairs) {
    byte[] text = (pairs + (pairs.contains("\0") ? "" : "\0")).getBytes(StandardCharsets.UTF_8);

    assertRefused(login.send(false, false, SECURITY, 0, text), LoginStatus.INITIATOR_ERROR);
  }

  @ParameterizedTest
  @Item(value = 13, section = "13.9", rule = "TargetPortalGroupTag in the first response")
  @CsvSource({"0, false", "1, false", "0, true", "1, true"})
  void firstAnswerTellsThePortalGroup(int stage, boolean discovery) {
    serve(settings -> settings.portal(Portal.loopback().withGroupTag(7)));
    String type = discovery ? DISCOVERY : "SessionType=Normal";

    LoginAnswer part = login.part(stage, text(INITIATOR, type));
    LoginAnswer first = login.stay(stage, TARGET);
    LoginAnswer second = login.go(stage, FULL_FEATURE);

    assertThat(part.keys()).isEmpty(); // not before the text is whole
    assertThat(first.value("TargetPortalGroupTag")).contains("7");
    assertThat(second.value("TargetPortalGroupTag")).isEmpty();
  }

  @Test
  @Item(value = 13, section = "13.9", rule = "TargetPortalGroupTag in the first response")
  void noTargetNoPortalGroup() {
    LoginAnswer answer = login.stay(SECURITY, INITIATOR, DISCOVERY);

    assertThat(answer.value("TargetPortalGroupTag")).isEmpty();
  }

  @Test
  @Item(value = 15, section = "13.6", rule = "TargetAlias during login")
  @Item(value = 15, section = "13.7", rule = "InitiatorAlias is taken, and not answered")
  void aliasesAreToldDuringLogin() {
    String name = "iqn.2026-01.org.iscsi4j.test:named";
    serve(
        settings ->
            settings.target(
                Target.builder(name).alias("the disk").lun(MemoryDevice.ofSize(1 << 20)).build()));

    LoginAnswer first =
        login.go(SECURITY, OPERATIONAL, INITIATOR, "TargetName=" + name, "InitiatorAlias=the host");
    LoginAnswer last = login.go(OPERATIONAL, FULL_FEATURE);

    assertThat(first.value("TargetAlias")).contains("the disk");
    assertThat(first.value("InitiatorAlias")).isEmpty();
    assertThat(last.value("TargetAlias")).isEmpty();
    assertEnds(last);
    assertThat(initiator.text(new KeyValue("InitiatorAlias", "again"))).isEmpty();
  }

  // ---- 16 and 17: bounds -----------------------------------------------------------------------

  @Test
  @Item(value = 16, section = "7.5", rule = "a login takes bounded time")
  void loginThatStopsHalfwayIsCutOff() {
    serve(settings -> settings.loginTimeout(Duration.ofMillis(300)));
    try (ScriptedInitiator silent = server.connect()) {
      login.part(SECURITY, text(INITIATOR));

      silent.awaitEnd();
      initiator.awaitEnd();
    }
  }

  @Test
  @Item(value = 16, section = "7.5", rule = "a login takes a bounded number of requests")
  void requestsWithoutEndAreRefused() {
    LoginAnswer answer = login.stay(SECURITY, INITIATOR, TARGET);
    for (int i = 0; i < 1000 && answer.status() == LoginStatus.SUCCESS; i++) {
      answer = login.stay(SECURITY);
    }

    assertRefused(answer, LoginStatus.INITIATOR_ERROR);
  }

  @Test
  @Item(value = 16, section = "6.2", rule = "a login takes bounded text")
  void textThatGrowsWithoutEndIsRefused() {
    byte[] piece = new byte[8192];
    Arrays.fill(piece, (byte) 'A');
    LoginAnswer answer = login.part(SECURITY, piece);
    for (int i = 0; i < 16 && answer.status() == LoginStatus.SUCCESS; i++) {
      answer = login.part(SECURITY, piece);
    }

    assertRefused(answer, LoginStatus.INITIATOR_ERROR);
  }

  @Test
  @Item(value = 16, section = "6.2", rule = "a login takes bounded text")
  void newTextWithoutEndIsRefused() {
    LoginAnswer answer = login.stay(OPERATIONAL, INITIATOR, TARGET);
    for (int i = 0; i < 60 && answer.status() == LoginStatus.SUCCESS; i++) {
      String pair = String.format("X-org.example.%02d=%s", i, "v".repeat(4000));
      answer = login.stay(OPERATIONAL, pair);
    }

    assertRefused(answer, LoginStatus.INITIATOR_ERROR);
  }

  @Test
  @Item(value = 16, section = "6.2", rule = "a login takes a bounded number of keys")
  void moreKeysThanAnybodyNeedsAreRefused() {
    byte[] text = "X-a=1\0".repeat(1000).getBytes(StandardCharsets.UTF_8);

    assertRefused(login.send(false, false, SECURITY, 0, text), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  @Item(value = 17, section = "6.2", rule = "at least 8192 bytes of text are taken")
  void muchTextIsTaken() {
    byte[] text = text(INITIATOR, TARGET, "X-a=" + "v".repeat(12_000));

    for (int at = 0; at + 8192 < text.length; at += 8192) {
      login.part(OPERATIONAL, Arrays.copyOfRange(text, at, at + 8192));
    }
    byte[] rest = Arrays.copyOfRange(text, text.length / 8192 * 8192, text.length);

    assertEnds(login.send(true, false, OPERATIONAL, FULL_FEATURE, rest));
  }

  @Test
  @Item(value = 17, section = "13.12", rule = "login PDUs carry up to 8192 bytes")
  void largerPduEndsTheConnection() {
    initiator.sendRaw(initiator.bytes(initiator.login().pdu(0, 1, true, false), new byte[8193]));

    initiator.awaitEnd();
  }

  @Test
  @Item(value = 17, section = "13.12", rule = "login PDUs carry up to 8192 bytes")
  void ownLimitDoesNotHoldBeforeTheLoginEnds() {
    login.stay(OPERATIONAL, INITIATOR, TARGET, "MaxRecvDataSegmentLength=1000000");
    LoginAnswer part = login.go(OPERATIONAL, FULL_FEATURE, unknownKeys(120));

    assertThat(part.pdu().continued()).isTrue();
    assertThat(part.pdu().dataSegmentLength()).isLessThanOrEqualTo(8192);
  }

  // ---- 18: digests -----------------------------------------------------------------------------

  @Test
  @Item(value = 18, section = "13.1", rule = "digests begin behind the login")
  void loginHasNoDigestsEvenWhenTheyAreAgreed() {
    login.stay(OPERATIONAL, INITIATOR, TARGET, "HeaderDigest=CRC32C", "DataDigest=CRC32C");

    // both ways still without, or neither side could read this
    LoginAnswer next = login.stay(OPERATIONAL, "MaxBurstLength=4096");
    assertThat(next.value("MaxBurstLength")).contains("4096");
    assertEnds(login.go(OPERATIONAL, FULL_FEATURE));
  }

  @ParameterizedTest
  @Item(value = 18, section = "13.1", rule = "digests begin behind the login")
  @CsvSource({"CRC32C, CRC32C", "CRC32C, None", "None, CRC32C"})
  void firstPduBehindTheLoginHasDigests(String header, String data) {
    initiator.login().offer("HeaderDigest", header).offer("DataDigest", data).perform();

    // the fixture sends and demands them from here on
    byte[] echo = Patterns.bytes(100, 1);
    assertThat(initiator.ping(echo)).isEqualTo(echo);
  }
}
