package org.iscsi4j.target.connection;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.Principal;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.PduFramer;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.target.loop.BufferPool;
import org.iscsi4j.target.loop.EventLoop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP connection from an initiator (RFC 7143 section 4.2.1). Lives on one loop at a time, which
 * alone touches it and counts it in its load; StatSN is counted here.
 */
public final class Connection implements EventLoop.Handler, EventLoop.Flushable {

  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  /** Before login a peer is worth this many bytes of buffer at once. */
  private static final int LOGIN_BUFFER = 16 * 1024;

  /** How often output is produced and written in a row before others have their turn. */
  private static final int ROUNDS = 4;

  /** With more bytes than this in the output, a ping would wait behind data. */
  private static final int LAGGING = 4 * 1024;

  private final SocketChannel channel;
  private final Transport transport;
  private final PduFramer framer = new PduFramer();
  private final PduReader reader;
  private final Output output;
  private final PduWriter writer;
  private final InetSocketAddress remote;
  private final InetSocketAddress local;
  private final Runnable onClosed;

  private EventLoop loop;
  private SelectionKey key;
  private Phase phase;
  private int statSn = 1;
  private final long accepted = System.nanoTime();
  private long lastAlive = accepted;
  private boolean closed;
  private boolean closing;
  private EndReason closingReason;
  private boolean broken;
  private boolean flushQueued;
  private boolean readQueued;
  private Runnable whenFlushed;

  /**
   * Takes over an accepted channel, which counts in the loop's load already. Called on the loop.
   *
   * @param onClosed runs once when the connection is closed
   */
  public Connection(EventLoop loop, SocketChannel channel, Runnable onClosed) throws IOException {
    this(loop, channel, onClosed, self -> new PlainTransport(channel));
  }

  /**
   * As {@link #Connection(EventLoop, SocketChannel, Runnable)}, with TLS. The handshake is part of
   * the time that the first phase takes.
   *
   * @param engine of a server, whose handshake has not begun
   * @param workers run what takes time in the handshake
   */
  public Connection(
      EventLoop loop, SocketChannel channel, SSLEngine engine, Executor workers, Runnable onClosed)
      throws IOException {
    this(
        loop,
        channel,
        onClosed,
        self ->
            new TlsTransport(channel, loop.buffers(), engine, workers, loop, self::updateInterest));
  }

  /** Makes a connection's transport. */
  @FunctionalInterface
  private interface TransportMaker {
    Transport make(Connection self) throws IOException;
  }

  private Connection(EventLoop loop, SocketChannel channel, Runnable onClosed, TransportMaker maker)
      throws IOException {
    this.loop = loop;
    this.channel = channel;
    this.onClosed = onClosed;
    remote = (InetSocketAddress) channel.getRemoteAddress();
    local = (InetSocketAddress) channel.getLocalAddress();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    transport = maker.make(this);
    int readLimit = Math.max(LOGIN_BUFFER, transport.leastRoom());
    reader = new PduReader(transport.input(), loop.buffers(), framer, readLimit);
    output = new Output(transport.output(), loop.buffers(), LOGIN_BUFFER);
    writer = new PduWriter(output);
    key = loop.register(channel, 0, this);
  }

  /** Starts to read for the first phase. */
  public void start(Phase first) {
    phase(first);
    updateInterest();
  }

  /** Whom the next PDUs go to. */
  public void phase(Phase next) {
    phase = next;
    reader.phase(next);
  }

  /**
   * Leaves the login phase behind: from the next PDU on, both ways, the negotiated digests hold.
   */
  public void fullFeature(boolean headerDigest, boolean dataDigest, int maxRecvDataSegmentLength) {
    framer.headerDigest(headerDigest);
    framer.dataDigest(dataDigest);
    framer.maxRecvDataSegmentLength(maxRecvDataSegmentLength);
    reader.readLimit(Integer.MAX_VALUE);
    output.chunkSize(BufferPool.CHUNK);
    peerPrincipal().ifPresent(peer -> log.debug("{}: TLS client {}", this, peer));
    // the login response may still wait in the output, so digests are switched on behind it
    writer.digests(headerDigest, dataDigest);
  }

  // ---- moving

  /**
   * Moves a paused connection to another loop, when what is being read at this moment has been.
   * Called on its loop.
   *
   * @param arrived runs on the other loop; the connection may have been closed meanwhile
   */
  public void moveTo(EventLoop other, Runnable arrived) {
    loop.execute(() -> leaveFor(other, arrived));
  }

  private void leaveFor(EventLoop other, Runnable arrived) {
    if (broken) {
      close(lost("")); // here, where its end is due already
    }
    if (!closed && other != loop) {
      key.cancel();
      loop.forget(this);
      flushQueued = false;
      loop.load().decrementAndGet();
      other.load().incrementAndGet();
      loop = other;
    }
    other.execute(() -> arriveOn(other, arrived));
  }

  private void arriveOn(EventLoop other, Runnable arrived) {
    if (!closed) {
      reader.buffers(other.buffers());
      output.buffers(other.buffers());
      transport.buffers(other.buffers());
      try {
        key = other.register(channel, 0, this);
        updateInterest();
      } catch (IOException | ClosedSelectorException e) {
        close(lost(": " + e));
      }
    }
    arrived.run();
  }

  // ---- input

  @Override
  public void ready(SelectionKey ready) {
    if (!ready.isValid()) {
      return;
    }
    if (ready.isWritable()) {
      flush();
    }
    if (ready.isReadable() && takesInput()) { // which the flush may have changed
      read();
    }
  }

  private void read() {
    lastAlive = System.nanoTime();
    boolean open = input(() -> reader.read(loop.receiveBuffer()));
    if (open) {
      flush();
    }
  }

  /** Reads what the socket does not tell of, when the work at hand is done. */
  private void readLater() {
    if (!readQueued) {
      readQueued = true;
      loop.execute(this::readPending);
    }
  }

  private void readPending() {
    readQueued = false;
    try {
      if (takesInput()) {
        read();
      }
    } catch (RuntimeException | Error bug) {
      failed(bug);
    }
  }

  private boolean takesInput() {
    return !closed && !reader.paused() && !closing && !broken && !output.full();
  }

  /** Something that delivers PDUs, and says whether more may come. */
  @FunctionalInterface
  private interface Input {
    boolean deliver() throws IOException, ProtocolException;
  }

  /** Delivers PDUs; whatever goes wrong ends this connection and no other. */
  private boolean input(Input input) {
    try {
      if (input.deliver()) {
        return true;
      }
      close(new EndReason(EndReason.Kind.CONNECTION_LOST, "closed by the initiator"));
    } catch (ProtocolException e) {
      log.info("{}: {}", this, e.getMessage());
      write(); // what was answered before the fault still goes out, as far as the socket takes it
      EndReason reason = new EndReason(EndReason.Kind.PROTOCOL_ERROR, e.getMessage());
      phase.formatError(reason);
      close(reason);
    } catch (HeaderDigestException e) {
      close(new EndReason(EndReason.Kind.DIGEST_ERROR, e.getMessage()));
    } catch (SSLException e) {
      log.info("{}: TLS failed: {}", this, e.getMessage());
      closeWithAlert(new EndReason(EndReason.Kind.PROTOCOL_ERROR, "TLS failed: " + e.getMessage()));
    } catch (IOException e) {
      close(lost(": " + e.getMessage()));
    }
    return false;
  }

  @Override
  public void failed(Throwable bug) {
    log.error("{}: unexpected failure", this, bug);
    close(new EndReason(EndReason.Kind.INTERNAL_ERROR, "internal error"));
  }

  /** Reads nothing more until {@link #resume}. */
  public void pause() {
    reader.pause();
    updateInterest();
  }

  /** Goes on reading, with what had come already. */
  public void resume() {
    if (closed || !reader.paused()) {
      return;
    }
    boolean open =
        input(
            () -> {
              reader.resume(loop.receiveBuffer());
              return true;
            });
    if (open) {
      flushLater();
      updateInterest();
    }
  }

  // ---- output

  /** Where PDUs are sent; they leave with the next {@link #flush}. */
  public PduWriter writer() {
    return writer;
  }

  /** Whether the peer is so far behind with reading that nothing more should be produced. */
  public boolean outputFull() {
    if (output.full()) {
      write();
    }
    return broken || output.full();
  }

  /** StatSN of a PDU that carries status; counts on. */
  public int nextStatSn() {
    return statSn++;
  }

  /** StatSN that the next status will have. */
  public int statSn() {
    return statSn;
  }

  /** Has the output written at the end of the loop's round. */
  public void flushLater() {
    if (!flushQueued) {
      flushQueued = true;
      loop.flushLater(this);
    }
  }

  @Override
  public void flush() {
    flushQueued = false;
    boolean all = write();
    boolean more = all && produced();
    for (int rounds = 1; more && rounds < ROUNDS; rounds++) {
      all = write();
      more = all && produced();
    }
    if (more) {
      flushLater(); // the other connections of the loop have their turn first
    }
    if (all && output.isEmpty()) {
      flushed();
    }
    updateInterest();
  }

  /** Whether there is output again, now that all was written. */
  private boolean produced() {
    if (!closing) {
      phase.drained();
    }
    return !output.isEmpty();
  }

  private void flushed() {
    if (whenFlushed != null) {
      Runnable told = whenFlushed;
      whenFlushed = null;
      told.run();
    }
    if (closing && !closed && output.isEmpty() && endOutput()) {
      linger(closingReason);
    }
  }

  private void linger(EndReason reason) {
    new Linger(loop, channel, key, this::gone);
    end(reason);
  }

  /** Runs work once when nothing is left to write, or the connection is closed. */
  public void whenFlushed(Runnable work) {
    if (closed) {
      work.run();
    } else {
      whenFlushed = work;
      flushLater();
    }
  }

  /**
   * Writes what the socket takes. A lost connection is closed in the loop's next round and not
   * here, in the middle of whatever produced the output.
   *
   * @return whether nothing is left
   */
  private boolean write() {
    if (closed || broken) {
      return false;
    }
    long before = unsentBytes();
    try {
      boolean all = output.flush() && transport.flush();
      // a peer that is behind shows by reading that it lives; one that is not is asked by a ping
      if (before > LAGGING && unsentBytes() < before) {
        lastAlive = System.nanoTime();
      }
      return all;
    } catch (IOException e) {
      broken = true;
      loop.execute(() -> close(lost(": " + e.getMessage())));
      return false;
    }
  }

  private long unsentBytes() {
    return output.queuedBytes() + transport.unsentBytes();
  }

  private void updateInterest() {
    if (closed) {
      return;
    }
    int wanted = takesInput() ? SelectionKey.OP_READ : 0;
    if (wanted != 0 && transport.pending()) {
      readLater();
    }
    if (!output.isEmpty()) {
      wanted |= SelectionKey.OP_WRITE;
    }
    wanted = broken ? 0 : transport.interest(wanted);
    if (key.interestOps() != wanted) {
      key.interestOps(wanted);
    }
  }

  // ---- end

  private static EndReason lost(String why) {
    return new EndReason(EndReason.Kind.CONNECTION_LOST, "connection lost" + why);
  }

  /** Closes as soon as the output is written; reads nothing more. */
  public void closeWhenFlushed(EndReason reason) {
    closing = true;
    closingReason = reason;
    reader.pause();
    flushLater();
  }

  /** Closes now. Idempotent. */
  public void close(EndReason reason) {
    if (closed) {
      return;
    }
    key.cancel();
    endOutput();
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("{}: close failed", this, e);
    }
    gone();
    end(reason);
  }

  /** Closes once the peer was told by TLS what is wrong, if the socket takes that at once. */
  private void closeWithAlert(EndReason reason) {
    if (!closed) {
      endOutput();
      linger(reason);
    }
  }

  /** Says below the PDUs that nothing more comes; whether that is said, or can't be any more. */
  private boolean endOutput() {
    try {
      return broken || transport.endOutput();
    } catch (IOException | RuntimeException e) { // an engine that failed may do so again
      log.debug("{}: the end could not be told: {}", this, e.toString());
      return true;
    }
  }

  /** The channel is closed. */
  private void gone() {
    loop.load().decrementAndGet();
    onClosed.run();
  }

  /** Nothing more is received or sent. */
  private void end(EndReason reason) {
    closed = true;
    reader.close();
    output.close();
    transport.close();
    log.debug("{}: {}", this, reason);
    if (whenFlushed != null) {
      whenFlushed.run();
      whenFlushed = null;
    }
    if (phase != null) {
      phase.closed(reason);
    }
  }

  @Override
  public void loopEnds() {
    close(new EndReason(EndReason.Kind.SERVER_CLOSED, "the server is closed"));
  }

  /** Whether nothing more may be sent: the connection is closed, or about to be. */
  public boolean ending() {
    return closed || closing;
  }

  /** Whether the connection is closed. */
  public boolean closed() {
    return closed;
  }

  // ---- facts

  /** What the connection is about now; null before it has {@linkplain #start started}. */
  public Phase phase() {
    return phase;
  }

  /** Bytes received so far. */
  public long bytesIn() {
    return reader.bytesRead();
  }

  /** Bytes sent so far. */
  public long bytesOut() {
    return output.bytesWritten();
  }

  /** Bytes that wait until the peer reads what was sent before. */
  public long bytesQueued() {
    return output.queuedBytes();
  }

  /** When the connection was accepted, in the time of {@link System#nanoTime}. */
  public long accepted() {
    return accepted;
  }

  /**
   * When the peer showed last that it lives, by sending or by taking what was sent, in the time of
   * {@link System#nanoTime}.
   */
  public long lastAlive() {
    return lastAlive;
  }

  /** The loop that the connection lives on. */
  public EventLoop loop() {
    return loop;
  }

  /** The peer's address. */
  public InetSocketAddress remote() {
    return remote;
  }

  /** The address that the peer connected to. */
  public InetSocketAddress local() {
    return local;
  }

  /**
   * Who the peer has proved to be to the transport: the subject of its TLS client certificate.
   * Known when the login begins.
   */
  public Optional<Principal> peerPrincipal() {
    return transport.peerPrincipal();
  }

  @Override
  public String toString() {
    return remote + "->" + local;
  }
}
