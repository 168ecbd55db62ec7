package org.iscsi4j.target;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that mean no good, or are broken: bounded memory and time, and no harm to the others. */
@Timeout(30)
class HostilePeerTest {

  private TestServer server = TestServer.start(settings -> settings.eventLoops(1));

  @AfterEach
  void stop() {
    server.assertServes();
    server.close();
  }

  private Socket plainSocket() throws IOException {
    Socket socket = new Socket();
    socket.connect(server.address(), 1000);
    socket.setSoTimeout(ScriptedInitiator.TIMEOUT_MILLIS);
    return socket;
  }

  private static void assertEnds(Socket socket) throws IOException {
    try {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    } catch (SocketException reset) {
      // as good an end as any
    }
  }

  // ---- garbage ---------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void garbageEndsTheConnection(long seed) throws Exception {
    try (Socket socket = plainSocket()) {
      byte[] garbage = Patterns.bytes(4096, seed);
      garbage[0] |= 0x3f; // never a login request by chance

      socket.getOutputStream().write(garbage);

      assertEnds(socket);
    }
  }

  @Test
  void connectAndCloseIsNormalTraffic() throws Exception {
    for (int i = 0; i < 50; i++) {
      plainSocket().close();
    }
  }

  @Test
  void resetIsHarmless() throws Exception {
    for (int i = 0; i < 20; i++) {
      Socket socket = plainSocket();
      socket.getOutputStream().write(new byte[10]);
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  @Test
  void halfClosedBeforeLoginEnds() throws Exception {
    try (Socket socket = plainSocket()) {
      socket.getOutputStream().write(new byte[20]);
      socket.shutdownOutput();

      assertEnds(socket);
    }
  }

  // ---- slowness --------------------------------------------------------------------------------

  /** With a login time-out that a test can wait for, and that a login keeps on a busy machine. */
  private void restart() {
    server.close();
    server =
        TestServer.start(settings -> settings.loginTimeout(Duration.ofSeconds(1)).eventLoops(1));
  }

  /** Silence, other protocols whose first bytes announce more than comes, half a login. */
  @Test
  void peersThatDoNotLogInAreCutOffAndSessionsAreNot() throws Exception {
    restart();
    try (ScriptedInitiator session = server.login(login -> login.isid(2));
        Socket silent = plainSocket();
        Socket http = plainSocket();
        Socket ssh = plainSocket();
        ScriptedInitiator halfway = server.connect()) {
      http.getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".getBytes(US_ASCII));
      ssh.getOutputStream().write("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n".getBytes(US_ASCII));
      LoginScript login = halfway.login();
      login.request(0, 1, true, login.names());

      assertEnds(silent);
      assertEnds(http);
      assertEnds(ssh);
      halfway.awaitEnd();
      assertThat(session.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  void peerThatSendsByteByByteIsCutOff() throws Exception {
    restart();
    try (ScriptedInitiator slow = server.connect()) {
      LoginScript login = slow.login();
      byte[] request = slow.bytes(login.pdu(0, 1, true, false), new byte[1000]);
      int sent = 0;
      try {
        // every byte is news, and none of them buys more time
        for (; sent < request.length - 1; sent++) {
          slow.sendRaw(new byte[] {request[sent]});
          slow.socket().setSoTimeout(20);
          if (endsNow(slow.socket())) {
            break;
          }
        }
      } catch (UncheckedIOException brokenPipe) {
        return;
      }
      assertThat(sent).isLessThan(request.length - 1);
    }
  }

  private static boolean endsNow(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException stillOpen) {
      return false;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Test
  void idleConnectionsDoNotHoldUpTheOthers() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try (ScriptedInitiator busy = server.login()) {
      for (int i = 0; i < 100; i++) {
        Socket socket = plainSocket();
        if (i % 2 == 0) {
          socket.getOutputStream().write(new byte[] {0x43}); // a login request begins, and stops
        }
        idle.add(socket);
        if (i % 10 == 0) {
          byte[] data = Patterns.bytes(4096, i);
          busy.write(i, data);
          assertSame(busy.read(i, 8), data);
        }
      }
      server.assertServes();
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  @Test
  void connectionsBeyondTheLimitAreClosedAndOthersTakeTheirPlace() throws Exception {
    server.close();
    server = TestServer.start(settings -> settings.maxConnections(3));
    try (Socket one = plainSocket();
        Socket two = plainSocket();
        ScriptedInitiator three = server.login();
        Socket four = plainSocket()) {
      assertEnds(four);
      assertThat(three.ping(new byte[1])).hasSize(1);
      one.shutdownOutput();
      assertEnds(one);
      two.shutdownOutput();
      assertEnds(two);
    }
    // the places are free again: assertServes needs one
  }

  // ---- data that breaks off ---------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 48, 49, 1000, 200_000})
  void resetInTheMiddleOfDataHarmsNobody(int cut) {
    byte[] data = Patterns.bytes(262_144, 1);
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      ScriptedInitiator victim = server.login();
      Exchange write =
          victim.command(Cdbs.write10(0, 512)).write(data).immediate(0).leaveR2t().send();
      int tag = write.awaitR2t(0).targetTransferTag();
      byte[] dataOut = victim.bytes(write.dataOutPdu(tag, 0, 0, true), data);
      victim.pingWith(Arrays.copyOf(dataOut, cut));
      victim.reset();

      assertThat(server.events().awaitClosed()).isNotEmpty();
      assertSame(server.disk().readBytes(0, 262_144), new byte[262_144]);
      other.write(0, data);
      assertSame(other.read(0, 512), data);
    }
  }

  @Test
  void endOfInputInTheMiddleOfAPduEndsTheSession() {
    try (ScriptedInitiator initiator = server.login()) {
      initiator.sendRaw(new byte[20]);
      initiator.shutdownOutput();

      initiator.awaitEnd();
      assertThat(server.events().awaitClosed()).isNotEmpty();
    }
  }

  // ---- a peer that never reads ------------------------------------------------------------------

  /** Counts what is read. */
  private static final class CountingDevice implements BlockDevice {
    private final MemoryDevice memory = MemoryDevice.ofSize(64 << 20);
    private final Blocking blocking;
    private final AtomicLong bytesRead = new AtomicLong();

    CountingDevice(Blocking blocking) {
      this.blocking = blocking;
    }

    @Override
    public Geometry geometry() {
      return memory.geometry();
    }

    @Override
    public Capabilities capabilities() {
      return Capabilities.DEFAULT.withBlocking(blocking);
    }

    @Override
    public void read(long offset, ByteBuffer into) {
      bytesRead.addAndGet(into.remaining());
      memory.read(offset, into);
    }

    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
      memory.write(offset, from);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @EnumSource(Blocking.class)
  void readsAreNotProducedFasterThanTheyAreTaken(Blocking blocking) throws Exception {
    server.close();
    CountingDevice device = new CountingDevice(blocking);
    server = TestServer.serving(settings -> settings.eventLoops(1), device);
    byte[] data = Patterns.bytes(1 << 20, 2);
    device.memory.writeBytes(0, data);
    try (ScriptedInitiator lazy = server.login();
        ScriptedInitiator other = server.login(login -> login.isid(2))) {
      Exchange[] reads = new Exchange[64];
      for (int i = 0; i < reads.length; i++) {
        reads[i] = lazy.command(Cdbs.read10(0, 2048)).read(1 << 20).send();
      }
      awaitStandstill(other, device.bytesRead);
      assertSame(other.read(0, 8), Arrays.copyOf(data, 4096));

      // what waits in the output, what transfers may hold, and what the kernel took
      assertThat(device.bytesRead.get()).isLessThan(48L << 20);
      for (Exchange read : reads) {
        assertSame(read.await().data(), data);
      }
    }
  }

  @Test
  void pingsAreNotEchoedFasterThanTheyAreTaken() throws Exception {
    AtomicLong sent = new AtomicLong();
    Thread flood;
    try (ScriptedInitiator lazy = server.login();
        ScriptedInitiator other = server.login(login -> login.isid(2))) {
      flood = new Thread(() -> flood(lazy, sent));
      flood.start();
      awaitStandstill(other, sent);

      // the target has stopped reading: the flood hangs in its socket
      assertThat(sent.get()).isLessThan(64L << 20);
    }
    flood.join(ScriptedInitiator.TIMEOUT_MILLIS);
    assertThat(flood.isAlive()).isFalse();
  }

  /** Waits until a number stays the same while another session is served many times. */
  private static void awaitStandstill(ScriptedInitiator other, AtomicLong number) {
    long before = -1;
    for (int served = 0; served < 1000; served++) {
      assertThat(other.ping(new byte[16])).hasSize(16);
      long now = number.get();
      served = now == before ? served : 0;
      before = now;
    }
  }

  private static void flood(ScriptedInitiator lazy, AtomicLong sent) {
    byte[] data = new byte[8192];
    try {
      while (sent.get() < 512L << 20) {
        lazy.sendPing(data);
        sent.addAndGet(data.length);
      }
    } catch (UncheckedIOException closed) {
      // the test is over
    }
  }
}
