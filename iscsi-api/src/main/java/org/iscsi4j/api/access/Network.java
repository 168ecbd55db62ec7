package org.iscsi4j.api.access;

import java.net.InetAddress;

/**
 * A range of addresses: those that begin with the same bits.
 *
 * @param address the first one
 * @param prefix bits that are the same, 0 to 32 for IPv4 and to 128 for IPv6
 */
public record Network(InetAddress address, int prefix) {

  /**
   * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32}, an address alone, which is a network of one,
   * and an IPv6 address in brackets.
   *
   * @throws IllegalArgumentException for anything else, host names among it
   */
  public static Network parse(String text) {
    throw new UnsupportedOperationException(text);
  }

  /** Whether an address lies in the network; an IPv4 address that is mapped to IPv6 is IPv4. */
  public boolean contains(InetAddress other) {
    throw new UnsupportedOperationException(other.toString());
  }
}
