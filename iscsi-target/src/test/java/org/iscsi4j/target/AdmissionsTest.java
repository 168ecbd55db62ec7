package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.access.Limits;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.Admissions.Admitted;
import org.iscsi4j.target.Admissions.Connected;
import org.iscsi4j.target.session.SessionKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdmissionsTest {

  private Limits limits = Limits.defaults();
  private final Admissions admissions = new Admissions(() -> limits);
  private final List<Connected> connections = new ArrayList<>();
  private final List<Admitted> sessions = new ArrayList<>();

  private static InetAddress address(int number) {
    try {
      return InetAddress.getByAddress(new byte[] {10, 0, (byte) (number >> 8), (byte) number});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static SessionKey key(String initiator, int isid, String target) {
    return new SessionKey(
        IscsiName.of("iqn.2026-01.test:" + initiator),
        isid,
        target.isEmpty()
            ? Optional.empty()
            : Optional.of(IscsiName.of("iqn.2026-01.test:" + target)),
        1);
  }

  private Optional<Connected> connect(int address) {
    Optional<Connected> connected = admissions.connection(address(address));
    connected.ifPresent(connections::add);
    return connected;
  }

  private Connected connected(int address) {
    Connected connection = connect(address).orElseThrow();
    connection.loggedIn();
    return connection;
  }

  private Admitted open(int address, SessionKey key) throws LoginException {
    Admitted session = connected(address).session(key);
    sessions.add(session);
    return session;
  }

  private void assertRefused(int address, SessionKey key, LoginStatus status, String why) {
    assertThatExceptionOfType(LoginException.class)
        .isThrownBy(() -> open(address, key))
        .withMessage(why)
        .matches(e -> e.status() == status);
  }

  @AfterEach
  void everythingIsGivenBackExactlyOnce() {
    for (int twice = 0; twice < 2; twice++) {
      sessions.forEach(Admitted::ended);
      connections.forEach(Connected::closed);
      assertThat(admissions.connections()).isZero();
      assertThat(admissions.logins()).isZero();
      assertThat(admissions.sessions()).isZero();
      assertThat(admissions.remembered()).isZero();
    }
  }

  // ---- connections

  @Test
  void connectionsOfTheServer() {
    limits = Limits.builder().connections(2).build();
    connected(1);
    Connected second = connected(2);
    assertThat(connect(3)).isEmpty();

    second.closed();
    second.closed();

    assertThat(connect(3)).isPresent();
    assertThat(connect(4)).isEmpty();
  }

  @Test
  void connectionsOfAnAddress() {
    limits = Limits.builder().connectionsPerAddress(2).build();
    connected(1);
    Connected second = connected(1);
    assertThat(connect(1)).isEmpty();
    assertThat(connect(2)).isPresent();

    second.closed();

    assertThat(connect(1)).isPresent();
  }

  @Test
  void loginsOfAnAddress() {
    limits = Limits.builder().loginsPerAddress(2).build();
    connect(1);
    Connected second = connect(1).orElseThrow();
    assertThat(connect(1)).isEmpty();

    second.loggedIn();
    second.loggedIn();

    assertThat(connect(1)).isPresent();
    assertThat(connect(1)).isEmpty();
  }

  @Test
  void loginsOfTheServer() {
    limits = Limits.builder().logins(3).build();
    connect(1);
    connect(2);
    Connected third = connect(3).orElseThrow();
    assertThat(connect(4)).isEmpty();

    third.closed();

    assertThat(connect(4)).isPresent();
  }

  @Test
  void silentAddressesLeaveRoomForAnother() {
    limits = Limits.builder().logins(100).loginsPerAddress(64).build();
    int[] held = new int[4];
    for (int i = 0; i < 1000; i++) {
      held[i % 4] += connect(i % 4).isPresent() ? 1 : 0;
    }

    assertThat(held).containsOnly(20);
    assertThat(connect(4)).isPresent();
  }

  @Test
  void oneAddressAloneGetsHalf() {
    limits = Limits.builder().logins(100).loginsPerAddress(1000).build();
    for (int i = 0; i < 1000; i++) {
      connect(1);
    }

    assertThat(admissions.logins()).isEqualTo(50);
  }

  // ---- sessions

  @Test
  void sessionsOfTheServer() throws Exception {
    limits = Limits.builder().sessions(2).build();
    open(1, key("a", 1, "t"));
    Admitted second = open(2, key("b", 1, ""));
    assertRefused(
        3,
        key("c", 1, "u"),
        LoginStatus.OUT_OF_RESOURCES,
        "the server has 2 sessions, and may have 2");

    second.ended();
    second.ended();

    open(3, key("c", 1, "u"));
  }

  @Test
  void sessionsOfATarget() throws Exception {
    limits = Limits.builder().sessionsPerTarget(2).build();
    open(1, key("a", 1, "t"));
    Admitted second = open(2, key("b", 1, "t"));
    assertRefused(
        3,
        key("c", 1, "t"),
        LoginStatus.OUT_OF_RESOURCES,
        "the target has 2 sessions, and may have 2");
    open(3, key("c", 1, "u"));
    open(3, key("c", 1, ""));

    second.ended();

    open(3, key("c", 1, "t"));
  }

  @Test
  void sessionsOfAnInitiator() throws Exception {
    limits = Limits.builder().sessionsPerInitiator(2).build();
    open(1, key("a", 1, "t"));
    Admitted second = open(2, key("a", 2, "u"));
    assertRefused(
        3,
        key("a", 3, ""),
        LoginStatus.TOO_MANY_CONNECTIONS,
        "the initiator has 2 sessions, and may have 2");
    open(1, key("b", 1, "t"));

    second.ended();

    open(3, key("a", 3, ""));
  }

  @Test
  void sessionsOfAnAddress() throws Exception {
    limits = Limits.builder().sessionsPerAddress(2).build();
    open(1, key("a", 1, "t"));
    Admitted second = open(1, key("b", 1, "u"));
    assertRefused(
        1,
        key("c", 1, "t"),
        LoginStatus.OUT_OF_RESOURCES,
        "the address has 2 sessions, and may have 2");
    open(2, key("c", 1, "t"));

    second.ended();

    open(1, key("d", 1, "t"));
  }

  @Test
  void reinstatementNeedsNoRoom() throws Exception {
    limits =
        Limits.builder()
            .sessions(1)
            .sessionsPerTarget(1)
            .sessionsPerInitiator(1)
            .sessionsPerAddress(1)
            .build();
    Admitted old = open(1, key("a", 1, "t"));

    Admitted fresh = open(1, key("a", 1, "t"));
    old.ended();

    assertThat(admissions.sessions()).isEqualTo(1);
    assertRefused(
        1,
        key("a", 2, "t"),
        LoginStatus.OUT_OF_RESOURCES,
        "the server has 1 sessions, and may have 1");
    fresh.ended();
    open(1, key("a", 2, "t"));
  }

  @Test
  void reinstatementFromElsewhereCountsThere() throws Exception {
    limits = Limits.builder().sessions(2).sessionsPerAddress(1).build();
    Admitted old = open(1, key("a", 1, "t"));
    open(2, key("b", 1, "t"));
    assertRefused(
        2,
        key("a", 1, "t"),
        LoginStatus.OUT_OF_RESOURCES,
        "the address has 1 sessions, and may have 1");

    open(3, key("a", 1, "t"));
    old.ended();

    assertRefused(
        1,
        key("c", 1, "t"),
        LoginStatus.OUT_OF_RESOURCES,
        "the server has 2 sessions, and may have 2");
  }

  @Test
  void whatIsRefusedCountsNowhere() throws Exception {
    limits = Limits.builder().sessionsPerAddress(1).build();
    open(1, key("a", 1, "t"));
    int before = admissions.remembered();
    Connected connection = connected(1);
    for (int i = 2; i < 100; i++) {
      SessionKey next = key("b", i, "u");
      assertThatExceptionOfType(LoginException.class).isThrownBy(() -> connection.session(next));
    }
    connection.closed();

    assertThat(admissions.sessions()).isEqualTo(1);
    assertThat(admissions.remembered()).isEqualTo(before);
  }

  @Test
  void lowerLimitsEndNothing() throws Exception {
    open(1, key("a", 1, "t"));
    Admitted second = open(1, key("a", 2, "t"));
    limits = Limits.builder().sessionsPerInitiator(1).connections(1).build();

    assertThat(admissions.sessions()).isEqualTo(2);
    assertThat(connect(1)).isEmpty();
    second.ended();
    limits = limits.toBuilder().connections(10).build();
    assertRefused(
        1,
        key("a", 3, "t"),
        LoginStatus.TOO_MANY_CONNECTIONS,
        "the initiator has 1 sessions, and may have 1");
  }

  @Test
  void countsStayRightWhateverHappens() {
    limits =
        Limits.builder()
            .sessions(12)
            .sessionsPerInitiator(6)
            .sessionsPerAddress(5)
            .connections(40)
            .build();
    Random random = new Random(3);
    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(4)) {
        case 0 -> connect(random.nextInt(4));
        case 1 -> pick(connections, random).ifPresent(Connected::closed);
        case 2 -> pick(sessions, random).ifPresent(Admitted::ended);
        default -> pick(connections, random).ifPresent(each -> tryOpen(each, random));
      }
      assertThat(admissions.connections()).isBetween(0, 40);
      assertThat(admissions.sessions()).isBetween(0, 12);
      assertThat(admissions.logins()).isBetween(0, admissions.connections());
    }
  }

  private void tryOpen(Connected connection, Random random) {
    try {
      connection.loggedIn();
      sessions.add(connection.session(key("i" + random.nextInt(3), random.nextInt(5), "t")));
    } catch (LoginException full) {
      // as it should be now and then
    }
  }

  private static <T> Optional<T> pick(List<T> all, Random random) {
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
  }
}
