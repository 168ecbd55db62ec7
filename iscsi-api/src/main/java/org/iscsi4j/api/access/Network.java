package org.iscsi4j.api.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A range of addresses: those that begin with the same bits (CIDR, RFC 4632 and RFC 4291 section
 * 2.3), or all of them. An IPv4 address that is mapped to IPv6 ({@code ::ffff:10.0.0.1}) is an IPv4
 * address, and the scope of an IPv6 address ({@code %eth0}) does not count. Immutable; two are
 * equal when they contain the same addresses.
 */
public final class Network {

  /** Every address, of IPv4 and IPv6. */
  public static final Network ALL = new Network(new byte[0], 0);

  /** What an IPv4 address has before it that is mapped to IPv6. */
  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};

  private static final int IPV4_BYTES = 4;

  /** Numbers without leading zeros, which some read as octal. */
  private static final Pattern IPV4 = Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");

  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
  private static final Pattern ZEROS = Pattern.compile("(^|:)0(:0)+(:|$)");

  /** The first address; nothing for every address. */
  private final byte[] first;

  private final int prefix;

  private Network(byte[] first, int prefix) {
    this.first = first;
    this.prefix = prefix;
  }

  /**
   * The network that an address lies in: bits behind the prefix do not count.
   *
   * @param prefix bits that are the same, 0 to 32 for IPv4 and 0 to 128 for IPv6
   * @throws IllegalArgumentException for another prefix
   */
  public static Network of(InetAddress address, int prefix) {
    byte[] bytes = unmapped(address);
    if (prefix < 0 || prefix > bytes.length * Byte.SIZE) {
      throw new IllegalArgumentException(
          "prefix " + prefix + " is not within 0.." + bytes.length * Byte.SIZE);
    }
    return new Network(masked(bytes, prefix), prefix);
  }

  private static byte[] unmapped(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean mapped =
        bytes.length > IPV4_BYTES
            && Arrays.equals(bytes, 0, MAPPED.length, MAPPED, 0, MAPPED.length);
    return mapped ? Arrays.copyOfRange(bytes, MAPPED.length, bytes.length) : bytes;
  }

  private static byte[] masked(byte[] bytes, int prefix) {
    byte[] masked = bytes.clone();
    for (int i = 0; i < masked.length; i++) {
      masked[i] &= (byte) mask(prefix - i * Byte.SIZE);
    }
    return masked;
  }

  /** The bits of a byte that count when so many bits are left. */
  private static int mask(int bits) {
    return bits <= 0 ? 0 : bits >= Byte.SIZE ? 0xff : 0xff << (Byte.SIZE - bits);
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32}, an address alone, which is a network of one,
   * and {@code ALL} or {@code *}. An IPv6 address may stand in brackets, the prefix behind them. An
   * address of a machine with its prefix, {@code 10.1.2.3/8}, is the network that it lies in. No
   * name is looked up.
   *
   * @throws IllegalArgumentException for anything else, host names among it, with the reason
   */
  public static Network parse(String text) {
    if (text.equals("*") || text.toUpperCase(Locale.ROOT).equals("ALL")) {
      return ALL;
    }
    int slash = text.indexOf('/');
    String host = withoutScope(withoutBrackets(slash < 0 ? text : text.substring(0, slash)));
    InetAddress address = address(text, host);
    int bits = address.getAddress().length * Byte.SIZE;
    boolean mapped = bits == IPV4_BYTES * Byte.SIZE && host.indexOf(':') >= 0;
    int hidden = mapped ? MAPPED.length * Byte.SIZE : 0;
    int prefix = slash < 0 ? hidden + bits : prefix(text, text.substring(slash + 1));
    if (prefix < hidden || prefix > hidden + bits) {
      throw noNetwork(
          text, "prefix " + prefix + " is not within " + hidden + ".." + (hidden + bits));
    }
    return of(address, prefix - hidden);
  }

  private static String withoutBrackets(String host) {
    boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.indexOf(':') >= 0;
    return bracketed ? host.substring(1, host.length() - 1) : host;
  }

  private static String withoutScope(String host) {
    int scope = host.indexOf(':') < 0 ? -1 : host.indexOf('%');
    return scope < 0 ? host : host.substring(0, scope);
  }

  /** Only what is an address by its looks is given to the JDK, which would look names up. */
  private static InetAddress address(String text, String host) {
    try {
      if (IPV4.matcher(host).matches()) {
        return InetAddress.getByAddress(ipv4(text, host));
      }
      if (IPV6.matcher(host).matches()) {
        return InetAddress.getByName("[" + host + "]");
      }
    } catch (UnknownHostException e) {
      throw noNetwork(text, "not an IPv6 address");
    }
    throw noNetwork(text, "neither an IPv4 nor an IPv6 address, and names are not looked up");
  }

  private static byte[] ipv4(String text, String host) {
    byte[] bytes = new byte[IPV4_BYTES];
    String[] parts = host.split("\\.");
    for (int i = 0; i < IPV4_BYTES; i++) {
      int part = Integer.parseInt(parts[i]);
      if (part > 0xff) {
        throw noNetwork(text, part + " is not within 0..255");
      }
      bytes[i] = (byte) part;
    }
    return bytes;
  }

  private static int prefix(String text, String number) {
    if (!number.matches("\\d{1,3}")) {
      throw noNetwork(text, "prefix '" + number + "' is no number of bits");
    }
    return Integer.parseInt(number);
  }

  private static IllegalArgumentException noNetwork(String text, String why) {
    return new IllegalArgumentException("'" + text + "' is no network: " + why);
  }

  private boolean isAll() {
    return first.length == 0;
  }

  /** Whether an address lies in the network. */
  public boolean contains(InetAddress address) {
    byte[] bytes = unmapped(address);
    return isAll() || bytes.length == first.length && Arrays.equals(masked(bytes, prefix), first);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Network network
        && network.prefix == prefix
        && Arrays.equals(network.first, first);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(first) + prefix;
  }

  /** As {@link #parse} reads it: the first address and the prefix, or {@code ALL}. */
  @Override
  public String toString() {
    return isAll() ? "ALL" : text() + "/" + prefix;
  }

  private String text() {
    try {
      String address = InetAddress.getByAddress(first).getHostAddress();
      return first.length == IPV4_BYTES ? address : ZEROS.matcher(address).replaceFirst("::");
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + first.length + " bytes", e);
    }
  }
}
