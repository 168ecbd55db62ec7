package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.Limits;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.ConnectionEnded;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions and connections up to a limit and beyond it. */
@Timeout(60)
class LimitsTest {

  private static final String OTHER_TARGET = "iqn.2026-01.org.iscsi4j.test:other";
  private static final String OTHER_INITIATOR = "iqn.2026-01.org.iscsi4j.test:somebody.else";

  private final GatedDevice device = new GatedDevice(64 << 20);
  private TestServer server;

  private void serve(UnaryOperator<Limits.Builder> limits) {
    serve(limits, settings -> {});
  }

  private void serve(UnaryOperator<Limits.Builder> limits, Consumer<IscsiServerBuilder> settings) {
    Target other = Target.builder(OTHER_TARGET).lun(MemoryDevice.ofSize(1 << 20)).build();
    server =
        TestServer.serving(
            builder -> {
              builder.limits(limits.apply(Limits.builder()).build()).target(other).eventLoops(2);
              settings.accept(builder);
            },
            device);
  }

  @AfterEach
  void nothingIsLeft() {
    device.release();
    Usages.awaitNone(server);
    server.close();
  }

  private ServerCore.Usage usage() {
    return server.server().usage();
  }

  private void assertRefused(LoginStatus status, Consumer<LoginScript> words) {
    try (ScriptedInitiator refused = server.connect()) {
      LoginScript login = refused.login();
      words.accept(login);
      assertThat(login.tryPerform().status()).isEqualTo(status);
      refused.awaitEnd();
    }
  }

  /** Ends a session, and waits until its place is free. */
  private void leave(ScriptedInitiator initiator) {
    int before = usage().sessions();
    initiator.logout();
    Usages.await(server, now -> now.sessions() < before);
  }

  // ---- sessions

  @Test
  void sessionsOfAnInitiator() {
    serve(limits -> limits.sessionsPerInitiator(2));
    try (ScriptedInitiator one = server.login();
        ScriptedInitiator two = server.login(login -> login.isid(2).target(OTHER_TARGET))) {
      assertRefused(LoginStatus.TOO_MANY_CONNECTIONS, login -> login.isid(3));
      assertRefused(LoginStatus.TOO_MANY_CONNECTIONS, login -> login.isid(3).discovery());
      try (ScriptedInitiator other = server.login(login -> login.initiator(OTHER_INITIATOR))) {
        leave(other);
      }
      leave(two);
      try (ScriptedInitiator three = server.login(login -> login.isid(3))) {
        assertThat(one.ping(new byte[1])).hasSize(1);
        leave(three);
      }
      leave(one);
    }
  }

  @Test
  void sessionsOfATarget() {
    serve(limits -> limits.sessionsPerTarget(1));
    try (ScriptedInitiator one = server.login();
        ScriptedInitiator other = server.login(login -> login.isid(2).target(OTHER_TARGET))) {
      assertRefused(LoginStatus.OUT_OF_RESOURCES, login -> login.initiator(OTHER_INITIATOR));
      leave(one);
      try (ScriptedInitiator next = server.login(login -> login.initiator(OTHER_INITIATOR))) {
        leave(next);
      }
      leave(other);
    }
  }

  @Test
  void sessionsOfTheServerAndOfAnAddress() {
    List<UnaryOperator<Limits.Builder>> both =
        List.of(limits -> limits.sessions(1), limits -> limits.sessionsPerAddress(1));
    for (UnaryOperator<Limits.Builder> one : both) {
      serve(one);
      try (ScriptedInitiator first = server.login()) {
        assertRefused(
            LoginStatus.OUT_OF_RESOURCES,
            login -> login.initiator(OTHER_INITIATOR).target(OTHER_TARGET));
        leave(first);
      }
      try (ScriptedInitiator next = server.login(login -> login.isid(2))) {
        leave(next);
      }
      if (one == both.get(0)) {
        nothingIsLeft();
      }
    }
  }

  @Test
  void initiatorAtItsLimitMayReinstate() {
    serve(limits -> limits.sessionsPerInitiator(1).sessions(1).sessionsPerAddress(1));
    ScriptedInitiator last = server.login();
    for (int i = 0; i < 20; i++) {
      ScriptedInitiator next = server.login();
      last.close();
      last = next;
    }
    assertRefused(LoginStatus.OUT_OF_RESOURCES, login -> login.isid(2));
    Usages.await(server, now -> now.sessions() == 1 && now.connections() == 1);
    leave(last);
    last.close();
  }

  @Test
  void connectionThatIsLostWhileItReinstatesLeavesNothing() {
    serve(limits -> limits.sessionsPerInitiator(1), settings -> settings.eventLoops(1));
    ScriptedInitiator old = server.login();
    device.hold();
    old.command(Cdbs.write10(0, 1)).write(Patterns.bytes(512, 1)).immediate(512).send();
    GatedDevice.Call stuck = device.awaitCall();
    try (ScriptedInitiator next = server.connect()) {
      LoginScript login = next.login().withoutSecurityStage();
      next.sendRaw(next.bytes(login.pdu(1, 3, true, false), text(login)));
      old.awaitEnd(); // it makes way, and the device holds that up
      next.reset();
    }
    Usages.await(server, now -> now.connections() == 0);
    stuck.finish();
    old.close();
    try (ScriptedInitiator another = server.login(login -> login.isid(2))) {
      leave(another);
    }
  }

  private static byte[] text(LoginScript login) {
    return TextCodec.encode(login.names());
  }

  @Test
  void anotherConnectionOfASessionIsNoSession() {
    serve(limits -> limits.sessions(1));
    try (ScriptedInitiator one = server.login(login -> login.offer("MaxConnections", 2));
        ScriptedInitiator two = one.join(2)) {
      assertThat(two.ping(new byte[1])).hasSize(1);
      assertThat(usage().sessions()).isEqualTo(1);
      assertThat(usage().logins()).isZero();
      assertThat(one.joining(3).tryPerform().status()).isEqualTo(LoginStatus.TOO_MANY_CONNECTIONS);
      leave(one);
    }
  }

  @Test
  void sessionThatWaitsForRecoveryKeepsItsPlace() {
    serve(
        limits -> limits.sessionsPerInitiator(1),
        settings -> settings.errorRecoveryLevel(2).defaultTime2Wait(Duration.ZERO));
    ScriptedInitiator one =
        server.login(
            login ->
                login
                    .offer("ErrorRecoveryLevel", 2)
                    .offer("DefaultTime2Wait", 0)
                    .offer("DefaultTime2Retain", 3600));
    one.reset();
    Usages.await(server, now -> now.connections() == 0);

    assertThat(usage().sessions()).isEqualTo(1);
    assertThat(usage().pools()).isEqualTo(1); // the lost connection
    assertRefused(LoginStatus.TOO_MANY_CONNECTIONS, login -> login.isid(2));
    try (ScriptedInitiator again = server.login()) {
      leave(again);
    }
  }

  // ---- connections

  private Socket silent() throws IOException {
    Socket socket = new Socket();
    socket.connect(server.address(), 1000);
    socket.setSoTimeout(ScriptedInitiator.TIMEOUT_MILLIS);
    return socket;
  }

  private static void assertClosed(Socket socket) throws IOException {
    try {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    } catch (SocketException reset) {
      // as good an end as any
    }
  }

  @Test
  void connectionsThatHaveNotLoggedIn() throws Exception {
    serve(limits -> limits.loginsPerAddress(2));
    try (ScriptedInitiator busy = server.login();
        Socket one = silent();
        Socket two = silent()) {
      try (Socket three = silent()) {
        assertClosed(three);
      }
      assertThat(busy.ping(new byte[1])).hasSize(1);
      one.shutdownOutput();
      Usages.await(server, now -> now.logins() == 1);
      try (ScriptedInitiator next = server.login(login -> login.isid(2))) {
        assertThat(usage().logins()).isEqualTo(1);
        try (Socket four = silent();
            Socket five = silent()) {
          assertClosed(five);
          assertThat(four.isConnected()).isTrue();
          assertThat(two.isConnected()).isTrue();
          Usages.await(server, now -> now.logins() == 2);
        }
        leave(next);
      }
      leave(busy);
    }
  }

  @Test
  void connectionsOfAnAddress() throws Exception {
    serve(limits -> limits.connectionsPerAddress(2));
    try (ScriptedInitiator one = server.login();
        Socket two = silent()) {
      try (Socket three = silent()) {
        assertClosed(three);
      }
      two.shutdownOutput();
      Usages.await(server, now -> now.connections() == 1);
      try (ScriptedInitiator next = server.login(login -> login.isid(2))) {
        leave(next);
      }
      leave(one);
    }
  }

  // ---- changes

  @Test
  void lowerLimitsRefuseWhatComesAndEndNothing() throws Exception {
    serve(limits -> limits);
    try (ScriptedInitiator one = server.login();
        ScriptedInitiator two = server.login(login -> login.isid(2))) {
      Limits tight = Limits.builder().sessions(1).commands(1).transferBytes(1).build();
      server.server().changeLimits(tight);

      assertThat(server.server().limits()).isEqualTo(tight);
      assertRefused(LoginStatus.OUT_OF_RESOURCES, login -> login.isid(3));
      byte[] data = Patterns.bytes(1 << 20, 1);
      one.write(0, data);
      assertSame(two.read(0, 2048), data);

      server.server().changeLimits(tight.toBuilder().connections(2).sessions(9).build());
      try (Socket three = silent()) {
        assertClosed(three);
      }
      server.server().changeLimits(Limits.defaults());
      try (ScriptedInitiator three = server.login(login -> login.isid(3))) {
        leave(three);
      }
      leave(one);
      leave(two);
    }
  }

  // ---- storm

  @Test
  void stormOfConnectionsLeavesNothing() throws Exception {
    serve(limits -> limits.sessionsPerInitiator(3).sessions(5).connections(8).loginsPerAddress(4));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int number = i;
      running.add(threads.submit(() -> storm(number)));
    }
    for (Future<?> each : running) {
      each.get();
    }
    threads.shutdown();
    Usages.awaitNone(server);
    try (ScriptedInitiator calm = server.login()) {
      leave(calm);
    }
  }

  private void storm(int number) {
    for (int i = 0; i < 60; i++) {
      int isid = 1 + i % 2;
      try (ScriptedInitiator initiator = server.connect()) {
        LoginScript login =
            initiator.login().initiator(OTHER_INITIATOR + number % 3).isid(isid + number % 2);
        boolean in = (i + number) % 4 != 0 && login.tryPerform().status() == LoginStatus.SUCCESS;
        if (i % 3 == 0) {
          initiator.reset();
        } else if (in && i % 3 == 1) {
          initiator.logout();
        }
      } catch (ConnectionEnded | UncheckedIOException refused) {
        // refused, or reinstated by another thread
      }
    }
  }
}
