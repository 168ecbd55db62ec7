package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.LogoutRequestPdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.OwnThread;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Start and end of a server (design, section 7). */
@Timeout(30)
class ServerLifeCycleTest {

  private static final String NAME = "lifecycle";

  private static IscsiServerBuilder builder() {
    return IscsiServer.builder()
        .name(NAME)
        .target(Target.builder(TestServer.TARGET).lun(MemoryDevice.ofSize(1 << 20)).build());
  }

  private static void assertNothingLeft(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      thread.join(2000);
      assertThat(thread.isAlive()).as(thread.getName()).isFalse();
    }
  }

  private static void assertFree(InetSocketAddress address) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(address);
    }
  }

  // ---- start -----------------------------------------------------------------------------------

  @Test
  void listensWhenStartReturns() throws Exception {
    try (IscsiServer server = builder().start()) {
      Portal portal = server.portals().get(0);

      assertThat(portal.port()).isNotZero();
      assertThat(server.uris())
          .containsExactly("iscsi://" + portal + "/" + TestServer.TARGET + "/0");
      try (Socket socket = new Socket()) {
        socket.connect(portal.socketAddress(), 1000);
      }
    }
  }

  @Test
  void portThatIsTakenIsNamedAndNothingIsLeft() throws Exception {
    InetSocketAddress free = freePort();
    try (ServerSocket taken = new ServerSocket(0, 1, free.getAddress())) {
      IscsiServerBuilder two =
          builder()
              .name("bindfailure")
              .portal(Portal.of("127.0.0.1", free.getPort()))
              .portal(Portal.of("127.0.0.1", taken.getLocalPort()));

      assertThatExceptionOfType(IOException.class)
          .isThrownBy(two::start)
          .withMessageContaining("127.0.0.1:" + taken.getLocalPort());

      assertFree(free);
      assertThat(TestServer.threads("bindfailure")).isEmpty();
    }
  }

  private static InetSocketAddress freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return (InetSocketAddress) socket.getLocalSocketAddress();
    }
  }

  @Test
  void targetThatStandsTwiceIsRefused() {
    Target target = Target.builder(TestServer.TARGET).build();

    assertThatIllegalArgumentException().isThrownBy(() -> builder().target(target));
  }

  @Test
  void serversLiveSideBySide() throws Exception {
    try (IscsiServer two = builder().start()) {
      try (IscsiServer one = builder().start()) {
        assertServes(one);
        assertServes(two);
      }
      assertServes(two);
    }
  }

  private static void assertServes(IscsiServer server) {
    InetSocketAddress address = server.portals().get(0).socketAddress();
    try (ScriptedInitiator initiator = ScriptedInitiator.connect(address).login().perform()) {
      assertThat(initiator.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  void startAndCloseFiftyTimes() throws Exception {
    for (int i = 0; i < 50; i++) {
      IscsiServer server = builder().name("fifty").start();
      InetSocketAddress address = server.portals().get(0).socketAddress();
      try (ScriptedInitiator initiator = ScriptedInitiator.connect(address).login().perform()) {
        initiator.clearUnitAttentions(0).read(0, 1);
        server.close();
        initiator.awaitDrop();
      }
      assertFree(address);
    }

    assertNothingLeft(TestServer.threads("fifty"));
  }

  // ---- end
  // ---------------------------------------------------------------------------------------

  @Test
  void closeEndsThreadsPortsAndConnections() throws Exception {
    TestServer server = TestServer.serving(new GatedDevice(1 << 20));
    ScriptedInitiator initiator = server.login();
    initiator.read(0, 1); // on the executor
    ScriptedInitiator silent = server.connect();
    silent.login().request(0, 1, false, silent.login().names());
    List<Thread> threads = server.threads();
    assertThat(threads).isNotEmpty();

    server.close();

    initiator.awaitDrop();
    silent.awaitEnd();
    assertNothingLeft(threads);
    assertFree(server.address());
    assertThat(server.server().sessions()).isEmpty();
    assertThat(server.events().awaitClosed()).isNotEmpty();
    initiator.close();
    silent.close();
  }

  @Test
  void closeTwiceIsHarmless() throws Exception {
    IscsiServer server = builder().start();

    server.close();
    server.close();
    server.close(Duration.ZERO);

    assertThat(server.sessions()).isEmpty();
  }

  @Test
  void closeLetsCommandsEnd() throws Exception {
    GatedDevice device = new GatedDevice(1 << 20);
    TestServer server = TestServer.serving(device);
    ScriptedInitiator initiator = server.login();
    device.hold();
    Exchange read = initiator.command(Cdbs.read10(0, 1)).read(512).send();
    GatedDevice.Call call = device.awaitCall();

    CompletableFuture<Void> closing =
        CompletableFuture.runAsync(
            () -> server.server().close(Duration.ofSeconds(20)), OwnThread.EACH);
    awaitNoMoreConnections(server);
    call.release();

    assertThat(read.await().outcome()).isEqualTo("GOOD");
    initiator.awaitDrop();
    closing.get(10, TimeUnit.SECONDS);
    initiator.close();
  }

  @Test
  void closeLetsAWriteSendItsData() throws Exception {
    TestServer server = TestServer.start();
    ScriptedInitiator initiator = server.login();
    byte[] data = Patterns.bytes(65_536, 1);
    Exchange write =
        initiator.command(Cdbs.write10(0, 128)).write(data).immediate(0).leaveR2t().send();
    write.awaitR2t(0);

    CompletableFuture<Void> closing =
        CompletableFuture.runAsync(
            () -> server.server().close(Duration.ofSeconds(20)), OwnThread.EACH);
    awaitNoMoreConnections(server);

    assertThat(write.answerR2ts().await().outcome()).isEqualTo("GOOD");
    closing.get(10, TimeUnit.SECONDS);
    Patterns.assertSame(server.disk().readBytes(0, 65_536), data);
    initiator.close();
  }

  /** The portal is the first thing that closing closes. */
  private static void awaitNoMoreConnections(TestServer server) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (System.nanoTime() < deadline) {
      try (Socket socket = new Socket()) {
        socket.connect(server.address(), 1000);
      } catch (IOException refused) {
        return;
      }
    }
    throw new AssertionError("the server still takes connections");
  }

  @Test
  void closeIsBoundedWhenTheDeviceHangs() throws Exception {
    GatedDevice device = new GatedDevice(1 << 20);
    TestServer server = TestServer.serving(device);
    ScriptedInitiator initiator = server.login();
    device.hold();
    initiator.command(Cdbs.read10(0, 1)).read(512).send();
    device.awaitCall();
    long start = System.nanoTime();

    server.server().close(Duration.ofMillis(200));

    // at the latest a second after the drain, as the method promises; twice that for a busy machine
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(2400));
    initiator.awaitDrop();
    assertFree(server.address());
    List<Thread> threads = server.threads();
    device.release();
    assertNothingLeft(threads);
    initiator.close();
  }

  @Test
  void closeIsBoundedWhenThePeerDoesNotRead() throws Exception {
    TestServer server = TestServer.start();
    ScriptedInitiator initiator = server.login();
    for (int i = 0; i < 60; i++) {
      initiator.command(Cdbs.read10(0, 2048)).read(1 << 20).send();
    }
    List<Thread> threads = server.threads();
    long start = System.nanoTime();

    server.server().close(Duration.ofMillis(200));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(2400));
    assertNothingLeft(threads);
    initiator.close();
  }

  @Test
  void closeFromAListenerDoesNotWaitForItself() throws Exception {
    AtomicReference<IscsiServer> server = new AtomicReference<>();
    CountDownLatch returned = new CountDownLatch(1);
    server.set(
        builder()
            .name("listenerclose")
            .listener(
                new ServerListener() {
                  @Override
                  public void sessionOpened(SessionInfo session) {
                    server.get().close();
                    returned.countDown();
                  }
                })
            .start());
    InetSocketAddress address = server.get().portals().get(0).socketAddress();

    try (ScriptedInitiator initiator = ScriptedInitiator.connect(address)) {
      initiator.login().request(1, 3, false, initiator.login().names());
      initiator.send(initiator.login().pdu(1, 3, true, false));

      assertThat(returned.await(5, TimeUnit.SECONDS)).isTrue();
      assertNothingLeft(TestServer.threads("listenerclose"));
    }
  }

  @Test
  void listenerThatThrowsHarmsNobody() {
    ServerListener bad =
        new ServerListener() {
          @Override
          public void sessionOpened(SessionInfo session) {
            throw bug();
          }

          @Override
          public void sessionClosed(SessionInfo session, EndReason reason) {
            throw bug();
          }
        };
    try (TestServer server = TestServer.start(settings -> settings.listener(bad))) {
      server.assertServes();
      server.events().awaitOpened();
      server.events().awaitClosed();
      server.assertServes();
    }
  }

  private static RuntimeException bug() {
    RuntimeException bug = new IllegalStateException("a test wants it");
    bug.setStackTrace(new StackTraceElement[0]);
    return bug;
  }

  @Test
  void executorOfTheHostStaysOpen() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      TestServer server =
          TestServer.serving(settings -> settings.executor(executor), new GatedDevice(1 << 20));
      try (ScriptedInitiator initiator = server.login()) {
        initiator.read(0, 1);
      }
      server.close();

      assertThat(executor.submit(() -> 1).get(1, TimeUnit.SECONDS)).isEqualTo(1);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void devicesStayOpen() {
    GatedDevice device = new GatedDevice(1 << 20);
    try (TestServer server = TestServer.serving(device);
        ScriptedInitiator initiator = server.login()) {
      initiator.write(0, Patterns.bytes(512, 1));
    }

    // a memory device forgets everything when it is closed
    assertThat(device.memory().allocatedBytes()).isPositive();
  }

  /** A reset would take what is under way with it, such as the Logout Response. */
  @Test
  void whoeverStillSendsIsNotReset() throws IOException {
    try (TestServer server = TestServer.start(builder -> builder.eventLoops(1));
        ScriptedInitiator talker = server.login();
        ScriptedInitiator other = server.login(login -> login.isid(2))) {
      LogoutRequestPdu logout =
          new LogoutRequestPdu(true, 0, 0, 0, 7, 0, talker.nextCmdSn(), talker.expStatSn());
      byte[] request = talker.bytes(logout, new byte[0]);

      talker.sendRaw(logout, Arrays.copyOf(request, request.length + (300 << 10)));
      talker.answer(7, "a logout response");
      talker.awaitEnd();
      other.ping(new byte[1]); // whatever follows the end has been sent too

      talker.sendRaw(new byte[1000]);
      other.ping(new byte[1]);
      talker.sendRaw(new byte[1000]);
    }
  }
}
