package org.iscsi4j.api;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Where an initiator finds its target instead (RFC 7143 sections 11.13.5 and 13.8).
 *
 * @param host a host name, an IPv4 or an IPv6 address without brackets; not looked up
 * @param port 1 to 65,535
 * @param permanent whether the initiator should remember the address and not come back
 */
public record Redirect(String host, int port, boolean permanent) {

  private static final int MAX_HOST = 253;
  private static final Pattern HOST_NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\\.?");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  /** Checks the host and the port. */
  public Redirect {
    Objects.requireNonNull(host, "host");
    boolean legal = HOST_NAME.matcher(host).matches() || isIpv6(host);
    if (!legal || host.length() > MAX_HOST) {
      throw new IllegalArgumentException("'" + host + "' is neither a host name nor an address");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not within 1..65535");
    }
  }

  /**
   * For this time.
   *
   * @param address {@code HOST}, {@code HOST:PORT}, {@code [IPv6]} or {@code [IPv6]:PORT}; the port
   *     is else {@link Portal#DEFAULT_PORT}
   */
  public static Redirect temporarilyTo(String address) {
    return to(address, false);
  }

  /**
   * For good.
   *
   * @param address as of {@link #temporarilyTo}
   */
  public static Redirect permanentlyTo(String address) {
    return to(address, true);
  }

  private static Redirect to(String address, boolean permanent) {
    if (address.indexOf(',') >= 0) {
      throw new IllegalArgumentException("'" + address + "' may not name a portal group");
    }
    Portal portal = Portal.parse(address);
    return new Redirect(portal.host(), portal.port(), permanent);
  }

  private static boolean isIpv6(String host) {
    try {
      // in brackets it is never looked up
      return IPV6.matcher(host).matches() && InetAddress.getByName("[" + host + "]") != null;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** {@code HOST:PORT}, an IPv6 address in brackets. */
  public String address() {
    return Portal.format(host, port);
  }
}
