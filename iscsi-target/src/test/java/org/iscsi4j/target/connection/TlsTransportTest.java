package org.iscsi4j.target.connection;

import static javax.net.ssl.SSLEngineResult.HandshakeStatus.NEED_TASK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.iscsi4j.api.TlsSettings;
import org.iscsi4j.api.TlsSettings.ClientCertificates;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.TestTls;
import org.iscsi4j.target.loop.BufferPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS by value: no socket, and no thread but the test's. */
class TlsTransportTest {

  private static final int READ = SelectionKey.OP_READ;
  private static final int WRITE = SelectionKey.OP_WRITE;
  private static final SSLContext SERVER = TestTls.server();

  private final FakeChannel socket = new FakeChannel();
  private final BufferPool buffers = new BufferPool();
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final AtomicInteger awakened = new AtomicInteger();
  private TlsTransport transport = transport(TlsSettings.of(SERVER).newEngine());

  /** What the server wrote that the client has not heard. */
  private int heard;

  private TlsTransport transport(SSLEngine engine) {
    try {
      return new TlsTransport(
          socket, buffers, engine, tasks::add, Runnable::run, awakened::incrementAndGet);
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }

  /** The other side. */
  private static final class Client {
    private final SSLEngine engine;
    private final ByteBuffer in = ByteBuffer.allocate(2 << 20).limit(0);
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    Client(SSLContext context, String... protocols) {
      engine = context.createSSLEngine("localhost", 3260);
      engine.setUseClientMode(true);
      if (protocols.length > 0) {
        engine.setEnabledProtocols(protocols);
      }
    }

    /** The records of some data, and of what the engine has to say by itself. */
    byte[] say(byte... data) throws SSLException {
      ByteBuffer from = ByteBuffer.wrap(data);
      ByteArrayOutputStream records = new ByteArrayOutputStream();
      ByteBuffer to = ByteBuffer.allocate(64 * 1024);
      while (true) {
        runTasks();
        int produced = engine.wrap(from, to.clear()).bytesProduced();
        if (produced == 0) {
          return records.toByteArray();
        }
        records.write(to.array(), 0, produced);
      }
    }

    void hear(byte[] records) throws SSLException {
      in.compact().put(records).flip();
      ByteBuffer to = ByteBuffer.allocate(64 * 1024);
      SSLEngineResult result;
      do {
        runTasks();
        result = engine.unwrap(in, to.clear());
        received.write(to.array(), 0, result.bytesProduced());
      } while (result.bytesConsumed() > 0 || result.getHandshakeStatus() == NEED_TASK);
    }

    private void runTasks() {
      for (Runnable task = engine.getDelegatedTask();
          task != null;
          task = engine.getDelegatedTask()) {
        task.run();
      }
    }
  }

  @AfterEach
  void everyBufferComesBack() {
    transport.close();
    assertThat(buffers.outstanding()).isZero();
  }

  private byte[] newlyWritten() {
    byte[] all = socket.written();
    byte[] fresh = Arrays.copyOfRange(all, heard, all.length);
    heard = all.length;
    return fresh;
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Lets both sides talk until neither has anything to say. */
  private void converse(Client client) throws Exception {
    byte[] said = client.say();
    byte[] answer = {};
    do {
      socket.arrives(said);
      assertSame(readAll(1 << 16), new byte[0]);
      answer = newlyWritten();
      client.hear(answer);
      said = client.say();
    } while (said.length > 0 || answer.length > 0);
  }

  /** Reads as the loop does: while there is something, with tasks in between. */
  private byte[] readAll(int room) throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    do {
      runTasks();
      ByteBuffer into = ByteBuffer.allocate(room);
      int count = transport.read(into);
      if (count > 0) {
        all.write(into.array(), 0, count);
      }
      transport.flush();
    } while (!tasks.isEmpty() || transport.pending() || !socket.isDrained());
    return all.toByteArray();
  }

  private Client connected(String... protocols) throws Exception {
    Client client = new Client(TestTls.client(), protocols);
    converse(client);
    return client;
  }

  // ---- handshake -------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void handshakeThatComesByteByByteCarriesData(String version) throws Exception {
    Client client = new Client(TestTls.client(), version);
    socket.takes(() -> 7);
    for (int round = 0; round < 4; round++) {
      for (byte each : client.say()) {
        socket.arrives(new byte[] {each});
      }
      readAll(1 << 16);
      while (!transport.flush()) {
        assertThat(transport.interest(0)).isEqualTo(WRITE);
      }
      client.hear(newlyWritten());
    }
    socket.arrives(client.say(new byte[] {1, 2, 3}));

    assertThat(client.engine.getSession().getProtocol()).isEqualTo(version);
    assertThat(readAll(1 << 16)).containsExactly(1, 2, 3);
    assertThat(buffers.outstanding()).as("an idle connection holds nothing").isZero();
  }

  @Test
  void dataBehindTheLastWordOfTheHandshakeIsRead() throws Exception {
    Client client = new Client(TestTls.client(), "TLSv1.3");
    socket.arrives(client.say());
    readAll(1 << 16);
    client.hear(newlyWritten());
    byte[] changeCipherSpec = client.say(); // which comes in the middle of what it hears
    client.hear(new byte[0]);

    socket.arrives(join(changeCipherSpec, client.say(new byte[] {4, 5, 6})));

    assertThat(readAll(1 << 16)).containsExactly(4, 5, 6);
  }

  @Test
  void engineIsLeftAloneWhileOthersWork() throws Exception {
    Client client = new Client(TestTls.client());
    socket.arrives(client.say());
    assertThat(transport.interest(READ)).isEqualTo(READ);

    assertThat(transport.read(ByteBuffer.allocate(1 << 16))).isZero();

    assertThat(tasks).hasSize(1);
    assertThat(transport.interest(READ)).as("nothing can be done with input").isZero();
    assertThat(transport.pending()).isFalse();
    assertThat(transport.read(ByteBuffer.allocate(1 << 16))).isZero();
    assertThat(transport.endOutput()).as("nothing to wait for").isTrue();
    assertThat(awakened).hasValue(0);
    runTasks();
    assertThat(awakened).hasValue(1);
    assertThat(transport.pending()).isTrue();
  }

  @Test
  void tasksOfAPeerThatIsGoneAreNotRun() throws Exception {
    SSLEngine engine = TlsSettings.of(SERVER).newEngine();
    transport = transport(engine);
    socket.arrives(new Client(TestTls.client()).say());
    transport.read(ByteBuffer.allocate(1 << 16));

    transport.close();
    runTasks();

    assertThat(engine.getDelegatedTask()).as("what was not begun").isNotNull();
  }

  @Test
  void handshakeWithoutAThreadFails() throws Exception {
    transport =
        new TlsTransport(
            socket,
            buffers,
            TlsSettings.of(SERVER).newEngine(),
            task -> {
              throw new RejectedExecutionException();
            },
            Runnable::run,
            () -> {});
    socket.arrives(new Client(TestTls.client()).say());

    assertThatExceptionOfType(SSLException.class)
        .isThrownBy(() -> transport.read(ByteBuffer.allocate(1 << 16)))
        .withMessage("no thread for a TLS handshake");
  }

  @Test
  void handshakeIsBoundedInBytes() throws Exception {
    // a ClientHello of 32,000 bytes, each in a record of its own
    byte[] hello = Arrays.copyOf(new byte[] {1, 0, 0x7d, 0, 3, 3}, 32_000);
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (byte each : hello) {
      records.writeBytes(new byte[] {22, 3, 3, 0, 1, each});
    }
    socket.arrives(records.toByteArray());

    assertThatExceptionOfType(SSLException.class)
        .isThrownBy(() -> readAll(1 << 16))
        .withMessage("TLS handshake of more than 131072 bytes");
  }

  /** Which would else be waited for in a buffer that has no room for it, over and over. */
  @Test
  void recordThatIsTooLargeIsRefusedAtOnce() throws Exception {
    byte[] header = {22, 3, 3, (byte) 0x80, (byte) 0xe8, 1}; // 33,000 bytes of handshake
    socket.arrives(Arrays.copyOf(header, 33_000));

    assertThatExceptionOfType(SSLException.class)
        .isThrownBy(() -> readAll(transport.leastRoom()))
        .withMessageContaining("record");
  }

  @Test
  void recordOfDataThatIsTooLargeIsRefusedAtOnce() throws Exception {
    connected();
    byte[] header = {23, 3, 3, (byte) 0x80, (byte) 0xe8}; // 33,000 bytes of data
    socket.arrives(Arrays.copyOf(header, 33_005));

    assertThatExceptionOfType(SSLException.class).isThrownBy(() -> readAll(transport.leastRoom()));
  }

  @ParameterizedTest
  @ValueSource(bytes = {0x43, 'G', 0, (byte) 0x80, 23, 21})
  void otherFirstBytesAreRefusedAndNotAnswered(byte first) throws Exception {
    socket.arrives(new byte[] {first});

    assertThatExceptionOfType(SSLException.class)
        .isThrownBy(() -> transport.read(ByteBuffer.allocate(1 << 16)))
        .withMessageStartingWith("first byte %02xh is no TLS handshake", first);
    assertThat(transport.endOutput()).isTrue();
    assertThat(socket.written()).isEmpty();
  }

  @Test
  void peerThatSaysNothingIsToldNothing() throws Exception {
    socket.ends();

    assertThat(transport.read(ByteBuffer.allocate(1 << 16))).isEqualTo(-1);
    assertThat(transport.endOutput()).isTrue();
    assertThat(socket.written()).isEmpty();
  }

  @Test
  void peerIsKnownByItsCertificate() throws Exception {
    connected();
    assertThat(transport.peerPrincipal()).isEmpty();
    transport.close();
    heard = socket.written().length;

    TlsSettings settings = TlsSettings.of(SERVER);
    transport = transport(settings.withClientCertificates(ClientCertificates.REQUIRED).newEngine());
    connected();
    assertThat(transport.peerPrincipal()).map(Object::toString).contains(TestTls.CLIENT_NAME);
  }

  // ---- input -----------------------------------------------------------------------------------

  /** What is received and does not fit makes no socket readable. */
  @Test
  void inputBeyondTheRoomOfAReadIsPending() throws Exception {
    Client client = connected();
    byte[] data = Patterns.bytes(100_000, 1);
    byte[] before = client.say(Arrays.copyOf(data, 5000));
    byte[] behind = client.say(Arrays.copyOfRange(data, 5000, data.length));
    socket.arrives(join(before, behind));

    ByteBuffer[] into = {ByteBuffer.allocate(3), ByteBuffer.allocate(20_000)};
    long count = transport.read(into, 0, 2);

    assertThat(count).isEqualTo(5000);
    assertThat(transport.pending()).isTrue();
    into[1].flip();
    assertSame(Arrays.copyOf(into[1].array(), 4997), Arrays.copyOfRange(data, 3, 5000));
    assertSame(readAll(transport.leastRoom()), Arrays.copyOfRange(data, 5000, data.length));
    assertThat(transport.pending()).isFalse();
  }

  @Test
  void closeNotifyBehindDataEndsTheInputWithTheNextRead() throws Exception {
    Client client = connected();
    byte[] data = client.say(new byte[] {1, 2, 3});
    client.engine.closeOutbound();
    socket.arrives(join(data, client.say()));

    assertThat(transport.read(ByteBuffer.allocate(1 << 16))).isEqualTo(3);
    assertThat(transport.pending()).isTrue();
    assertThat(transport.read(ByteBuffer.allocate(1 << 16))).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20})
  void inputWithoutCloseNotifyIsCutOff(int bytes) throws Exception {
    Client client = connected();
    socket.arrives(Arrays.copyOf(client.say(new byte[100]), bytes));
    socket.ends();

    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(
            () -> {
              while (transport.read(ByteBuffer.allocate(1 << 16)) == 0) {
                // the bytes, then the end
              }
            })
        .withMessageContaining("cut off");
  }

  @Test
  void damagedRecordIsAnsweredByAnAlert() throws Exception {
    Client client = connected();
    byte[] record = client.say(new byte[100]);
    record[50] ^= 1;
    socket.arrives(record);

    assertThatExceptionOfType(SSLException.class)
        .isThrownBy(() -> transport.read(ByteBuffer.allocate(1 << 16)));
    assertThat(transport.endOutput()).isTrue();
    assertThatExceptionOfType(SSLException.class)
        .isThrownBy(() -> client.hear(newlyWritten()))
        .withMessageContaining("alert");
  }

  // ---- output ----------------------------------------------------------------------------------

  @Test
  void dataOfManyBuffersComesInOrder() throws Exception {
    Client client = connected();
    byte[] data = Patterns.bytes(600_000, 2);
    ByteBuffer[] pieces = {
      ByteBuffer.wrap(data, 0, 48),
      ByteBuffer.wrap(data, 48, 0),
      ByteBuffer.wrap(data, 48, 100_000),
      ByteBuffer.wrap(data, 100_048, 499_952)
    };
    long sent = 0;
    while (sent < data.length) {
      sent += transport.write(pieces, 0, pieces.length);
      client.hear(newlyWritten());
    }

    assertSame(client.received.toByteArray(), data);
    assertThat(buffers.outstanding()).isZero();
  }

  @Test
  void socketThatTakesNothingTakesNoMoreThanOneBuffer() throws Exception {
    Client client = connected();
    byte[] data = Patterns.bytes(1 << 20, 3);
    ByteBuffer from = ByteBuffer.wrap(data);
    socket.takes(() -> 0);

    int taken = transport.write(from);

    assertThat(taken).isBetween(1, BufferPool.CHUNK);
    assertThat(transport.write(from)).isZero();
    assertThat(transport.unsentBytes()).isBetween(taken, BufferPool.CHUNK);
    assertThat(transport.interest(READ)).isEqualTo(READ | WRITE);
    socket.takes(() -> 50_000);
    while (from.hasRemaining() || !transport.flush()) {
      transport.write(from);
    }
    client.hear(newlyWritten());
    assertSame(client.received.toByteArray(), data);
    assertThat(transport.interest(READ | WRITE)).as("nothing waits").isEqualTo(READ);
  }

  /** Each asks for an answer (RFC 8446 section 4.6.3): a peer that takes none is not read. */
  @Test
  void keyUpdatesOfAPeerThatDoesNotReadStopItsInput() throws Exception {
    Client client = connected("TLSv1.3");
    socket.takes(() -> 0);
    byte[] updates = keyUpdates(client, 1000);
    socket.arrives(updates);

    for (int i = 0; i < 100; i++) {
      transport.read(ByteBuffer.allocate(1 << 16));
    }

    assertThat(transport.unsentBytes()).isBetween(1, 32 * 1024);
    assertThat(transport.interest(READ)).isEqualTo(WRITE);
    assertThat(transport.pending()).isFalse();
    socket.takes(() -> Integer.MAX_VALUE);
    transport.flush();
    assertThat(transport.pending()).isTrue();
    socket.arrives(client.say(new byte[] {7, 8, 9}));
    assertThat(readAll(1 << 16)).containsExactly(7, 8, 9);
  }

  private static byte[] keyUpdates(Client client, int count) throws SSLException {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      client.engine.beginHandshake();
      records.writeBytes(client.say());
    }
    return records.toByteArray();
  }

  @Test
  void renegotiationIsRefused() throws Exception {
    Client client = connected("TLSv1.2");
    client.engine.beginHandshake();
    socket.arrives(client.say());

    assertThatExceptionOfType(SSLException.class)
        .isThrownBy(() -> readAll(1 << 16))
        .withMessage("TLS renegotiation is refused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void endOfTheOutputIsCloseNotifyBehindEverythingElse(String version) throws Exception {
    Client client = connected(version);
    socket.takes(() -> 0);
    transport.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));

    assertThat(transport.endOutput()).isFalse();
    socket.takes(() -> 1);
    while (!transport.endOutput()) {
      assertThat(transport.interest(0)).isEqualTo(WRITE);
    }
    client.hear(newlyWritten());

    assertThat(client.received.toByteArray()).containsExactly(1, 2, 3);
    assertThat(client.engine.isInboundDone()).isTrue();
  }

  @Test
  void buffersComeFromTheLoopThatTheConnectionLivesOn() throws Exception {
    Client client = connected();
    BufferPool other = new BufferPool();

    transport.buffers(other);
    socket.arrives(Arrays.copyOf(client.say(new byte[100]), 50));
    transport.read(ByteBuffer.allocate(1 << 16));
    socket.takes(() -> 0);
    transport.write(ByteBuffer.wrap(new byte[100]));

    assertThat(buffers.outstanding()).isZero();
    assertThat(other.outstanding()).isEqualTo(2);
    transport.close();
    assertThat(other.outstanding()).isZero();
  }
}
