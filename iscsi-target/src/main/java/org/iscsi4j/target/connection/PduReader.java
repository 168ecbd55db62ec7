package org.iscsi4j.target.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ScatteringByteChannel;
import java.util.Arrays;
import org.iscsi4j.protocol.Crc32cDigest;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.PduFramer;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.target.loop.BufferPool;

/**
 * Cuts what a socket gives into PDUs. Reads go into the loop's shared buffer, where whole PDUs are
 * delivered in place; only the rest of a read that ends inside a PDU is kept, so that an idle
 * connection keeps nothing. Large data goes straight to where its phase wants it.
 */
public final class PduReader {

  /** Says that a phase wants the data of a PDU together with its header. */
  public static final ByteBuffer NO_SINK = ByteBuffer.allocate(0);

  private static final int MAX_HEADER = Pdu.BHS_LENGTH + 1020 + Crc32cDigest.LENGTH;
  private static final int MAX_TRAILER = 3 + Crc32cDigest.LENGTH;

  private final ScatteringByteChannel channel;
  private BufferPool buffers;
  private final PduFramer framer;

  private Phase phase;
  private int readLimit;
  private boolean paused;
  private boolean closed;
  private long bytesRead;

  /** Bytes that were received and not delivered: part of a PDU, or what came while paused. */
  private ByteBuffer kept;

  /** How many bytes make {@link #kept} a whole PDU; 0 while its header is not whole. */
  private int wanted;

  /** Where the data of the PDU in {@link #sinkHeader} goes, or {@link #NO_SINK}. */
  private ByteBuffer sink = NO_SINK;

  private ByteBuffer sinkHeader;
  private ByteBuffer trailer;
  private final Crc32cDigest digest = new Crc32cDigest();
  private final ByteBuffer[] scatter = new ByteBuffer[3];

  /**
   * A reader at the start of a connection.
   *
   * @param readLimit the most bytes read at once, until {@link #readLimit(int)} says otherwise
   */
  public PduReader(
      ScatteringByteChannel channel, BufferPool buffers, PduFramer framer, int readLimit) {
    this.channel = channel;
    this.buffers = buffers;
    this.framer = framer;
    this.readLimit = readLimit;
  }

  /** Who gets the PDUs from the next one on. */
  public void phase(Phase next) {
    phase = next;
  }

  /** The most bytes read at once. */
  public void readLimit(int bytes) {
    readLimit = bytes;
  }

  /** Whose buffers are used from now on: the connection has moved to another loop. */
  void buffers(BufferPool pool) {
    buffers = pool;
  }

  /** Delivers nothing more until {@link #resume}. */
  public void pause() {
    paused = true;
  }

  /** Whether nothing is delivered for now. */
  public boolean paused() {
    return paused;
  }

  /**
   * Delivers what came while paused.
   *
   * @param shared the loop's receive buffer
   */
  public void resume(ByteBuffer shared) throws IOException, ProtocolException {
    paused = false;
    if (kept != null && wanted == 0) {
      shared.clear();
      deliver(takeKept(shared).flip());
    }
  }

  /**
   * Reads once and delivers what is whole.
   *
   * @param shared the loop's receive buffer
   * @return whether the peer may send more
   */
  public boolean read(ByteBuffer shared) throws IOException, ProtocolException {
    shared.clear().limit(Math.min(readLimit, shared.capacity()));
    if (sink.capacity() > 0) {
      return readSink(shared);
    }
    if (wanted > 0) {
      return readKept(shared);
    }
    if (kept != null) {
      shared.limit(Math.min(shared.capacity(), shared.limit() + kept.position()));
      takeKept(shared);
    }
    long count = counted(channel.read(shared));
    deliver(shared.flip());
    return count >= 0;
  }

  /** Frees what is kept. */
  public void close() {
    closed = true;
    if (kept != null) {
      buffers.give(kept);
      kept = null;
    }
    sink = NO_SINK;
  }

  // ---- a PDU that did not come whole

  private boolean readKept(ByteBuffer shared) throws IOException, ProtocolException {
    scatter[0] = kept;
    scatter[1] = shared;
    long count = readInto(2);
    if (!kept.hasRemaining()) {
      ByteBuffer whole = kept;
      kept = null;
      wanted = 0;
      try {
        deliver(whole.flip());
      } finally {
        buffers.give(whole);
      }
      deliver(shared.flip());
    }
    return count >= 0;
  }

  private boolean readSink(ByteBuffer shared) throws IOException, ProtocolException {
    scatter[0] = sink;
    scatter[1] = trailer;
    scatter[2] = shared;
    long count = readInto(3);
    if (!sink.hasRemaining() && !trailer.hasRemaining()) {
      endSink();
      deliver(shared.flip());
    }
    return count >= 0;
  }

  private long readInto(int buffers) throws IOException {
    try {
      return counted(channel.read(scatter, 0, buffers));
    } finally {
      Arrays.fill(scatter, null); // an idle connection must not keep buffers alive
    }
  }

  /** Takes note of what was read, and says how much that is. */
  private long counted(long count) {
    bytesRead += Math.max(0, count);
    return count;
  }

  /** Bytes received so far. */
  long bytesRead() {
    return bytesRead;
  }

  private void endSink() throws IOException, ProtocolException {
    ByteBuffer full = sink;
    sink = NO_SINK;
    if (sinkDigestOk(full)) {
      phase.sinkFull(sinkHeader);
    } else {
      phase.dataDigestError(sinkHeader, 0);
    }
  }

  private boolean sinkDigestOk(ByteBuffer full) {
    int length = Pdu.dataSegmentLength(sinkHeader, 0);
    int padding = Pdu.padded(length) - length;
    if (trailer.limit() == padding) {
      return true;
    }
    digest.reset();
    digest.update(full, full.limit() - length, length);
    digest.update(trailer, 0, padding);
    return digest.value() == trailer.getInt(padding);
  }

  private ByteBuffer takeKept(ByteBuffer into) {
    into.put(kept.flip());
    buffers.give(kept);
    kept = null;
    return into;
  }

  // ---- PDUs in a buffer

  private void deliver(ByteBuffer in) throws IOException, ProtocolException {
    int at = in.position();
    int end = in.limit();
    while (!closed && !paused && end - at >= Pdu.BHS_LENGTH) {
      int header = framer.headerLength(in, at);
      if (end - at < header) {
        phase.incomplete(in, at);
        break;
      }
      checkHeader(in, at);
      int length = header + framer.dataLength(in, at);
      if (end - at < length) {
        awaitData(in, at, header, length, end);
        return;
      }
      deliverOne(in, at, at + header);
      in.clear().limit(end); // a phase may narrow the buffer to the data that it hands on
      at += length;
    }
    keep(in, at, end);
  }

  private void checkHeader(ByteBuffer in, int at) throws IOException, ProtocolException {
    if (!framer.headerDigestOk(in, at)) {
      throw new HeaderDigestException();
    }
    framer.checkHeader(in, at);
  }

  private void deliverOne(ByteBuffer in, int at, int dataAt) throws ProtocolException {
    int dataLength = Pdu.dataSegmentLength(in, at);
    if (framer.dataDigestOk(in, dataAt, dataLength)) {
      phase.pdu(in, at, dataAt, dataLength);
    } else {
      phase.dataDigestError(in, at);
    }
  }

  private void keep(ByteBuffer in, int at, int end) {
    if (closed || at == end) {
      return;
    }
    // the capacity is no more than what one read takes, and mostly less than one header
    kept = buffers.take(Math.max(end - at, MAX_HEADER));
    kept.put(kept.position(), in, at, end - at).position(end - at);
    wanted = 0;
  }

  private void awaitData(ByteBuffer in, int at, int header, int length, int end)
      throws IOException, ProtocolException {
    sink = phase.sink(in, at);
    if (sink.capacity() == 0) {
      kept = buffers.take(length);
      kept.put(0, in, at, end - at).position(end - at).limit(length);
      wanted = length;
      return;
    }
    prepareSink(in, at, length - header);
    in.limit(end).position(at + header);
    move(in, sink);
    move(in, trailer);
  }

  private void prepareSink(ByteBuffer in, int at, int paddedAndDigest) {
    int header = Pdu.BHS_LENGTH + Pdu.ahsLength(in, at);
    if (sinkHeader == null || sinkHeader.capacity() < header) {
      sinkHeader = ByteBuffer.allocate(header).order(ByteOrder.BIG_ENDIAN);
      trailer = ByteBuffer.allocate(MAX_TRAILER).order(ByteOrder.BIG_ENDIAN);
    }
    sinkHeader.clear().put(0, in, at, header);
    trailer.clear().limit(paddedAndDigest - Pdu.dataSegmentLength(in, at));
  }

  private static void move(ByteBuffer from, ByteBuffer to) {
    int count = Math.min(from.remaining(), to.remaining());
    to.put(to.position(), from, from.position(), count);
    to.position(to.position() + count);
    from.position(from.position() + count);
  }
}
