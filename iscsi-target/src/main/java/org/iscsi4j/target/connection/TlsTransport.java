package org.iscsi4j.target.connection;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.nio.channels.SelectionKey;
import java.security.Principal;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.iscsi4j.target.loop.BufferPool;

/**
 * TLS over a socket (RFC 8446, RFC 5246), the server's side. Reads decrypt into the reader's own
 * buffers and drive the handshake, of which they give no bytes; writes encrypt into records that go
 * out at once. An idle connection holds no buffer. A peer that has not said anything in TLS is told
 * nothing in TLS.
 *
 * <p>The input ends with the peer's close_notify. Without one it was cut off, by whomever (RFC 8446
 * section 6.1), which is an error, though no byte of a PDU can be missing unnoticed.
 */
final class TlsTransport implements Transport, ScatteringByteChannel, GatheringByteChannel {

  /** Room for a record before login, when reads are small. */
  private static final int LEAST_ROOM = 32 * 1024;

  /** The most that is read from the socket at once. */
  private static final int MOST_AT_ONCE = 128 * 1024;

  /** The content type of a handshake's records, the first byte of every TLS connection. */
  private static final byte HANDSHAKE = 22;

  private final SSLEngine engine;
  private final ByteChannel socket;
  private final TlsOutput output;
  private final TlsHandshake handshake;
  private BufferPool buffers;
  private final ByteBuffer[] single = new ByteBuffer[1];

  /** Received records from position to limit, the last maybe not whole; null without any. */
  private ByteBuffer records;

  /** Whether the peer has begun to speak TLS. */
  private boolean spoken;

  /** Whether a read gives something that the socket does not tell of. */
  private boolean pending;

  /** Whether the peer has said that it sends nothing more. */
  private boolean ended;

  /**
   * A transport that waits for the peer's first words.
   *
   * @param engine of a server, whose handshake has not begun
   * @param workers run what takes time in a handshake
   * @param loop runs what has to be done on the connection's thread
   * @param awakened runs there when {@link #pending} has become true by itself
   */
  TlsTransport(
      ByteChannel socket,
      BufferPool buffers,
      SSLEngine engine,
      Executor workers,
      Executor loop,
      Runnable awakened)
      throws SSLException {
    this.socket = socket;
    this.buffers = buffers;
    this.engine = engine;
    output = new TlsOutput(engine, socket, buffers);
    handshake =
        new TlsHandshake(
            engine,
            output,
            workers,
            loop,
            () -> {
              pending = true;
              awakened.run();
            });
    engine.beginHandshake();
  }

  @Override
  public ScatteringByteChannel input() {
    return this;
  }

  @Override
  public GatheringByteChannel output() {
    return this;
  }

  @Override
  public int leastRoom() {
    return Math.max(LEAST_ROOM, engine.getSession().getApplicationBufferSize());
  }

  @Override
  public boolean pending() {
    return pending || (handshake.stalled() && output.unsentBytes() == 0);
  }

  @Override
  public int interest(int wanted) {
    int reading = handshake.working() || handshake.stalled() ? 0 : wanted & SelectionKey.OP_READ;
    return output.unsentBytes() > 0 ? reading | SelectionKey.OP_WRITE : reading;
  }

  // ---- input

  @Override
  public int read(ByteBuffer into) throws IOException {
    single[0] = into;
    try {
      return (int) read(single, 0, 1);
    } finally {
      single[0] = null; // an idle connection must not keep buffers alive
    }
  }

  @Override
  public long read(ByteBuffer[] into) throws IOException {
    return read(into, 0, into.length);
  }

  /** What came before goes first; then the socket is read once. */
  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    if (handshake.working()) {
      return 0;
    }
    pending = false;
    try {
      long room = remaining(into, offset, length);
      long count = decrypt(into, offset, length);
      if (count == 0 && !ended && !handshake.working() && !handshake.stalled()) {
        boolean open = receive(room);
        count = decrypt(into, offset, length);
        if (!open && count == 0 && !ended) {
          return cutOff();
        }
      }
      pending |= ended && count > 0;
      return ended && count == 0 ? -1 : count;
    } finally {
      releaseRecords();
    }
  }

  private static long remaining(ByteBuffer[] buffers, int offset, int length) {
    long bytes = 0;
    for (int i = offset; i < offset + length; i++) {
      bytes += buffers[i].remaining();
    }
    return bytes;
  }

  /** A peer that leaves before it is connected takes nothing with it. */
  private int cutOff() throws IOException {
    if (handshake.established()) {
      throw new EOFException("the TLS input is cut off, without close_notify");
    }
    return -1;
  }

  /**
   * Reads no more than there is room for, so that what is received is all decrypted at once.
   *
   * @return false at the end of the stream
   */
  private boolean receive(long room) throws IOException {
    int wanted = (int) Math.min(room, MOST_AT_ONCE);
    int record = engine.getSession().getPacketBufferSize();
    if (records == null) {
      records = buffers.take(Math.max(wanted, record));
    } else if (records.remaining() == records.capacity()) {
      throw tooLarge(records.capacity()); // nothing could ever be read behind it
    } else {
      records.compact();
    }
    try {
      return socket.read(records) >= 0;
    } finally {
      records.flip();
    }
  }

  private long decrypt(ByteBuffer[] into, int offset, int length) throws IOException {
    long count = 0;
    while (!ended && handshake.advance() && records != null && records.hasRemaining()) {
      checkFirst();
      SSLEngineResult result = engine.unwrap(records, into, offset, length);
      handshake.consumed(result.bytesConsumed());
      count += result.bytesProduced();
      switch (result.getStatus()) {
        case BUFFER_UNDERFLOW -> {
          return count;
        }
        case BUFFER_OVERFLOW -> {
          roomIsOver(into, offset, length, count);
          return count;
        }
        case CLOSED -> ended = true;
        case OK -> ended = engine.isInboundDone();
      }
    }
    return count;
  }

  private void roomIsOver(ByteBuffer[] into, int offset, int length, long count)
      throws SSLException {
    if (count == 0) {
      throw tooLarge(remaining(into, offset, length));
    }
    pending = true;
  }

  /** The standard ends them at 16 KiB and a little (RFC 8446 section 5.1); engines take more. */
  private static SSLException tooLarge(long room) {
    return new SSLException("TLS record of more than " + room + " bytes");
  }

  private void checkFirst() throws SSLException {
    byte first = records.get(records.position());
    if (!spoken && first != HANDSHAKE) {
      throw new SSLException(
          String.format("first byte %02xh is no TLS handshake, which this portal wants", first));
    }
    spoken = true;
  }

  private void releaseRecords() {
    if (records != null && !records.hasRemaining()) {
      buffers.give(records);
      records = null;
    }
  }

  // ---- output

  @Override
  public int write(ByteBuffer from) throws IOException {
    single[0] = from;
    try {
      return (int) write(single, 0, 1);
    } finally {
      single[0] = null;
    }
  }

  @Override
  public long write(ByteBuffer[] from) throws IOException {
    return write(from, 0, from.length);
  }

  /** Takes no more while the socket has not taken what was encrypted before. */
  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    long bytes = remaining(from, offset, length);
    if (bytes == 0 || !handshake.established() || !output.flush()) {
      return 0;
    }
    long taken = output.encrypt(from, offset, length, bytes);
    output.flush();
    return taken;
  }

  @Override
  public boolean flush() throws IOException {
    return output.flush();
  }

  @Override
  public int unsentBytes() {
    return output.unsentBytes();
  }

  // ---- end

  @Override
  public boolean endOutput() throws IOException {
    if (!spoken || handshake.working()) {
      return true;
    }
    engine.closeOutbound();
    boolean flushed = output.flush();
    while (flushed && !engine.isOutboundDone() && output.speak()) {
      flushed = output.flush();
    }
    return flushed;
  }

  @Override
  public void buffers(BufferPool pool) {
    buffers = pool;
    output.buffers(pool);
  }

  @Override
  public void close() {
    if (records != null) {
      buffers.give(records);
      records = null;
    }
    output.close();
    handshake.abandon();
  }

  @Override
  public boolean isOpen() {
    return socket.isOpen();
  }

  @Override
  public Optional<Principal> peerPrincipal() {
    return handshake.peer();
  }
}
