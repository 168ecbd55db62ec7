package org.iscsi4j.target.connection;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.iscsi4j.target.loop.EventLoop;
import org.iscsi4j.target.loop.Timers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last moments of a connection that has said all it has to say. TCP answers the close of a
 * socket with unread input by a reset, which can take our last PDUs with it, such as a Logout
 * Response or the reason why a login is refused; so the input is read and thrown away until the
 * peer closes too, within bounds.
 */
final class Linger implements EventLoop.Handler {

  private static final Logger log = LoggerFactory.getLogger(Linger.class);

  /** How long a peer has to close its side. */
  private static final Duration TIME = Duration.ofSeconds(1);

  /** The most bytes that are read in that time. */
  private static final int BYTES = 4 << 20;

  private final EventLoop loop;
  private final SocketChannel channel;
  private final Runnable closed;
  private final Timers.Timer deadline;
  private int bytes;

  /**
   * Takes over a channel that is not written to any more.
   *
   * @param key of the channel on the loop
   * @param closed runs once when the channel is closed
   */
  Linger(EventLoop loop, SocketChannel channel, SelectionKey key, Runnable closed) {
    this.loop = loop;
    this.channel = channel;
    this.closed = closed;
    key.attach(this);
    key.interestOps(SelectionKey.OP_READ);
    deadline = loop.after(TIME, this::close);
    try {
      channel.shutdownOutput();
    } catch (IOException e) {
      close();
    }
  }

  @Override
  public void ready(SelectionKey key) {
    try {
      int count = channel.read(loop.receiveBuffer().clear());
      bytes += Math.max(0, count);
      if (count < 0 || bytes > BYTES) {
        close();
      }
    } catch (IOException e) {
      close();
    }
  }

  @Override
  public void failed(Throwable bug) {
    log.error("unexpected failure", bug);
    close();
  }

  @Override
  public void loopEnds() {
    close();
  }

  private void close() {
    if (!channel.isOpen()) {
      return;
    }
    deadline.cancel();
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("close failed", e);
    }
    closed.run();
  }
}
