package org.iscsi4j.target.limit;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The addresses that count as one: an IPv4 address, or the 64-bit prefix of an IPv6 address, within
 * which a host chooses freely (RFC 8981).
 *
 * @param version 4 or 6
 * @param bits the first 32 or 64 bits
 */
public record AddressBlock(int version, long bits) {

  /**
   * Where an address belongs; an IPv4 address that is mapped to IPv6 is an IPv4 address to Java.
   */
  public static AddressBlock of(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return address instanceof Inet4Address
        ? new AddressBlock(4, bytes.getInt())
        : new AddressBlock(6, bytes.getLong());
  }
}
