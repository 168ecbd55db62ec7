package org.iscsi4j.target;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.iscsi4j.api.Portal;
import org.iscsi4j.target.loop.EventLoop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A portal that listens. The channel is bound when the listener is made. */
final class PortalListener implements EventLoop.Handler {

  private static final Logger log = LoggerFactory.getLogger(PortalListener.class);
  private static final int BACKLOG = 1024;

  /** How long nothing is accepted after a failure. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  /** How long the loop may take to let go of a channel. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

  private final BoundPortal portal;
  private final ServerSocketChannel channel;

  /** Where connections are accepted. */
  private final EventLoop loop;

  private final BiConsumer<PortalListener, SocketChannel> accepted;

  /**
   * Binds a portal.
   *
   * @param loop where connections are accepted
   * @param accepted takes new connections, on the loop
   */
  PortalListener(Portal portal, EventLoop loop, BiConsumer<PortalListener, SocketChannel> accepted)
      throws IOException {
    this.loop = loop;
    this.accepted = accepted;
    InetSocketAddress wanted = portal.socketAddress();
    if (wanted.isUnresolved()) {
      throw new IOException("can't listen on " + portal + ": unknown host");
    }
    channel = open(wanted.getAddress());
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(wanted, BACKLOG);
      channel.configureBlocking(false);
      InetSocketAddress bound = (InetSocketAddress) channel.getLocalAddress();
      this.portal = new BoundPortal(portal.withPort(bound.getPort()), bound.getAddress());
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw new IOException("can't listen on " + portal + ": " + e.getMessage(), e);
    }
  }

  /** An IPv4 address, its wildcard too, is listened on by an IPv4 socket and nothing else. */
  private static ServerSocketChannel open(InetAddress address) throws IOException {
    return address instanceof Inet4Address
        ? ServerSocketChannel.open(StandardProtocolFamily.INET)
        : ServerSocketChannel.open();
  }

  /** Starts to accept. Called on the loop. */
  void register() {
    try {
      loop.register(channel, SelectionKey.OP_ACCEPT, this);
    } catch (IOException e) {
      log.debug("{}: closed before it could accept", portal, e);
    }
  }

  @Override
  public void ready(SelectionKey key) {
    try {
      for (SocketChannel next = channel.accept(); next != null; next = channel.accept()) {
        accepted.accept(this, next);
      }
    } catch (ClosedChannelException e) {
      log.debug("{}: closed", portal);
    } catch (IOException e) {
      // out of descriptors, as a rule: the pending connection would make the key ready for ever
      log.warn("{}: accept failed, pausing for {} ms: {}", portal, PAUSE.toMillis(), e.toString());
      key.interestOps(0);
      loop.after(PAUSE, () -> resume(key));
    }
  }

  /** Where it listens. */
  BoundPortal bound() {
    return portal;
  }

  Portal portal() {
    return portal.portal();
  }

  private static void resume(SelectionKey key) {
    if (key.isValid()) {
      key.interestOps(SelectionKey.OP_ACCEPT);
    }
  }

  @Override
  public void failed(Throwable bug) {
    log.error("{}: unexpected failure", portal, bug);
  }

  @Override
  public void loopEnds() {
    close();
  }

  /**
   * Listens no more. Called from any thread.
   *
   * @return completed when the system refuses connections
   */
  CompletableFuture<Void> stop() {
    CompletableFuture<Void> refused = new CompletableFuture<>();
    close();
    loop.execute(() -> loop.afterSelect(() -> refused.complete(null)));
    // a loop that has ended, or ends now, lets go of the channel by that
    return refused.completeOnTimeout(null, STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("{}: close failed", portal, e);
    }
  }

  @Override
  public String toString() {
    return portal().toString();
  }
}
