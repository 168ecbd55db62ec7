package org.iscsi4j.target.loop;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;

/**
 * Direct buffers in a few sizes, used again instead of freed. Touched by one loop. What is handed
 * out is bounded by those who ask (windows, budgets); what lies idle here is bounded by this class.
 */
public final class BufferPool {

  /** The size that output is gathered in. */
  public static final int CHUNK = 256 * 1024;

  private static final int SMALLEST_SHIFT = 12;
  private static final int CLASSES = 14;
  private static final long IDLE_LIMIT = 32L << 20;

  @SuppressWarnings({"unchecked", "rawtypes"})
  private final ArrayDeque<ByteBuffer>[] idle = new ArrayDeque[CLASSES];

  private long idleBytes;
  private int outstanding;

  /** An empty pool. */
  public BufferPool() {
    for (int i = 0; i < CLASSES; i++) {
      idle[i] = new ArrayDeque<>();
    }
  }

  /**
   * A big-endian buffer of at least so many bytes, cleared; its content is what the last user left.
   *
   * @param bytes 0 to 32 MiB
   */
  public ByteBuffer take(int bytes) {
    int at = sizeClass(bytes);
    outstanding++;
    ByteBuffer buffer = idle[at].poll();
    if (buffer == null) {
      return ByteBuffer.allocateDirect(1 << (at + SMALLEST_SHIFT)).order(ByteOrder.BIG_ENDIAN);
    }
    idleBytes -= buffer.capacity();
    return buffer.clear();
  }

  /** Takes back a buffer that {@link #take} gave. */
  public void give(ByteBuffer buffer) {
    outstanding--;
    if (idleBytes + buffer.capacity() > IDLE_LIMIT) {
      return; // left to the garbage collector
    }
    idleBytes += buffer.capacity();
    idle[sizeClass(buffer.capacity())].push(buffer);
  }

  /** Buffers that were taken and not given back yet. */
  public int outstanding() {
    return outstanding;
  }

  /** Bytes that lie idle. */
  long idleBytes() {
    return idleBytes;
  }

  private static int sizeClass(int bytes) {
    int shift = 32 - Integer.numberOfLeadingZeros(Math.max(bytes, 1) - 1);
    int at = Math.max(shift, SMALLEST_SHIFT) - SMALLEST_SHIFT;
    if (at >= CLASSES) {
      throw new IllegalArgumentException("buffer of " + bytes + " bytes exceeds 32 MiB");
    }
    return at;
  }
}
