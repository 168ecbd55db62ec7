package org.iscsi4j.target;

import com.google.common.net.InetAddresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.iscsi4j.api.Portal;

/**
 * A portal that listens.
 *
 * @param portal with the port that was really bound
 * @param address what its host name meant when it was bound; the wildcard for every address
 */
record BoundPortal(Portal portal, InetAddress address) {

  /** Whether an initiator that reached the server under an address may be told this portal. */
  boolean tellable(InetAddress reached) {
    // IPv4's wildcard is no place to go for somebody who came by IPv6
    boolean otherFamily = address instanceof Inet4Address && !(reached instanceof Inet4Address);
    return portal.advertised().isPresent() || !address.isAnyLocalAddress() || !otherFamily;
  }

  /**
   * Where initiators find the portal, as {@code HOST:PORT}.
   *
   * @param reached the address that stands for a wildcard: one that this peer can reach
   */
  String addressFor(InetAddress reached) {
    return portal
        .advertised()
        .map(other -> Portal.format(other.host(), other.port()))
        .orElseGet(() -> Portal.format(text(socketAddress(reached).getAddress()), portal.port()));
  }

  /**
   * Where a connection ends that comes through the portal.
   *
   * @param reached the address that stands for a wildcard
   */
  InetSocketAddress socketAddress(InetAddress reached) {
    return new InetSocketAddress(address.isAnyLocalAddress() ? reached : address, portal.port());
  }

  /** IPv6 addresses in the form of RFC 5952. */
  private static String text(InetAddress shown) {
    String text = InetAddresses.toAddrString(shown);
    int scope = text.indexOf('%'); // means nothing to the peer
    return scope < 0 ? text : text.substring(0, scope);
  }
}
