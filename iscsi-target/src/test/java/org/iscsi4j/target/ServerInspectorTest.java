package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.iscsi4j.api.monitor.ConnectionSnapshot;
import org.iscsi4j.api.monitor.LoopSnapshot;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.SessionSnapshot;
import org.iscsi4j.api.monitor.TaskSnapshot;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.iscsi4j.target.loop.EventLoopGroup;
import org.iscsi4j.target.session.SessionRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a host sees of its server. */
class ServerInspectorTest {

  private GatedDevice device;
  private TestServer server;

  @BeforeEach
  void start() {
    device = new GatedDevice(1 << 20);
    server = TestServer.serving(settings -> settings.errorRecoveryLevel(2).eventLoops(2), device);
  }

  @AfterEach
  void stop() {
    device.release();
    server.close();
  }

  private ServerSnapshot snapshot() {
    try {
      return server.server().snapshot().get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private SessionSnapshot session() {
    ServerSnapshot all = snapshot();
    assertThat(all.sessions()).hasSize(1);
    return all.sessions().get(0);
  }

  private ServerSnapshot await(Predicate<ServerSnapshot> wanted) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    ServerSnapshot last = snapshot();
    while (!wanted.test(last)) {
      assertThat(System.nanoTime()).as("%s", last).isLessThan(deadline);
      last = snapshot();
    }
    return last;
  }

  private static LoginScript recovering(LoginScript login) {
    return login.offer("ErrorRecoveryLevel", 2).offer("MaxConnections", 4);
  }

  // ---- the server

  @Test
  void serverTellsItsPortalsAndLoops() {
    try (ScriptedInitiator initiator = server.login()) {
      ServerSnapshot seen = snapshot();

      assertThat(seen.complete()).isTrue();
      assertThat(seen.portals()).isEqualTo(server.server().portals());
      assertThat(seen.loops()).hasSize(2);
      assertThat(seen.loops()).extracting(LoopSnapshot::name).allMatch(n -> n.contains("-loop-"));
      assertThat(seen.loops().stream().mapToInt(LoopSnapshot::connections).sum()).isOne();
      assertThat(seen.sessions())
          .extracting(SessionSnapshot::info)
          .isEqualTo(server.server().sessions());
      assertThat(initiator.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  void connectionThatHasNotLoggedInIsNoSession() {
    try (ScriptedInitiator silent = server.connect()) {
      ServerSnapshot seen = await(all -> all.logins().size() == 1);

      assertThat(seen.sessions()).isEmpty();
      assertThat(seen.logins().get(0).bytesIn()).isZero();
      assertThat(seen.logins().get(0).remote()).isEqualTo(silent.socket().getLocalSocketAddress());
      assertThat(seen.logins().get(0).local()).isEqualTo(server.address());

      silent.login().perform();
      assertThat(snapshot().logins()).isEmpty();
      assertThat(snapshot().sessions()).hasSize(1);
    }
    await(all -> all.sessions().isEmpty());
  }

  @Test
  void loopsThatHaveEndedAreNotWaitedForLong() throws Exception {
    EventLoopGroup loops = new EventLoopGroup(2, "ended");
    assertThat(loops.close(Duration.ofSeconds(10))).isTrue();
    ServerInspector inspector =
        new ServerInspector(
            "ended", List::of, List::of, loops, new SessionRegistry(), Duration.ofMillis(1));

    ServerSnapshot seen = inspector.snapshot().get(10, TimeUnit.SECONDS);

    assertThat(seen.complete()).isFalse();
    assertThat(seen.loops()).isEmpty();
  }

  @Test
  void loopThatHangsIsLeftOut() throws Exception {
    EventLoopGroup loops = new EventLoopGroup(2, "hangs");
    CountDownLatch free = new CountDownLatch(1);
    loops.first().execute(() -> awaitQuietly(free));
    ServerInspector inspector =
        new ServerInspector(
            "hangs", List::of, List::of, loops, new SessionRegistry(), Duration.ofMillis(500));

    ServerSnapshot seen = inspector.snapshot().get(10, TimeUnit.SECONDS);

    assertThat(seen.complete()).isFalse();
    assertThat(seen.loops()).extracting(LoopSnapshot::name).containsExactly("hangs-loop-1");
    free.countDown();
    assertThat(loops.close(Duration.ofSeconds(10))).isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // ---- commands

  @Test
  void commandsTellWhatTheyWaitFor() {
    try (ScriptedInitiator initiator = server.login()) {
      device.hold();
      Exchange read = initiator.command(Cdbs.read10(3, 1)).read(Cdbs.BLOCK).send();
      device.awaitCall();
      Exchange write =
          initiator
              .command(Cdbs.write10(0, 1))
              .write(new byte[Cdbs.BLOCK])
              .immediate(0)
              .unsolicited(0)
              .leaveR2t()
              .send();
      write.awaitR2t(0);
      initiator.command(Cdbs.testUnitReady()).attribute(ScsiCommandPdu.ORDERED).send();
      initiator.ping(new byte[1]);

      SessionSnapshot seen = session();

      assertThat(seen.tasks())
          .extracting(task -> task.command() + " " + task.state())
          .containsExactly("READ(10) IN_DEVICE", "WRITE(10) AWAITS_DATA", "TEST UNIT READY QUEUED");
      TaskSnapshot first = seen.tasks().get(0);
      assertThat(first.tag()).isEqualTo(Integer.toUnsignedLong(read.tag()));
      assertThat(first.cdb()).startsWith("28000000000300000100");
      assertThat(first.expectedIn()).isEqualTo(Cdbs.BLOCK);
      assertThat(seen.tasks().get(1).expectedOut()).isEqualTo(Cdbs.BLOCK);
      assertThat(seen.bytesHeld()).isEqualTo(2 * Cdbs.BLOCK);

      initiator.abort(read);
      assertThat(session().tasks())
          .extracting(task -> task.command() + " " + task.state())
          .contains("READ(10) ABORTED");

      device.release();
      await(all -> all.sessions().get(0).tasks().size() == 2);
    }
  }

  @Test
  void commandThatFailedWhileItsDataComesIsBeingAnswered() {
    try (ScriptedInitiator initiator = server.login(login -> login.offer("InitialR2T", "No"))) {
      Exchange write =
          initiator
              .command(Cdbs.write10(1 << 20, 1)) // beyond the end
              .write(new byte[Cdbs.BLOCK])
              .immediate(0)
              .announceUnsolicited()
              .send();
      initiator.ping(new byte[1]);

      assertThat(session().tasks())
          .extracting(TaskSnapshot::state)
          .containsExactly(TaskSnapshot.State.ANSWERING);

      write.dataOut(-1, 0, 0, Cdbs.BLOCK, true);
      write.await();
      assertThat(session().tasks()).isEmpty();
    }
  }

  // ---- connections

  @Test
  void connectionsTellWhatWasAgreedForThem() {
    try (ScriptedInitiator first =
            server.login(
                login -> recovering(login).cid(1).offer("MaxRecvDataSegmentLength", 4096));
        ScriptedInitiator second = first.joining(2).offer("HeaderDigest", "CRC32C").perform()) {
      second.ping(new byte[1]);

      SessionSnapshot seen = session();

      assertThat(seen.errorRecoveryLevel()).isEqualTo(2);
      assertThat(seen.negotiated()).containsEntry("MaxConnections", "4");
      assertThat(seen.connections()).extracting(each -> each.info().cid()).containsExactly(1, 2);
      assertThat(seen.connections())
          .extracting(each -> each.info().remote())
          .containsExactly(
              (InetSocketAddress) first.socket().getLocalSocketAddress(),
              (InetSocketAddress) second.socket().getLocalSocketAddress());
      assertThat(seen.connections().get(0).negotiated())
          .containsEntry("HeaderDigest", "None")
          .containsEntry("MaxRecvDataSegmentLength initiator", "4096");
      assertThat(seen.connections().get(1).negotiated()).containsEntry("HeaderDigest", "CRC32C");
    }
  }

  @Test
  void connectionCountsItsBytesBothWays() {
    try (ScriptedInitiator initiator = server.login()) {
      initiator.ping(new byte[1]);
      ConnectionSnapshot before = session().connections().get(0);

      initiator.ping(new byte[100]);

      ConnectionSnapshot after = session().connections().get(0);
      assertThat(after.bytesIn() - before.bytesIn()).isEqualTo(48 + 100);
      assertThat(after.bytesOut() - before.bytesOut()).isEqualTo(48 + 100);
      assertThat(after.bytesQueued()).isZero();
    }
  }

  @Test
  void connectionThatIsLostIsShownAsLongAsItMayComeBack() {
    try (ScriptedInitiator first = server.login(login -> recovering(login).cid(1));
        ScriptedInitiator second = first.join(2)) {
      device.hold();
      first.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).send();
      device.awaitCall();
      first.reset();

      SessionSnapshot seen =
          await(all -> all.sessions().get(0).connections().get(0).lost()).sessions().get(0);

      assertThat(seen.connections())
          .extracting(each -> each.info().cid() + " " + each.lost())
          .containsExactly("1 true", "2 false");
      assertThat(seen.tasks()).extracting(TaskSnapshot::cid).containsExactly(1);
      second.ping(new byte[1]);
    }
  }

  // ---- while all goes on

  @Test
  void sessionsMayComeAndGoMeanwhile() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(3);
    try {
      List<Future<?>> comings = new ArrayList<>();
      for (int i = 1; i <= 3; i++) {
        long isid = i;
        comings.add(clients.submit(() -> comeAndGo(isid)));
      }
      int seen = 0;
      while (!comings.stream().allMatch(Future::isDone)) {
        ServerSnapshot all = snapshot();
        assertThat(all.complete()).isTrue();
        assertThat(all.sessions()).extracting(each -> each.info().tsih()).doesNotHaveDuplicates();
        seen += all.sessions().size();
      }
      for (Future<?> coming : comings) {
        coming.get();
      }
      assertThat(seen).isPositive();
    } finally {
      clients.shutdown();
    }
  }

  private void comeAndGo(long isid) {
    for (int i = 0; i < 60; i++) {
      ScriptedInitiator initiator = server.login(login -> login.isid(isid));
      initiator.write(isid * 8, new byte[4096]);
      if (i % 3 == 0) {
        initiator.logout();
        initiator.close();
      } else if (i % 3 == 1) {
        initiator.reset();
      }
    }
  }
}
