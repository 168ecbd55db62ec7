package org.iscsi4j.examples.daemon;

import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import org.iscsi4j.api.Portal;

/** The host under which a portal can be used, which for a wildcard is one of its addresses. */
final class ReachableHost {

  /** Addresses for documentation (RFC 5737, RFC 3849): far away, never asked. */
  private static final String FAR = "192.0.2.1";

  private static final String FAR6 = "2001:db8::1";

  private ReachableHost() {}

  static String of(Portal portal) {
    InetAddress bound = portal.socketAddress().getAddress();
    boolean wildcard = bound != null && bound.isAnyLocalAddress();
    return wildcard ? ownAddress(bound instanceof Inet6Address) : portal.host();
  }

  /** The address that this machine would leave by, else loopback. */
  private static String ownAddress(boolean v6) {
    try (DatagramSocket socket = new DatagramSocket()) {
      // connecting a datagram socket picks a route and sends nothing
      socket.connect(new InetSocketAddress(v6 ? FAR6 : FAR, 9));
      InetAddress own = socket.getLocalAddress();
      if (own instanceof Inet6Address == v6
          && !own.isAnyLocalAddress()
          && !own.isLinkLocalAddress()) {
        return own.getHostAddress();
      }
    } catch (SocketException | UncheckedIOException e) {
      // no route there: a machine on its own
    }
    return v6 ? "::1" : "127.0.0.1";
  }
}
