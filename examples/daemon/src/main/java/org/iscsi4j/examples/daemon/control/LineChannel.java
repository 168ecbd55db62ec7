package org.iscsi4j.examples.daemon.control;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Lines of text in UTF-8 over a socket, TCP or Unix-domain, with a limit of time for each. LF, CR
 * and CR LF end a line that comes; CR LF ends what is sent. For one thread; any other may close it.
 */
public final class LineChannel implements Closeable {

  private static final int BUFFER = 16 << 10;

  /** What is thrown away at most of what a peer goes on sending. */
  private static final int LAST_WORDS = 1 << 20;

  private final SocketChannel channel;
  private final int maxLine;
  private final Selector selector;
  private final SelectionKey key;
  private final ByteBuffer in = ByteBuffer.allocate(BUFFER).flip();
  private final ByteBuffer out = ByteBuffer.allocate(BUFFER);
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean skipLineFeed;

  /** A line that is longer than lines may be. */
  public static final class LineTooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    LineTooLongException(int limit) {
      super("line too long: " + limit + " bytes are allowed");
    }
  }

  /**
   * Takes a socket over, which is closed with this, or when this fails.
   *
   * @param maxLine bytes of a line that comes, its end not counted
   */
  public LineChannel(SocketChannel channel, int maxLine) throws IOException {
    this.channel = channel;
    this.maxLine = maxLine;
    try {
      channel.configureBlocking(false);
      selector = channel.provider().openSelector();
      key = channel.register(selector, 0);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * The next line; empty at the end, whatever stands before it without one of its own.
   *
   * @param patience how long the whole line may take
   * @throws SocketTimeoutException when it takes longer
   * @throws LineTooLongException when it is longer than lines may be
   */
  public Optional<String> readLine(Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    line.reset();
    while (in.hasRemaining() || fill(deadline)) {
      byte next = in.get();
      boolean secondHalf = next == '\n' && skipLineFeed;
      skipLineFeed = next == '\r';
      if (secondHalf) {
        continue;
      }
      if (next == '\r' || next == '\n') {
        return Optional.of(line.toString(StandardCharsets.UTF_8));
      }
      if (line.size() == maxLine) {
        throw new LineTooLongException(maxLine);
      }
      line.write(next);
    }
    return Optional.empty();
  }

  private boolean fill(long deadline) throws IOException {
    in.clear();
    try {
      int count = channel.read(in);
      while (count == 0) {
        await(SelectionKey.OP_READ, deadline);
        count = channel.read(in);
      }
      return count > 0;
    } finally {
      in.flip();
    }
  }

  /** Sends a line, at {@link #flush} at the latest; never holds more than a buffer of it. */
  public void writeLine(String text, Duration patience) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((text + "\r\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      if (!out.hasRemaining()) {
        flush(patience);
      }
      int part = Math.min(out.remaining(), bytes.remaining());
      out.put(bytes.slice().limit(part));
      bytes.position(bytes.position() + part);
    }
  }

  /**
   * Sends what was written.
   *
   * @throws SocketTimeoutException when the peer does not take it in time
   */
  public void flush(Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    out.flip();
    try {
      while (out.hasRemaining()) {
        if (channel.write(out) == 0) {
          await(SelectionKey.OP_WRITE, deadline);
        }
      }
    } finally {
      out.clear();
    }
  }

  /**
   * Sends the end, and reads what the peer has still sent: to close a socket with bytes unread
   * would take the last words from the peer.
   */
  void sendEnd(Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    channel.shutdownOutput();
    int left = LAST_WORDS;
    while (left > 0 && fill(deadline)) {
      left -= in.remaining();
    }
  }

  private void await(int operation, long deadline) throws IOException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw new SocketTimeoutException("nothing came, or was taken, in time");
    }
    try {
      key.interestOps(operation);
      selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
      selector.selectedKeys().clear();
    } catch (IllegalStateException e) { // selector or key: another thread has closed them
      throw (IOException) new AsynchronousCloseException().initCause(e);
    }
  }

  @Override
  public void close() throws IOException {
    try (selector) {
      channel.close();
    }
  }
}
