package org.iscsi4j.target.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.target.loop.EventLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection that moves from one loop to another, and what may come between. */
class ConnectionMoveTest {

  private static final int SECONDS = 10;

  private EventLoop here;
  private EventLoop there;
  private SocketChannel peer;
  private Connection connection;
  private final AtomicInteger closed = new AtomicInteger();

  /** The loop whose thread told of the end. */
  private final CompletableFuture<EventLoop> end = new CompletableFuture<>();

  private final class Quiet implements Phase {
    @Override
    public void pdu(ByteBuffer in, int bhsAt, int dataAt, int dataLength) {}

    @Override
    public void dataDigestError(ByteBuffer in, int bhsAt) {}

    @Override
    public void closed(EndReason reason) {
      end.complete(here.inLoop() ? here : there);
    }
  }

  @BeforeEach
  void start() throws Exception {
    here = new EventLoop("here");
    there = new EventLoop("there");
    here.start();
    there.start();
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      peer = SocketChannel.open(server.getLocalAddress());
      SocketChannel accepted = server.accept();
      here.load().incrementAndGet();
      connection = CompletableFuture.supplyAsync(() -> connect(accepted), here).get();
    }
  }

  private Connection connect(SocketChannel accepted) {
    try {
      Connection made = new Connection(here, accepted, closed::incrementAndGet);
      made.start(new Quiet());
      return made;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void stop() throws IOException {
    peer.close();
    here.close(Duration.ofSeconds(SECONDS));
    there.close(Duration.ofSeconds(SECONDS));
  }

  @Test
  void connectionThatBreaksBeforeItLeavesEndsWhereItIs() throws Exception {
    peer.setOption(StandardSocketOptions.SO_LINGER, 0);
    CompletableFuture<Boolean> arrived = new CompletableFuture<>();

    here.execute(
        () -> {
          connection.pause();
          connection.moveTo(there, () -> arrived.complete(connection.closed()));
          breakDown();
        });

    assertThat(arrived.get(SECONDS, TimeUnit.SECONDS)).as("closed").isTrue();
    assertThat(end.get(SECONDS, TimeUnit.SECONDS)).isSameAs(connection.loop());
    assertThat(closed).hasValue(1);
    assertThat(here.load()).hasValue(0);
    assertThat(there.load()).hasValue(0);
  }

  /** Has a write fail because the peer has reset the connection. */
  private void breakDown() {
    try {
      peer.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!connection.outputFull() && System.nanoTime() < deadline) {
      connection.writer().send(new NopInPdu(0, 0, Pdu.RESERVED_TAG, 1, 1, 1, 1));
      connection.flush();
    }
  }

  @Test
  void outputThatWaitsIsWrittenByTheOtherLoop() throws Exception {
    CompletableFuture<Void> arrived = new CompletableFuture<>();
    here.execute(
        () -> {
          connection.pause();
          connection.writer().send(new NopInPdu(0, 0, Pdu.RESERVED_TAG, 1, 1, 1, 1));
          connection.flushLater();
          connection.moveTo(there, () -> arrived.complete(null));
        });
    arrived.get(SECONDS, TimeUnit.SECONDS);

    ByteBuffer read = ByteBuffer.allocate(Pdu.BHS_LENGTH);
    while (read.hasRemaining()) {
      assertThat(peer.read(read)).isPositive();
    }
    there.execute(() -> connection.close(new EndReason(EndReason.Kind.DROPPED, "enough")));

    assertThat(peer.read(read.clear())).isNegative();
    assertThat(end.get(SECONDS, TimeUnit.SECONDS)).isSameAs(there);
    assertThat(here.load()).hasValue(0);
    assertThat(there.load()).hasValue(0);
  }
}
