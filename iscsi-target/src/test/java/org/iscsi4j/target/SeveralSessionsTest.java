package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.Target;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.Test;

/** Several sessions, targets, units and portals of one server. */
class SeveralSessionsTest {

  private static final String OTHER = "iqn.2026-01.org.iscsi4j.test:other";

  @Test
  void sessionsWorkSideBySide() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (TestServer server = TestServer.start()) {
      List<Future<byte[]>> results = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int number = i;
        Callable<byte[]> work = () -> work(server, number);
        results.add(threads.submit(work));
      }
      for (int i = 0; i < 8; i++) {
        byte[] expected = results.get(i).get(20, TimeUnit.SECONDS);
        assertSame(server.disk().readBytes(i * 1_048_576L, expected.length), expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Writes and reads a stretch of its own again and again, with several commands under way. */
  private static byte[] work(TestServer server, int number) {
    long lba = number * 2048L;
    byte[] data = new byte[0];
    try (ScriptedInitiator initiator =
        server.login(login -> login.isid(100 + number).offer("InitialR2T", "No"))) {
      for (int round = 0; round < 20; round++) {
        data = Patterns.bytes(512 * (1 + round * 13), number * 100 + round);
        Exchange write = initiator.command(Cdbs.write10(lba, data.length / 512)).write(data).send();
        Exchange other = initiator.command(Cdbs.read10(lba + 1024, 8)).read(4096).send();
        other.await();
        write.await();
        assertSame(initiator.read(lba, data.length / 512), data);
      }
      initiator.logout();
    }
    return data;
  }

  @Test
  void targetsHaveUnitsOfTheirOwn() throws Exception {
    MemoryDevice second = MemoryDevice.ofSize(1 << 20);
    try (TestServer server =
            TestServer.start(
                settings -> settings.target(Target.builder(OTHER).lun(second).build()));
        ScriptedInitiator one = server.login();
        ScriptedInitiator two = server.login(login -> login.target(OTHER))) {
      byte[] data = Patterns.bytes(512, 1);
      two.write(0, data);

      assertSame(second.readBytes(0, 512), data);
      assertSame(one.read(0, 1), new byte[512]);
      assertThat(server.server().sessions())
          .extracting(session -> session.target().orElseThrow().toString())
          .containsExactlyInAnyOrder(TestServer.TARGET, OTHER);
    }
  }

  @Test
  void unitMayStandInSeveralTargets() {
    LogicalUnit shared = LogicalUnit.of(MemoryDevice.ofSize(1 << 20));
    Target first = Target.builder(OTHER).lun(shared).build();
    Target second = Target.builder(OTHER + "-2").lun(3, shared).build();
    try (TestServer server = TestServer.start(settings -> settings.target(first).target(second));
        ScriptedInitiator one = server.login(login -> login.target(OTHER))) {
      byte[] data = Patterns.bytes(512, 2);
      one.write(0, data);

      try (ScriptedInitiator two =
          server.connect().login().target(OTHER + "-2").perform().clearUnitAttentions(3)) {
        Exchange read = two.command(Cdbs.read10(0, 1)).lun(3).read(512).await();
        assertSame(read.data(), data);
      }
    }
  }

  @Test
  void unitsAreToldApart() throws Exception {
    MemoryDevice zero = MemoryDevice.ofSize(1 << 20);
    MemoryDevice one = MemoryDevice.ofSize(1 << 20);
    try (TestServer server = TestServer.serving(zero, one);
        ScriptedInitiator initiator = server.login().clearUnitAttentions(1)) {
      byte[] data = Patterns.bytes(512, 3);
      Exchange write = initiator.command(Cdbs.write10(0, 1)).lun(1).write(data).await();

      assertThat(write.outcome()).isEqualTo("GOOD");
      assertSame(one.readBytes(0, 512), data);
      assertSame(zero.readBytes(0, 512), new byte[512]);
    }
  }

  @Test
  void portalsLeadToTheSameTargets() {
    try (TestServer server =
        TestServer.start(
            settings -> settings.portal(Portal.loopback()).portal(Portal.of("127.0.0.2", 0)))) {
      Portal second = server.server().portals().get(1);
      assertThat(second.port()).isNotZero();
      try (ScriptedInitiator one = server.login();
          ScriptedInitiator two =
              ScriptedInitiator.connect(second.socketAddress()).login().isid(9).perform()) {
        byte[] data = Patterns.bytes(512, 4);
        one.write(0, data);
        assertSame(two.clearUnitAttentions(0).read(0, 1), data);
      }
    }
  }

  @Test
  void ipv6Works() throws Exception {
    NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    assumeTrue(
        Collections.list(loopback.getInetAddresses()).stream()
            .anyMatch(address -> address instanceof Inet6Address),
        "this machine has no IPv6 loopback address");
    try (TestServer server = TestServer.start(settings -> settings.portal(Portal.of("::1", 0)));
        ScriptedInitiator initiator = server.login()) {
      byte[] data = Patterns.bytes(512, 5);
      initiator.write(0, data);

      assertSame(initiator.read(0, 1), data);
      assertThat(server.server().uris().get(0)).startsWith("iscsi://[");
    }
  }

  @Test
  void listenersHearOfSessions() {
    try (TestServer server = TestServer.start();
        ScriptedInitiator initiator = server.login()) {
      SessionInfo opened = server.events().awaitOpened();
      assertThat(opened.initiator().name()).hasToString(LoginScript.INITIATOR);
      assertThat(opened.target()).map(IscsiName::toString).contains(TestServer.TARGET);
      assertThat(opened.initiator().remote()).isEqualTo(initiator.socket().getLocalSocketAddress());
      assertThat(opened.tsih()).isEqualTo(initiator.tsih());
      assertThat(opened.discovery()).isFalse();

      initiator.logout();
      assertThat(server.events().awaitClosed()).contains("logout");
    }
  }
}
