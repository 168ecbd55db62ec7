package org.iscsi4j.target.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.iscsi4j.target.loop.BufferPool;

/**
 * TLS records on their way to the socket. Several are gathered in one buffer, which is held as long
 * as the socket has not taken all of it.
 */
final class TlsOutput {

  private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

  /** As much as one record carries. */
  private static final int FRAGMENT = 16 * 1024;

  private final SSLEngine engine;
  private final WritableByteChannel socket;
  private BufferPool buffers;

  /** Unsent records from position to limit; null when there are none. */
  private ByteBuffer records;

  TlsOutput(SSLEngine engine, WritableByteChannel socket, BufferPool buffers) {
    this.engine = engine;
    this.socket = socket;
    this.buffers = buffers;
  }

  void buffers(BufferPool pool) {
    buffers = pool;
  }

  int unsentBytes() {
    return records == null ? 0 : records.remaining();
  }

  /**
   * Encrypts what there is room for.
   *
   * @param bytes how many the sources have, more than 0
   * @return how many were taken
   */
  long encrypt(ByteBuffer[] sources, int offset, int length, long bytes) throws SSLException {
    long taken = 0;
    while (taken < bytes && makeRoom(bytes)) {
      SSLEngineResult result = wrap(sources, offset, length);
      if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
        throw new SSLException("TLS takes no data: " + result.getStatus());
      }
      taken += result.bytesConsumed();
    }
    return taken;
  }

  /**
   * Has the engine say what it wants to say by itself.
   *
   * @return whether it did; else it has nothing to say, or there is no room
   */
  boolean speak() throws SSLException {
    return makeRoom(0) && wrap(NOTHING, 0, 1).bytesProduced() > 0;
  }

  private boolean makeRoom(long bytes) {
    int record = engine.getSession().getPacketBufferSize();
    if (records == null) {
      int wanted = bytes > FRAGMENT ? BufferPool.CHUNK : record;
      records = buffers.take(Math.max(wanted, record)).limit(0);
    }
    if (records.capacity() - records.limit() < record) {
      records.compact().flip();
    }
    return records.capacity() - records.limit() >= record;
  }

  private SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length) throws SSLException {
    int start = records.position();
    records.position(records.limit()).limit(records.capacity());
    try {
      return engine.wrap(sources, offset, length, records);
    } finally {
      records.limit(records.position()).position(start);
    }
  }

  /**
   * Writes as much as the socket takes.
   *
   * @return whether nothing is left
   */
  boolean flush() throws IOException {
    if (records != null) {
      socket.write(records);
      if (records.hasRemaining()) {
        return false;
      }
      close();
    }
    return true;
  }

  /** Gives the buffer back, sent or not. */
  void close() {
    if (records != null) {
      buffers.give(records);
      records = null;
    }
  }
}
