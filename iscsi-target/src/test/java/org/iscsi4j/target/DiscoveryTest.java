package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.AccessRules;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.target.fixture.CapturedLog;
import org.iscsi4j.target.limit.LogQuota;
import org.iscsi4j.target.session.SendTargets;
import org.junit.jupiter.api.Test;

/** Who is told of what (RFC 7143 appendix C and section 9.5). */
class DiscoveryTest {

  private static final String PREFIX = "iqn.2026-01.org.iscsi4j.test:";
  private static final InetAddress REACHED = address("192.0.2.2");

  private final List<Target> targets = new ArrayList<>();
  private final List<BoundPortal> portals = new ArrayList<>(List.of(portal("192.0.2.2", 3260, 1)));
  private final Initiator host = initiator("host");
  private final FoundOnDemand found = new FoundOnDemand();

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static BoundPortal portal(String address, int port, int group) {
    return new BoundPortal(Portal.of(address, port).withGroupTag(group), address(address));
  }

  private static IscsiName name(String text) {
    return IscsiName.of(PREFIX + text);
  }

  private static Initiator initiator(String name) {
    return new Initiator(
        name(name),
        Optional.empty(),
        new InetSocketAddress("192.0.2.1", 50_000),
        new InetSocketAddress(REACHED, 3260),
        1);
  }

  private Target target(String name, AccessPolicy access) {
    Target target = Target.builder(name(name)).access(access).build();
    targets.add(target);
    return target;
  }

  private static AccessRules only(String initiator) {
    return AccessRules.allow(InitiatorGroup.named(PREFIX + initiator));
  }

  private SendTargets.Answer ask(
      Optional<FoundOnDemand> onDemand, String value, Initiator from, Optional<IscsiName> target) {
    return new Discovery(() -> targets, onDemand, () -> portals)
        .answer(value, new SessionInfo(from, 1, 1, target), REACHED);
  }

  /** What a discovery session is told by a server that has its targets in a list. */
  private List<String> told(String value, Initiator from) {
    return lines(ask(Optional.empty(), value, from, Optional.empty()).whole().getNow(null));
  }

  private static List<String> lines(List<KeyValue> keys) {
    return keys.stream()
        .map(key -> key.toString().isEmpty() ? "" : key.key() + "=" + key.value())
        .map(line -> line.replace("TargetName=" + PREFIX, "").replace("TargetAddress=", ""))
        .toList();
  }

  // ---- targets that the server was told of

  @Test
  void listsTargetsThatLetTheInitiatorIn() {
    target("open", AccessPolicy.OPEN);
    target("closed", AccessPolicy.CLOSED);
    target("hosts", only("host"));
    target("others", only("other"));

    assertThat(told("All", host))
        .containsExactly("hosts", "192.0.2.2:3260,1", "open", "192.0.2.2:3260,1");
    assertThat(told("All", initiator("other")))
        .containsExactly("open", "192.0.2.2:3260,1", "others", "192.0.2.2:3260,1");
  }

  @Test
  void targetThatMayNotBeUsedIsAsOneThatDoesNotExist() {
    target("others", only("other"));

    assertThat(told(PREFIX + "others", initiator("other"))).hasSize(2);
    assertThat(told(PREFIX + "others", host)).isEqualTo(told(PREFIX + "none", host)).isEmpty();
    assertThat(told("no name at all", host)).isEmpty();
  }

  @Test
  void userThatTheInitiatorProvedToBeCounts() {
    target("alices", AccessRules.allow(InitiatorGroup.builder().user("alice").build()));

    assertThat(told("All", host.provedAs("alice"))).hasSize(2);
    assertThat(told("All", host.provedAs("bob"))).isEmpty();
    assertThat(told("All", host)).isEmpty();
  }

  @Test
  void addressesAreOfPortalsThatLetTheInitiatorIn() {
    portals.add(portal("192.0.2.3", 3261, 2));
    portals.add(portal("192.0.2.4", 3262, 3));
    InitiatorGroup hosts = InitiatorGroup.named(PREFIX + "host");
    target(
        "disk", AccessRules.builder().deny(1, hosts).allow(2, InitiatorGroup.everybody()).build());
    target("elsewhere", AccessRules.builder().allow(9, InitiatorGroup.everybody()).build());

    assertThat(told("All", host)).containsExactly("disk", "192.0.2.3:3261,2");
    assertThat(told(PREFIX + "elsewhere", host)).isEmpty();
  }

  @Test
  void policyIsAskedForTheInitiatorAsItWouldStandThere() {
    portals.add(portal("0.0.0.0", 3261, 7));
    List<Initiator> asked = new ArrayList<>();
    target("disk", asked::add);
    Initiator alice = host.provedAs("alice");

    assertThat(told("All", alice)).containsExactly("disk", "192.0.2.2:3260,1", "192.0.2.2:3261,7");
    assertThat(asked).containsExactly(alice, alice.at(new InetSocketAddress(REACHED, 3261), 7));
  }

  @Test
  void policyThatFailsLetsNobodySee() {
    target(
        "faulty",
        initiator -> {
          throw new IllegalStateException("a bug of the host");
        });
    target("disk", AccessPolicy.OPEN);

    assertThat(told("All", host)).containsExactly("disk", "192.0.2.2:3260,1");
  }

  @Test
  void changesShowAtOnce() {
    Discovery discovery = new Discovery(() -> targets, Optional.empty(), () -> portals);
    SessionInfo session = new SessionInfo(host, 1, 1, Optional.empty());
    assertThat(discovery.answer("All", session, REACHED).known()).isEmpty();

    target("disk", AccessPolicy.OPEN);
    portals.add(portal("192.0.2.3", 3261, 2));

    assertThat(discovery.answer("All", session, REACHED).known()).hasSize(3);
  }

  @Test
  void ipv6AddressesAreInTheirShortForm() {
    portals.clear();
    portals.add(portal("2001:DB8:0:0:1:0:0:1", 3260, 1));
    portals.add(portal("::1", 3260, 2));
    target("disk", AccessPolicy.OPEN);

    assertThat(told("All", host)) // RFC 5952: small letters, the first of the longest gaps
        .containsExactly("disk", "[2001:db8::1:0:0:1]:3260,1", "[::1]:3260,2");
  }

  // ---- normal sessions

  private List<String> toldInSession(String value, Target own) {
    return lines(
        ask(Optional.of(found), value, host, Optional.of(own.name())).whole().getNow(null));
  }

  @Test
  void sessionIsToldOfItsOwnTargetAlone() {
    target("other", AccessPolicy.OPEN);
    portals.add(portal("192.0.2.3", 3261, 2));
    Target own = target("own", AccessRules.builder().allow(1, InitiatorGroup.everybody()).build());

    assertThat(toldInSession("", own)).containsExactly("own", "192.0.2.2:3260,1");
    assertThat(toldInSession(PREFIX + "OWN", own)).containsExactly("own", "192.0.2.2:3260,1");
    assertThat(toldInSession(PREFIX + "other", own)).isEmpty();
    assertThat(toldInSession("no name at all", own)).isEmpty();
    assertThat(toldInSession("All", own)).containsExactly("SendTargets=Reject");
    assertThat(found.asked).isEmpty();
  }

  @Test
  void sessionOfATargetThatWasFoundIsToldOfIt() {
    Target own = target("own", AccessPolicy.OPEN);
    found.leased.add(own.name());

    assertThat(toldInSession("", own)).containsExactly("own", "192.0.2.2:3260,1");
  }

  // ---- targets that the host finds

  /** Names that come when the test says so. */
  private static final class FoundOnDemand implements Discovery.Found {
    private final List<IscsiName> leased = new ArrayList<>();
    private final List<Initiator> asked = new ArrayList<>();
    private final CompletableFuture<List<IscsiName>> names = new CompletableFuture<>();

    @Override
    public boolean has(IscsiName name) {
      return leased.contains(name);
    }

    @Override
    public CompletionStage<List<IscsiName>> visibleTo(Initiator initiator) {
      asked.add(initiator);
      return names;
    }
  }

  private SendTargets.Answer lookUp(String value) {
    return ask(Optional.of(found), value, host.provedAs("alice"), Optional.empty());
  }

  @Test
  void namesThatTheHostFindsStandBesideTheOthersInOrder() {
    target("b", AccessPolicy.OPEN);
    SendTargets.Answer answer = lookUp("All");

    assertThat(found.asked).containsExactly(host.provedAs("alice"));
    assertThat(answer.whole()).isNotDone();
    found.names.complete(List.of(name("c"), name("a"), name("c")));

    assertThat(lines(answer.whole().join()))
        .containsExactly("a", "192.0.2.2:3260,1", "b", "192.0.2.2:3260,1", "c", "192.0.2.2:3260,1");
    assertThat(lines(answer.known())).containsExactly("b", "192.0.2.2:3260,1");
  }

  @Test
  void nameThatTheHostFindsIsToldByItselfWhenItIsVisible() {
    found.names.complete(List.of(name("a"), name("b")));

    assertThat(lines(lookUp(PREFIX + "B").whole().join())).containsExactly("b", "192.0.2.2:3260,1");
    assertThat(lines(lookUp(PREFIX + "c").whole().join())).isEmpty();
    found.asked.clear();
    assertThat(lines(lookUp("no name at all").whole().join())).isEmpty();
    assertThat(found.asked).isEmpty();
  }

  @Test
  void policyOfATargetThatTheServerWasToldOfHoldsWhateverTheHostSays() {
    target("closed", AccessPolicy.CLOSED);
    found.names.complete(List.of(name("closed")));

    assertThat(lookUp("All").whole().join()).isEmpty();
  }

  @Test
  void targetThatWasFoundForOthersIsToldOnlyToWhomItIsVisible() {
    found.leased.add(target("a", AccessPolicy.OPEN).name());
    found.leased.add(target("b", AccessPolicy.OPEN).name());
    found.leased.add(target("c", only("other")).name());
    found.names.complete(List.of(name("b"), name("c")));

    assertThat(lines(lookUp("All").whole().join())).containsExactly("b", "192.0.2.2:3260,1");
    assertThat(lookUp(PREFIX + "a").whole().join()).isEmpty();
  }

  @Test
  void hostThatFailsLeavesWhatIsKnown() {
    target("b", AccessPolicy.OPEN);
    found.names.completeExceptionally(new IllegalStateException("the store is down"));

    assertThat(lines(lookUp("All").whole().join())).containsExactly("b", "192.0.2.2:3260,1");
  }

  // ---- what the log has of that

  private static final int MANY = 3 * LogQuota.MOST; // as much as the end of a minute lets through

  private void assertToldAFewTimes(String failure) {
    lookUp("All").whole().join(); // now every logger exists
    try (CapturedLog log = new CapturedLog()) {
      for (int i = 0; i < MANY; i++) {
        lookUp("All").whole().join();
      }
      List<String> told = log.text().lines().filter(line -> line.contains(failure)).toList();
      assertThat(told).hasSizeGreaterThanOrEqualTo(MANY);
      assertThat(told.stream().filter(line -> line.contains("WARN ")).count())
          .isLessThanOrEqualTo(2 * LogQuota.MOST);
    }
  }

  @Test
  void hostThatFailsDoesNotFillTheLog() {
    found.names.completeExceptionally(new IllegalStateException("the store is down"));

    assertToldAFewTimes("is told of no targets on demand");
  }

  @Test
  void policyThatFailsDoesNotFillTheLog() {
    found.names.complete(List.of());
    target(
        "broken",
        who -> {
          throw new IllegalStateException("a test wants it");
        });

    assertToldAFewTimes("the access policy of");
  }
}
