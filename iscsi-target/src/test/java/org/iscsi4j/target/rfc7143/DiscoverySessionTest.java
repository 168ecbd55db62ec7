package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.AccessRules;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.api.access.ResolutionException;
import org.iscsi4j.api.access.TargetResolver;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.SnackRequestPdu;
import org.iscsi4j.protocol.SnackType;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.protocol.TextResponsePdu;
import org.iscsi4j.target.IscsiServerBuilder;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Received;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Items 35 to 39: SendTargets (RFC 7143 appendix C) and what a discovery session may do. */
class DiscoverySessionTest {

  private static final String ALL = "SendTargets=All is for discovery, a name or nothing for all";
  private static final String PORTALS = "every portal offers discovery and is told with its group";
  private static final String PIECES = "long answers come in pieces of MaxRecvDataSegmentLength";
  private static final String LIMITS = "a discovery session takes Text, Logout and NOP-Out alone";
  private static final String VISIBLE = "nobody is told of targets that he may not use";

  private static final String OTHER = "iqn.2026-01.org.iscsi4j.test:other";

  private TestServer server;
  private ScriptedInitiator initiator;

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private void start(Consumer<IscsiServerBuilder> settings) {
    server = TestServer.start(settings);
  }

  private void discover() {
    initiator = server.connect().login().discovery().perform();
  }

  private List<String> sendTargets(String value) {
    return initiator.text(new KeyValue("SendTargets", value)).stream()
        .map(pair -> pair.key() + "=" + pair.value())
        .toList();
  }

  private static Target target(String name) {
    return Target.builder(name).lun(MemoryDevice.ofSize(1 << 20)).build();
  }

  private String here() {
    return "TargetAddress=127.0.0.1:" + server.address().getPort() + ",1";
  }

  // ---- what is answered ----------------------------------------------------------------------

  @Test
  @Item(value = 35, section = "C", rule = ALL)
  void allTellsEveryTarget() {
    start(settings -> settings.target(target(OTHER)));
    discover();

    assertThat(sendTargets("All"))
        .containsExactly("TargetName=" + TestServer.TARGET, here(), "TargetName=" + OTHER, here());
  }

  @Test
  @Item(value = 35, section = "C", rule = ALL)
  void aNameTellsThatTarget() {
    start(settings -> settings.target(target(OTHER)));
    discover();

    assertThat(sendTargets(OTHER)).containsExactly("TargetName=" + OTHER, here());
    assertThat(sendTargets(OTHER.toUpperCase(Locale.ROOT)))
        .containsExactly("TargetName=" + OTHER, here());
    assertThat(sendTargets("iqn.2026-01.org.iscsi4j.test:nobody")).isEmpty();
  }

  @Test
  @Item(value = 35, section = "C", rule = ALL)
  void nothingMeansTheSessionsOwnTarget() {
    start(settings -> settings.target(target(OTHER)));
    initiator = server.login();

    assertThat(sendTargets("")).containsExactly("TargetName=" + TestServer.TARGET, here());
    assertThat(sendTargets(TestServer.TARGET))
        .containsExactly("TargetName=" + TestServer.TARGET, here());
  }

  @Test
  @Item(value = 35, section = "C", rule = ALL)
  @Item(value = 39, section = "9.5", rule = VISIBLE)
  void normalSessionLearnsNothingOfOtherTargets() {
    start(settings -> settings.target(target(OTHER)));
    initiator = server.login();

    assertThat(sendTargets(OTHER)).isEmpty();
    assertThat(sendTargets("All")).containsExactly("SendTargets=Reject");
  }

  @Test
  @Item(value = 35, section = "C", rule = ALL)
  void discoverySessionHasNoTargetOfItsOwn() {
    start(settings -> {});
    discover();

    assertThat(sendTargets("")).containsExactly("SendTargets=Reject");
  }

  // ---- addresses -----------------------------------------------------------------------------

  @Test
  @Item(value = 36, section = "C", rule = PORTALS)
  void everyPortalIsToldWithItsGroup() {
    start(settings -> settings.portal(Portal.loopback()).portal(Portal.loopback().withGroupTag(7)));
    discover();
    int second = server.server().portals().get(1).port();

    assertThat(sendTargets(TestServer.TARGET))
        .containsExactly(
            "TargetName=" + TestServer.TARGET, here(), "TargetAddress=127.0.0.1:" + second + ",7");
  }

  @Test
  @Item(value = 36, section = "C", rule = PORTALS)
  void advertisedAddressIsToldInstead() {
    start(
        settings ->
            settings
                .portal(Portal.loopback().advertisedAs("storage.example.org", 3261))
                .portal(Portal.loopback().advertisedAs("2001:db8::1", 3260)));
    discover();

    assertThat(sendTargets(TestServer.TARGET))
        .containsExactly(
            "TargetName=" + TestServer.TARGET,
            "TargetAddress=storage.example.org:3261,1",
            "TargetAddress=[2001:db8::1]:3260,1");
  }

  @Test
  @Item(value = 36, section = "C", rule = PORTALS)
  void wildcardIsToldAsTheAddressThatWasUsed() {
    start(settings -> settings.portal(Portal.of("0.0.0.0", 0)));
    int port = server.address().getPort();
    InetSocketAddress used = new InetSocketAddress("127.0.0.2", port);
    initiator = ScriptedInitiator.connect(used).login().discovery().perform();

    assertThat(sendTargets("All"))
        .containsExactly(
            "TargetName=" + TestServer.TARGET, "TargetAddress=127.0.0.2:" + port + ",1");
  }

  @Test
  @Item(value = 36, section = "C", rule = PORTALS)
  void ipv6AddressStandsInBrackets() throws IOException {
    assumeIpv6();
    start(settings -> settings.portal(Portal.of("::1", 0)));
    discover();

    assertThat(sendTargets("All"))
        .containsExactly(
            "TargetName=" + TestServer.TARGET,
            "TargetAddress=[::1]:" + server.address().getPort() + ",1");
  }

  @Test
  @Item(value = 36, section = "C", rule = PORTALS)
  void wildcardOfOneFamilyIsNotToldUnderAnAddressOfTheOther() throws IOException {
    assumeIpv6();
    start(settings -> settings.portal(Portal.of("::1", 0)).portal(Portal.of("0.0.0.0", 0)));
    discover();
    int ipv4Port = server.server().portals().get(1).port();

    // nobody listens at [::1] on the port of the IPv4 portal
    assertThat(sendTargets("All")).doesNotContain("TargetAddress=[::1]:" + ipv4Port + ",1");
  }

  private static void assumeIpv6() throws IOException {
    NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    boolean has =
        Collections.list(loopback.getInetAddresses()).stream()
            .anyMatch(address -> address instanceof Inet6Address);
    assumeTrue(has, "this machine has no IPv6 loopback address");
  }

  @Test
  @Item(value = 36, section = "C", rule = PORTALS)
  void everyPortalOffersDiscovery() {
    start(settings -> settings.portal(Portal.loopback()).portal(Portal.loopback().withGroupTag(7)));
    for (Portal portal : server.server().portals()) {
      try (ScriptedInitiator each =
          ScriptedInitiator.connect(portal.socketAddress()).login().discovery().perform()) {
        assertThat(each.text(new KeyValue("SendTargets", "All"))).hasSize(3);
      }
    }
    discover();
  }

  // ---- long answers --------------------------------------------------------------------------

  @Test
  @Item(value = 37, section = "11.11", rule = PIECES)
  void longAnswerComesInPieces() throws Exception {
    start(
        settings -> {
          for (int i = 0; i < 100; i++) {
            settings.target(target("iqn.2026-01.org.iscsi4j.test:disk-" + i));
          }
        });
    LoginScript login = server.connect().login().discovery();
    initiator = login.offer("MaxRecvDataSegmentLength", 512).perform();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] question = TextCodec.encode(List.of(new KeyValue("SendTargets", "All")));

    int tag = initiator.newTag();
    initiator.sendText(tag, Pdu.RESERVED_TAG, true, false, question);
    Received part = initiator.answer(tag, "a text response");
    while (part.as(TextResponsePdu.class).continued()) {
      assertThat(part.data()).hasSize(512);
      all.writeBytes(part.data());
      int next = part.as(TextResponsePdu.class).targetTransferTag();
      initiator.sendText(tag, next, true, false, new byte[0]);
      part = initiator.answer(tag, "the rest");
    }
    all.writeBytes(part.data());

    assertThat(part.as(TextResponsePdu.class).last()).isTrue();
    List<KeyValue> pairs = TextCodec.decode(all.toByteArray());
    assertThat(pairs)
        .hasSize(202)
        .contains(new KeyValue("TargetName", "iqn.2026-01.org.iscsi4j.test:disk-99"));
  }

  @Test
  @Item(value = 37, section = "11.11", rule = PIECES)
  void pieceIsOf8192BytesWhenNothingIsDeclared() {
    start(
        settings -> {
          for (int i = 0; i < 400; i++) {
            settings.target(target("iqn.2026-01.org.iscsi4j.test:disk-" + i));
          }
        });
    discover();
    byte[] question = TextCodec.encode(List.of(new KeyValue("SendTargets", "All")));
    List<Integer> sizes = new ArrayList<>();
    ByteArrayOutputStream all = new ByteArrayOutputStream();

    int tag = initiator.newTag();
    initiator.sendText(tag, Pdu.RESERVED_TAG, true, false, question);
    Received part = initiator.answer(tag, "a text response");
    while (!part.as(TextResponsePdu.class).last()) {
      assertThat(part.as(TextResponsePdu.class).continued()).isTrue();
      sizes.add(part.data().length);
      all.writeBytes(part.data());
      int next = part.as(TextResponsePdu.class).targetTransferTag();
      assertThat(next).isNotEqualTo(Pdu.RESERVED_TAG);
      initiator.sendText(tag, next, true, false, new byte[0]);
      part = initiator.answer(tag, "the rest");
    }
    all.writeBytes(part.data());

    assertThat(part.as(TextResponsePdu.class).continued()).isFalse();
    assertThat(part.as(TextResponsePdu.class).targetTransferTag()).isEqualTo(Pdu.RESERVED_TAG);
    assertThat(sizes).hasSizeGreaterThan(2).containsOnly(8192);
    String[] pairs = all.toString(StandardCharsets.UTF_8).split("\0");
    assertThat(pairs)
        .hasSize(2 * 401)
        .contains("TargetName=iqn.2026-01.org.iscsi4j.test:disk-399")
        .endsWith("TargetName=iqn.2026-01.org.iscsi4j.test:disk-99", here()); // by name
  }

  @Test
  @Item(value = 37, section = "11.11", rule = PIECES)
  void aNewQuestionForgetsTheRestOfTheLastAnswer() {
    start(
        settings -> {
          for (int i = 0; i < 50; i++) {
            settings.target(target("iqn.2026-01.org.iscsi4j.test:disk-" + i));
          }
        });
    initiator =
        server.connect().login().discovery().offer("MaxRecvDataSegmentLength", 512).perform();
    int tag = initiator.newTag();
    byte[] question = TextCodec.encode(List.of(new KeyValue("SendTargets", "All")));
    initiator.sendText(tag, Pdu.RESERVED_TAG, true, false, question);
    Received part = initiator.answer(tag, "a text response");
    assertThat(part.as(TextResponsePdu.class).continued()).isTrue();

    assertThat(sendTargets(TestServer.TARGET)).hasSize(2);

    // and the tag of the old exchange means nothing any more
    int old = part.as(TextResponsePdu.class).targetTransferTag();
    initiator.sendText(initiator.newTag(), old, true, false, new byte[0]);
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
  }

  // ---- what a discovery session may not do -----------------------------------------------------

  @Test
  @Item(value = 38, section = "4.3", rule = LIMITS)
  void scsiCommandIsRejected() {
    start(settings -> {});
    discover();

    initiator.command(Cdbs.inquiry(36)).read(36).send();

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());
    assertThat(sendTargets("All")).hasSize(2);
  }

  @Test
  @Item(value = 38, section = "4.3", rule = LIMITS)
  void taskManagementIsRejected() {
    start(settings -> {});
    discover();

    initiator.sendTaskManagement(5, 0, Pdu.RESERVED_TAG, 0, initiator.nextCmdSn());

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());
    assertThat(sendTargets("All")).hasSize(2);
  }

  @Test
  @Item(value = 38, section = "4.3", rule = LIMITS)
  void otherPdusAreRejected() {
    start(settings -> {});
    discover();

    int tag = initiator.newTag();
    initiator.send(
        new DataOutPdu(true, 0, 0, 0, tag, Pdu.RESERVED_TAG, initiator.expStatSn(), 0, 0));
    initiator.awaitReject();
    initiator.send(
        new SnackRequestPdu(
            SnackType.STATUS.code(),
            0,
            0,
            0,
            Pdu.RESERVED_TAG,
            Pdu.RESERVED_TAG,
            initiator.expStatSn(),
            0,
            0));
    initiator.awaitReject();
    initiator.send(initiator.login().pdu(0, 1, true, false));
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());

    // and goes on
    assertThat(sendTargets("All")).hasSize(2);
  }

  @Test
  @Item(value = 38, section = "4.3", rule = LIMITS)
  void errorRecoveryLevelIsZero() {
    start(settings -> {});
    initiator = server.connect();
    LoginScript login = initiator.login().discovery();
    List<KeyValue> keys = login.names();
    keys.add(new KeyValue("ErrorRecoveryLevel", "2"));

    assertThat(login.request(1, 3, true, keys).value("ErrorRecoveryLevel")).contains("0");
  }

  @Test
  @Item(
      value = 38,
      section = "6.3.5",
      rule = "a discovery session of the same InitiatorName and ISID is reinstated")
  void sameNameAndIsidTakeItsPlace() {
    start(settings -> {});
    discover();
    ScriptedInitiator first = initiator;
    try (ScriptedInitiator otherIsid =
            server.connect().login().discovery().isid(0x8000_0000_0002L).perform();
        ScriptedInitiator otherName =
            server.connect().login().discovery().initiator(OTHER).perform()) {
      assertThat(server.server().sessions()).hasSize(3);

      discover();

      first.awaitEnd();
      first.close();
      assertThat(server.events().awaitClosed()).contains("reinstated");
      assertThat(server.server().sessions()).hasSize(3);
      assertThat(sendTargets("All")).hasSize(2);
      assertThat(otherIsid.ping(new byte[1])).hasSize(1);
      assertThat(otherName.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  @Item(value = 39, section = "9.5", rule = VISIBLE)
  void nobodyIsToldAnythingWhoHasNotProvedHimself() {
    start(settings -> settings.chap(Chap.builder().user("user", "a secret of 16 b").build()));
    initiator = server.connect();
    LoginScript login = initiator.login().discovery();

    LoginAnswer refused = login.request(1, 3, true, login.names());

    assertThat(refused.status()).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(refused.keys()).isEmpty();
    initiator.awaitEnd();
    initiator.close();
    initiator = server.connect().login().discovery().chap("user", "a secret of 16 b").perform();
    assertThat(sendTargets("All")).hasSize(2);
  }

  // ---- what an initiator may use ---------------------------------------------------------------

  private static final String FRIEND = "iqn.2026-01.org.iscsi4j.test:friend";

  private static Target target(String name, AccessPolicy access) {
    return Target.builder(name).access(access).build();
  }

  private static AccessPolicy only(String... initiators) {
    return AccessRules.allow(InitiatorGroup.named(initiators));
  }

  private void discoverAs(String name) {
    initiator = server.connect().login().discovery().initiator(name).perform();
  }

  @Test
  @Item(value = 39, section = "9.5", rule = VISIBLE)
  void initiatorIsToldOfTargetsThatLetItIn() {
    start(settings -> settings.target(target(OTHER, only(FRIEND))));
    discover();
    assertThat(sendTargets("All")).containsExactly("TargetName=" + TestServer.TARGET, here());
    initiator.close();

    discoverAs(FRIEND);

    assertThat(sendTargets("All"))
        .containsExactly("TargetName=" + TestServer.TARGET, here(), "TargetName=" + OTHER, here());
    assertThat(sendTargets(OTHER)).containsExactly("TargetName=" + OTHER, here());
  }

  @Test
  @Item(value = 39, section = "9.5", rule = VISIBLE)
  void targetThatMayNotBeUsedLooksLikeNone() {
    start(settings -> settings.target(target(OTHER, only("!" + FRIEND, "ALL"))));
    discoverAs(FRIEND);

    assertThat(sendTargets(OTHER))
        .isEqualTo(sendTargets("iqn.2026-01.org.iscsi4j.test:nobody"))
        .isEmpty();
  }

  @Test
  @Item(value = 39, section = "9.5", rule = VISIBLE)
  void portalThroughWhichATargetMayNotBeUsedIsNotTold() {
    AccessRules second = AccessRules.builder().allow(7, InitiatorGroup.named(FRIEND)).build();
    start(
        settings ->
            settings
                .portal(Portal.loopback())
                .portal(Portal.loopback().withGroupTag(7))
                .target(target(OTHER, second)));
    discoverAs(FRIEND);
    int port = server.server().portals().get(1).port();

    assertThat(sendTargets(OTHER))
        .containsExactly("TargetName=" + OTHER, "TargetAddress=127.0.0.1:" + port + ",7");
  }

  @Test
  @Item(value = 39, section = "9.5", rule = VISIBLE)
  void userThatDiscoversIsToldOfItsTargets() {
    InitiatorGroup users = InitiatorGroup.builder().user("user").build();
    Chap chap =
        Chap.builder().user("user", "a secret of 16 b").user("other", "another of 16 byt").build();
    start(settings -> settings.chap(chap).target(target(OTHER, AccessRules.allow(users))));
    initiator = server.connect().login().discovery().chap("other", "another of 16 byt").perform();
    assertThat(sendTargets(OTHER)).isEmpty();
    initiator.close();

    initiator = server.connect().login().discovery().chap("user", "a secret of 16 b").perform();

    assertThat(sendTargets(OTHER)).hasSize(2);
  }

  // ---- targets that the host looks for ---------------------------------------------------------

  /** Shows a name when the test says so. */
  private static final class SlowStore implements TargetResolver {
    private final BlockingQueue<CompletableFuture<Collection<IscsiName>>> searches =
        new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<Target> resolve(IscsiName name, Initiator initiator) {
      return CompletableFuture.failedFuture(ResolutionException.notFound(name + " is not here"));
    }

    @Override
    public CompletionStage<Collection<IscsiName>> visibleTo(Initiator initiator) {
      CompletableFuture<Collection<IscsiName>> search = new CompletableFuture<>();
      searches.add(search);
      return search;
    }

    CompletableFuture<Collection<IscsiName>> awaitSearch() throws InterruptedException {
      CompletableFuture<Collection<IscsiName>> search = searches.poll(10, TimeUnit.SECONDS);
      assertThat(search).as("a search").isNotNull();
      return search;
    }
  }

  private final SlowStore store = new SlowStore();

  private int ask(String value) {
    int tag = initiator.newTag();
    byte[] question = TextCodec.encode(List.of(new KeyValue("SendTargets", value)));
    initiator.sendText(tag, Pdu.RESERVED_TAG, true, false, question);
    return tag;
  }

  @Test
  @Item(value = 39, section = "9.5", rule = VISIBLE)
  void targetsThatTheHostLooksForAreToldWhenTheyAreFound() throws Exception {
    start(settings -> settings.targetResolver(store));
    discover();
    int tag = ask("All");
    CompletableFuture<Collection<IscsiName>> search = store.awaitSearch();

    assertThat(initiator.ping(new byte[] {1})).hasSize(1); // nothing waits for the host
    search.complete(List.of(IscsiName.of(OTHER)));

    assertThat(initiator.answer(tag, "a text response").keys())
        .extracting(KeyValue::value)
        .contains(TestServer.TARGET, OTHER)
        .hasSize(4);
  }

  @Test
  @Item(value = 34, section = "11.10", rule = "one text request is outstanding at a time")
  void requestWhileTheHostLooksIsRejectedAndTheFirstIsAnswered() throws Exception {
    start(settings -> settings.targetResolver(store));
    discover();
    int tag = ask("All");
    CompletableFuture<Collection<IscsiName>> search = store.awaitSearch();

    ask(OTHER);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.PROTOCOL_ERROR.code());
    search.complete(List.of());
    assertThat(initiator.answer(tag, "a text response").keys()).hasSize(2);
    int next = ask(OTHER);
    store.awaitSearch().complete(List.of(IscsiName.of(OTHER)));
    assertThat(initiator.answer(next, "a text response").keys()).hasSize(2);
  }

  @Test
  @Item(value = 39, section = "9.5", rule = VISIBLE)
  void hostThatFindsNothingOutLeavesWhatIsKnown() throws Exception {
    start(settings -> settings.targetResolver(store));
    discover();
    int tag = ask("All");

    store.awaitSearch().completeExceptionally(new IllegalStateException("the store is down"));

    assertThat(initiator.answer(tag, "a text response").keys())
        .extracting(KeyValue::value)
        .contains(TestServer.TARGET)
        .hasSize(2);
  }

  @Test
  @Item(value = 38, section = "4.3", rule = LIMITS)
  void pingAndLogoutWork() {
    start(settings -> {});
    discover();

    assertThat(initiator.ping(new byte[] {1, 2})).isEqualTo(new byte[] {1, 2});
    initiator.logout();
    assertThat(server.events().awaitClosed()).isNotEmpty();
    assertThat(server.server().sessions()).isEmpty();
  }
}
