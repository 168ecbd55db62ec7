package org.iscsi4j.examples.daemon.control;

import java.io.Closeable;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.iscsi4j.api.Portal;
import org.iscsi4j.examples.daemon.config.PortalSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A socket that listens, and the thread that accepts what comes. */
final class Listener implements Closeable {

  private static final Logger log = LoggerFactory.getLogger(Listener.class);

  /** Before the next try, when the system has no more sockets to give. */
  private static final long PAUSE_MILLIS = 200;

  private final ServerSocketChannel socket;
  private final SocketAddress address;
  private final Closeable after;
  private final CountDownLatch closed = new CountDownLatch(1);

  private Listener(ServerSocketChannel socket, SocketAddress address, Closeable after) {
    this.socket = socket;
    this.address = address;
    this.after = after;
  }

  static Listener tcp(PortalSpec portal) throws IOException {
    String name = Portal.format(portal.host(), portal.port());
    InetAddress host = InetAddress.getByName(portal.host());
    boolean v6 = host instanceof Inet6Address;
    ServerSocketChannel socket =
        ServerSocketChannel.open(v6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
    try {
      socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      socket.bind(new InetSocketAddress(host, portal.port()));
      return new Listener(socket, socket.getLocalAddress(), () -> {});
    } catch (IOException e) {
      socket.close();
      throw new IOException("control portal " + name + ": " + e.getMessage(), e);
    }
  }

  static Listener unix(UnixSocket socket) {
    return new Listener(socket.channel(), socket.address(), socket);
  }

  /** Accepts from now on; called once. */
  Listener start(Consumer<SocketChannel> clients) {
    Thread thread = new Thread(() -> accept(clients), "control-accept");
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  SocketAddress address() {
    return address;
  }

  private void accept(Consumer<SocketChannel> clients) {
    while (socket.isOpen()) {
      try {
        clients.accept(socket.accept());
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | RuntimeException e) {
        log.warn("control: a client can't be accepted: {}", e.toString());
        pause();
      }
    }
  }

  private void pause() {
    try {
      closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    try (after) {
      socket.close();
    }
  }
}
