package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.TlsSettings;
import org.iscsi4j.api.TlsSettings.ClientCertificates;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Dialer;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.OwnThread;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.iscsi4j.target.fixture.TestTls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS on a portal, over sockets: sessions, certificates, peers that mean no good, and the end. */
@Timeout(60)
class TlsTest {

  private static final TlsSettings TLS = TlsSettings.of(TestTls.server());
  private static final String[] NEWEST = {};

  private TestServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private void serve(TlsSettings tls, Consumer<IscsiServerBuilder> settings) {
    server =
        TestServer.start(
                builder -> {
                  settings.accept(builder.portal(Portal.loopback().withTls(tls)));
                })
            .dialing(TestTls.dialer(TestTls.anonymous()));
  }

  private void serve() {
    serve(TLS, settings -> {});
  }

  private Socket tcp() throws IOException {
    return Dialer.PLAIN.dial(server.address(), ScriptedInitiator.TIMEOUT_MILLIS);
  }

  private static void assertEnds(Socket socket) throws IOException {
    try {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    } catch (SocketException reset) {
      // as good an end as any
    }
  }

  // ---- sessions --------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void sessionRunsOverEachVersion(String version) {
    serve();
    server.dialing(TestTls.dialer(TestTls.anonymous(), version));
    try (ScriptedInitiator initiator = server.login()) {
      for (int size : new int[] {512, 4096, 65_536, 262_144, 1 << 20}) {
        byte[] data = Patterns.bytes(size, size);
        initiator.write(size / 512, data);
        assertSame(initiator.read(size / 512, size / 512), data);
      }
      assertThat(initiator.ping(new byte[5000])).hasSize(5000);
      initiator.logout();
    }
    Usages.awaitNone(server);
  }

  @Test
  void dataComesByR2tAndWithDigests() {
    serve();
    byte[] data = Patterns.bytes(1 << 20, 3);
    try (ScriptedInitiator initiator =
        server.login(
            login ->
                login
                    .offer("HeaderDigest", "CRC32C")
                    .offer("DataDigest", "CRC32C")
                    .offer("InitialR2T", "Yes")
                    .offer("ImmediateData", "No"))) {
      initiator.write(0, data);
      assertSame(initiator.read(0, 2048), data);
    }
    assertSame(server.disk().readBytes(0, 1 << 20), data);
    Usages.awaitNone(server);
  }

  /** Small PDUs that share a record, and PDUs that are cut by records, deliver the same. */
  @Test
  void manyCommandsAreAnsweredWhicheverRecordsTheyComeIn() throws Exception {
    serve(TLS, settings -> settings.eventLoops(1));
    try (ScriptedInitiator initiator = server.login()) {
      List<Exchange> reads = new ArrayList<>();
      server.disk().writeBytes(0, Patterns.bytes(1 << 20, 9));
      for (int i = 0; i < 100; i++) {
        reads.add(initiator.command(Cdbs.read10(i, 1 + i)).read((1 + i) * 512).send());
      }
      for (int i = 0; i < 100; i++) {
        byte[] wanted = server.disk().readBytes(i * 512L, (1 + i) * 512);
        assertSame(reads.get(i).await().data(), wanted);
      }
    }
  }

  /** Its connections begin on different loops and end on that of the session. */
  @Test
  void connectionsOfASessionMoveToItsLoop() {
    serve(TLS, settings -> settings.eventLoops(2));
    byte[] data = Patterns.bytes(1 << 20, 5);
    try (ScriptedInitiator first = server.login(login -> login.offer("MaxConnections", "4"));
        ScriptedInitiator second = first.join(2);
        ScriptedInitiator third = first.join(3)) {
      first.write(0, data);
      second.write(2048, data);
      assertSame(third.read(0, 2048), data);
      assertSame(first.read(2048, 2048), data);
      third.logoutConnection();
      assertSame(second.read(0, 2048), data);
      first.logout();
    }
    Usages.awaitNone(server);
  }

  /** A peer that does not read is not read from, and gets everything when it does. */
  @Test
  void answersWaitForAPeerThatDoesNotRead() throws Exception {
    serve(TLS, settings -> settings.eventLoops(1));
    byte[] data = Patterns.bytes(1 << 20, 2);
    server.disk().writeBytes(0, data);
    try (ScriptedInitiator lazy = server.login();
        ScriptedInitiator other = server.login(login -> login.isid(2))) {
      Exchange[] reads = new Exchange[32];
      for (int i = 0; i < reads.length; i++) {
        reads[i] = lazy.command(Cdbs.read10(0, 2048)).read(1 << 20).send();
      }
      for (int i = 0; i < 100; i++) {
        assertThat(other.ping(new byte[16])).hasSize(16);
      }
      for (Exchange read : reads) {
        assertSame(read.await().data(), data);
      }
    }
    Usages.awaitNone(server);
  }

  @Test
  void plainPortalBesideItStaysPlain() {
    server =
        TestServer.start(
            settings ->
                settings
                    .portal(Portal.loopback())
                    .portal(Portal.loopback().withGroupTag(2).withTls(TLS)));
    server.assertServes();
    InetSocketAddress encrypted = server.server().portals().get(1).socketAddress();
    assertThat(server.server().portals().get(1).tls()).contains(TLS);
    try (ScriptedInitiator initiator =
        ScriptedInitiator.connect(encrypted, TestTls.dialer(TestTls.anonymous()))) {
      assertThat(initiator.login().perform().ping(new byte[10])).hasSize(10);
    }
  }

  @Test
  void keysAreChangedUnderWay() throws Exception {
    serve();
    server.dialing(TestTls.dialer(TestTls.anonymous(), "TLSv1.3"));
    byte[] data = Patterns.bytes(262_144, 4);
    try (ScriptedInitiator initiator = server.login()) {
      for (int i = 0; i < 5; i++) {
        // asks the other side to change its keys too (RFC 8446 section 4.6.3)
        ((SSLSocket) initiator.socket()).startHandshake();
        initiator.write(0, data);
        assertSame(initiator.read(0, 512), data);
      }
    }
    Usages.awaitNone(server);
  }

  // ---- certificates ----------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(ClientCertificates.class)
  void goodCertificateIsLetIn(ClientCertificates demand) {
    serve(TLS.withClientCertificates(demand), settings -> {});
    server.dialing(TestTls.dialer(TestTls.client()));

    server.assertServes();
  }

  @ParameterizedTest
  @EnumSource(
      value = ClientCertificates.class,
      names = {"NONE", "WANTED"})
  void missingCertificateIsLetInUnlessItIsRequired(ClientCertificates demand) {
    serve(TLS.withClientCertificates(demand), settings -> {});

    server.assertServes();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void nobodyIsLetInWithoutACertificateThatIsRequired(String version) throws Exception {
    serve(TLS.withClientCertificates(ClientCertificates.REQUIRED), settings -> {});

    assertRefused(TestTls.dialer(TestTls.anonymous(), version));
    assertRefused(TestTls.dialer(TestTls.stranger(), version));

    Usages.awaitNone(server);
    server.dialing(TestTls.dialer(TestTls.client())).assertServes();
  }

  /** Fails unless the server tells by an alert that it does not let the client in. */
  private void assertRefused(Dialer dialer) {
    assertThatExceptionOfType(SSLException.class)
        .isThrownBy(
            () -> {
              try (Socket socket =
                  dialer.dial(server.address(), ScriptedInitiator.TIMEOUT_MILLIS)) {
                // with TLS 1.3 the client hears of it after its part of the handshake
                socket.getOutputStream().write(new byte[48]);
                socket.getInputStream().read();
              }
            })
        .withMessageContaining("alert");
  }

  @Test
  void clientThatDoesNotTrustTheServerHarmsNobody() throws Exception {
    serve();
    assertThatExceptionOfType(SSLException.class)
        .isThrownBy(() -> TestTls.over(SSLContext.getDefault(), tcp(), NEWEST).close());

    Usages.awaitNone(server);
    server.assertServes();
  }

  @Test
  void olderVersionThanAllowedIsRefused() {
    serve(TLS.withProtocols("TLSv1.3"), settings -> {});

    assertRefused(TestTls.dialer(TestTls.anonymous(), "TLSv1.2"));
  }

  // ---- peers that mean no good -----------------------------------------------------------------

  @Test
  void plainTextOnATlsPortalIsCutOffAtOnce() throws Exception {
    serve();
    try (ScriptedInitiator plain = ScriptedInitiator.connect(server.address());
        Socket http = tcp()) {
      plain.send(plain.login().pdu(0, 1, true, false));
      plain.awaitEnd();
      http.getOutputStream().write('G');
      assertEnds(http);
    }
    Usages.awaitNone(server);
    server.assertServes();
  }

  @Test
  void tlsOnAPlainPortalIsCutOffAtOnce() {
    server = TestServer.start();

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> TestTls.over(TestTls.anonymous(), tcp(), NEWEST).close());
    Usages.awaitNone(server);
    server.assertServes();
  }

  @Test
  void handshakesThatStallAreCutOff() throws Exception {
    serve(TLS, settings -> settings.loginTimeout(Duration.ofSeconds(1)));
    try (ScriptedInitiator session = server.login(login -> login.isid(2));
        Socket silent = tcp();
        Socket halfway = tcp();
        Socket connected = TestTls.over(TestTls.anonymous(), tcp(), NEWEST)) {
      halfway.getOutputStream().write(new byte[] {22, 3, 1, 2});

      assertEnds(silent);
      halfway.getInputStream().readAllBytes(); // an alert, and the end
      assertEnds(connected);
      assertThat(session.ping(new byte[1])).hasSize(1);
    }
    Usages.awaitNone(server);
  }

  @Test
  void handshakeWithoutEndIsCutOff() throws Exception {
    serve();
    try (Socket socket = tcp()) {
      byte[] hello = new byte[5 + 16_384];
      // a handshake record, and in it a ClientHello that goes on for 16 MiB
      byte[] header = {22, 3, 3, 0x40, 0, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff};
      System.arraycopy(header, 0, hello, 0, header.length);
      try {
        for (int i = 0; i < 1000; i++) {
          socket.getOutputStream().write(hello);
        }
        throw new AssertionError("1000 records were taken");
      } catch (SocketException ended) {
        // as it should be
      }
    }
    Usages.awaitNone(server);
  }

  @Test
  void renegotiationIsRefused() throws Exception {
    serve();
    server.dialing(TestTls.dialer(TestTls.anonymous(), "TLSv1.2"));
    try (ScriptedInitiator initiator = server.login();
        ScriptedInitiator other = server.login(login -> login.isid(2))) {
      ((SSLSocket) initiator.socket()).startHandshake();

      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> initiator.socket().getInputStream().read());
      assertThat(server.events().awaitClosed()).contains("renegotiation");
      assertThat(other.ping(new byte[1])).hasSize(1);
    }
    Usages.awaitNone(server);
  }

  /** A TCP connection whose last bytes do not come through. */
  private static final class CutSocket extends Socket {
    /** Half of the next write gets through, and nothing more. */
    private boolean cut;

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          out.write(bytes, offset, cut ? length / 2 : length);
          if (cut) {
            shutdownOutput();
          }
        }
      };
    }
  }

  @Test
  void endInTheMiddleOfARecordEndsTheSession() throws Exception {
    serve();
    try (CutSocket tcp = new CutSocket()) {
      tcp.connect(server.address(), ScriptedInitiator.TIMEOUT_MILLIS);
      ScriptedInitiator initiator =
          ScriptedInitiator.connect(
              server.address(), (address, time) -> TestTls.over(TestTls.anonymous(), tcp));
      initiator.login().perform();
      tcp.cut = true;
      initiator.sendRaw(new byte[1000]);

      assertThat(server.events().awaitClosed()).contains("cut off");
    }
    Usages.awaitNone(server);
  }

  @Test
  void endOfInputEndsTheSession() {
    serve();
    try (ScriptedInitiator initiator = server.login()) {
      initiator.shutdownOutput(); // close_notify, and nothing of TCP

      initiator.awaitEnd();
      assertThat(server.events().awaitClosed()).contains("closed by the initiator");
    }
    Usages.awaitNone(server);
  }

  @Test
  void resetsAreHarmless() throws Exception {
    serve();
    for (int i = 0; i < 20; i++) {
      Socket tcp = tcp();
      if (i % 2 == 0) {
        TestTls.over(TestTls.anonymous(), tcp);
      } else {
        tcp.getOutputStream().write(new byte[] {22, 3, 1});
      }
      tcp.setSoLinger(true, 0);
      tcp.close();
    }
    Usages.awaitNone(server);
    server.assertServes();
  }

  // ---- the end ---------------------------------------------------------------------------------

  /**
   * A response that ends the connection is followed by close_notify: it can't be cut off unseen.
   */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void refusedLoginIsToldToTheEnd(String version) {
    serve();
    server.dialing(TestTls.dialer(TestTls.anonymous(), version));
    try (ScriptedInitiator initiator = server.connect()) {
      assertThat(
              initiator.login().target("iqn.2026-01.org.iscsi4j.test:none").tryPerform().status())
          .isEqualTo(LoginStatus.TARGET_NOT_FOUND);
      initiator.awaitEnd();
    }
    Usages.awaitNone(server);
  }

  @Test
  void closeOfTheServerLetsCommandsEndAndTellsTheSession() throws Exception {
    GatedDevice device = new GatedDevice(1 << 20);
    server =
        TestServer.serving(settings -> settings.portal(Portal.loopback().withTls(TLS)), device)
            .dialing(TestTls.dialer(TestTls.anonymous()));
    ScriptedInitiator initiator = server.login();
    device.hold();
    Exchange read = initiator.command(Cdbs.read10(0, 1)).read(512).send();
    GatedDevice.Call call = device.awaitCall();

    CompletableFuture<Void> closing =
        CompletableFuture.runAsync(
            () -> server.server().close(Duration.ofSeconds(20)), OwnThread.EACH);
    call.release();

    assertThat(read.await().outcome()).isEqualTo("GOOD");
    initiator.awaitDrop();
    closing.get(10, TimeUnit.SECONDS);
    initiator.close();
  }

  @Test
  void closeIsBoundedWhateverPeersDo() throws Exception {
    serve();
    ScriptedInitiator lazy = server.login();
    for (int i = 0; i < 60; i++) {
      lazy.command(Cdbs.read10(0, 2048)).read(1 << 20).send();
    }
    Socket silent = tcp();
    List<Thread> threads = server.threads();

    server.server().close(Duration.ofMillis(200));

    for (Thread thread : threads) {
      thread.join(2000);
      assertThat(thread.isAlive()).as(thread.getName()).isFalse();
    }
    silent.close();
    lazy.close();
  }
}
