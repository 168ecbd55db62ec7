package org.iscsi4j.target.connection;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntSupplier;

/**
 * A socket by value: gives bytes in the pieces that a test wants, and takes as many as it wants.
 */
final class FakeChannel implements ByteChannel, ScatteringByteChannel, GatheringByteChannel {

  private final Deque<ByteBuffer> incoming = new ArrayDeque<>();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private IntSupplier takes = () -> Integer.MAX_VALUE;
  private boolean ended;

  /**
   * Has one read after the other give these pieces, or as much of them as the reader has room for.
   */
  void arrives(byte[]... pieces) {
    for (byte[] piece : pieces) {
      if (piece.length > 0) {
        incoming.add(ByteBuffer.wrap(piece));
      }
    }
  }

  /** Ends the input behind what has arrived. */
  void ends() {
    ended = true;
  }

  /** Whether everything that arrived was read. */
  boolean isDrained() {
    return incoming.isEmpty();
  }

  /** How many bytes each write takes at most. */
  void takes(IntSupplier bytes) {
    takes = bytes;
  }

  /** Everything that was written. */
  byte[] written() {
    return written.toByteArray();
  }

  @Override
  public long read(ByteBuffer[] buffers, int offset, int length) {
    ByteBuffer next = incoming.peek();
    if (next == null) {
      return ended ? -1 : 0;
    }
    long count = 0;
    for (int i = offset; i < offset + length; i++) {
      count += move(next, buffers[i], Integer.MAX_VALUE);
    }
    if (!next.hasRemaining()) {
      incoming.remove();
    }
    return count;
  }

  @Override
  public long read(ByteBuffer[] buffers) {
    return read(buffers, 0, buffers.length);
  }

  @Override
  public int read(ByteBuffer buffer) {
    return (int) read(new ByteBuffer[] {buffer}, 0, 1);
  }

  @Override
  public long write(ByteBuffer[] buffers, int offset, int length) throws IOException {
    int limit = takes.getAsInt();
    if (limit < 0) {
      throw new IOException("connection reset by a test");
    }
    long count = 0;
    for (int i = offset; i < offset + length && count < limit; i++) {
      byte[] piece = new byte[(int) Math.min(buffers[i].remaining(), limit - count)];
      buffers[i].get(piece);
      written.writeBytes(piece);
      count += piece.length;
    }
    return count;
  }

  @Override
  public long write(ByteBuffer[] buffers) throws IOException {
    return write(buffers, 0, buffers.length);
  }

  @Override
  public int write(ByteBuffer buffer) throws IOException {
    return (int) write(new ByteBuffer[] {buffer}, 0, 1);
  }

  private static int move(ByteBuffer from, ByteBuffer to, int limit) {
    int count = Math.min(Math.min(from.remaining(), to.remaining()), limit);
    to.put(from.slice(from.position(), count));
    from.position(from.position() + count);
    return count;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
