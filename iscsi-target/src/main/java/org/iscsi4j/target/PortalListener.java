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
import java.util.function.BiConsumer;
import org.iscsi4j.api.Portal;
import org.iscsi4j.target.loop.EventLoop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A portal that listens. The channel is bound when the listener is made. */
final class PortalListener implements EventLoop.Handler {

  private static final Logger log = LoggerFactory.getLogger(PortalListener.class);
  private static final int BACKLOG = 1024;

  private final BoundPortal portal;
  private final int relativeId;
  private final ServerSocketChannel channel;
  private final BiConsumer<PortalListener, SocketChannel> accepted;

  /**
   * Binds a portal.
   *
   * @param relativeId relative target port identifier, 1 for the first portal
   * @param accepted takes new connections, on the loop
   */
  PortalListener(Portal portal, int relativeId, BiConsumer<PortalListener, SocketChannel> accepted)
      throws IOException {
    this.relativeId = relativeId;
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
  void register(EventLoop loop) {
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
      // the peer is gone already, or we are out of descriptors: the next one may fare better
      log.warn("{}: accept failed: {}", portal, e.toString());
    }
  }

  /** Where it listens. */
  BoundPortal bound() {
    return portal;
  }

  Portal portal() {
    return portal.portal();
  }

  int relativeId() {
    return relativeId;
  }

  @Override
  public void loopEnds() {
    close();
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
