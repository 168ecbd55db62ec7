package org.iscsi4j.target.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.iscsi4j.target.loop.BufferPool;

/**
 * Bytes on their way to the socket, in order. What is small is copied or produced into a chunk,
 * what is large is queued where it lies; one gathering write takes both. An idle connection holds
 * no buffer.
 */
public final class Output {

  /** More bytes than this in the queue, and nothing more is produced until some are gone. */
  public static final int HIGH_WATER = 1 << 20;

  private static final int GATHER = 64;

  private final GatheringByteChannel channel;
  private BufferPool buffers;
  private final ArrayDeque<Segment> queue = new ArrayDeque<>();
  private final ByteBuffer[] gather = new ByteBuffer[GATHER];

  private int chunkSize;
  private ByteBuffer chunk;

  /** First byte of the chunk that is neither sent nor queued. */
  private int start;

  /** End of what was committed to the chunk. */
  private int end;

  private long queuedBytes;
  private long bytesWritten;

  /** Bytes that lie between position and limit, and what to do when they are gone. */
  private record Segment(ByteBuffer bytes, Runnable sent) {}

  /**
   * An empty output.
   *
   * @param chunkSize bytes gathered in one buffer, until {@link #chunkSize(int)} says otherwise
   */
  public Output(GatheringByteChannel channel, BufferPool buffers, int chunkSize) {
    this.channel = channel;
    this.buffers = buffers;
    this.chunkSize = chunkSize;
  }

  /** Whose buffers are used from now on: the connection has moved to another loop. */
  void buffers(BufferPool pool) {
    buffers = pool;
  }

  /** Bytes gathered in one buffer from the next one on. */
  public void chunkSize(int bytes) {
    chunkSize = bytes;
  }

  /**
   * Makes room in the chunk for bytes that stand together.
   *
   * @return the index of the first of them in {@link #chunk}
   */
  public int reserve(int bytes) {
    if (chunk != null && chunk.capacity() - end < bytes) {
      queueChunk();
    }
    if (chunk == null) {
      chunk = buffers.take(Math.max(bytes, chunkSize));
      start = 0;
      end = 0;
    }
    return end;
  }

  /** The buffer that {@link #reserve} made room in; its position and limit mean nothing. */
  public ByteBuffer chunk() {
    return chunk;
  }

  /** Sends what was put into reserved room; less than reserved may be committed. */
  public void commit(int bytes) {
    end += bytes;
    queuedBytes += bytes;
  }

  /**
   * Sends bytes from where they lie.
   *
   * @param bytes from position to limit, not to be touched until sent
   * @param sent runs when they are gone, or when the connection is closed
   */
  public void append(ByteBuffer bytes, Runnable sent) {
    if (end > start) {
      // the chunk goes on being filled behind the part that is queued here
      queue.add(new Segment(chunk.slice(start, end - start), () -> {}));
      start = end;
    }
    queuedBytes += bytes.remaining();
    queue.add(new Segment(bytes, sent));
  }

  /** Whether so much waits that nothing more should be produced. */
  public boolean full() {
    return queuedBytes > HIGH_WATER;
  }

  /** Whether nothing waits. */
  public boolean isEmpty() {
    return queuedBytes == 0;
  }

  /** Bytes that wait. */
  public long queuedBytes() {
    return queuedBytes;
  }

  /** Bytes that were written so far. */
  long bytesWritten() {
    return bytesWritten;
  }

  /**
   * Writes as much as the socket takes.
   *
   * @return whether all is gone
   */
  public boolean flush() throws IOException {
    while (queuedBytes > 0) {
      long count = queue.isEmpty() ? writeChunk() : writeQueue();
      queuedBytes -= count;
      bytesWritten += count;
      if (count == 0) {
        return false;
      }
    }
    dropSent();
    releaseChunk();
    return true;
  }

  /** Frees everything, sent or not. */
  public void close() {
    queue.forEach(segment -> segment.sent().run());
    queue.clear();
    releaseChunk();
    queuedBytes = 0;
  }

  private int writeChunk() throws IOException {
    int count = channel.write(chunk.limit(end).position(start));
    start += count;
    return count;
  }

  private long writeQueue() throws IOException {
    int n = 0;
    for (Segment segment : queue) {
      if (n == GATHER - 1) {
        break;
      }
      gather[n++] = segment.bytes();
    }
    boolean all = n == queue.size();
    if (all && end > start) {
      gather[n++] = chunk.limit(end).position(start);
    }
    long count;
    try {
      count = channel.write(gather, 0, n);
    } finally {
      Arrays.fill(gather, 0, n, null); // an idle connection must not keep buffers alive
    }
    if (all && end > start) {
      start = chunk.position();
    }
    dropSent();
    return count;
  }

  private void dropSent() {
    for (Segment head = queue.peek();
        head != null && !head.bytes().hasRemaining();
        head = queue.peek()) {
      queue.remove();
      head.sent().run();
    }
  }

  private void queueChunk() {
    ByteBuffer full = chunk;
    if (end > start) {
      queue.add(new Segment(full.limit(end).position(start), () -> buffers.give(full)));
    } else {
      // all of it is sent or queued in slices, and slices are written in order before this one
      queue.add(new Segment(full.limit(0), () -> buffers.give(full)));
    }
    chunk = null;
    start = 0;
    end = 0;
  }

  private void releaseChunk() {
    if (chunk != null) {
      buffers.give(chunk);
      chunk = null;
    }
    start = 0;
    end = 0;
  }
}
