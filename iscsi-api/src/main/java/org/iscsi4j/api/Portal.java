package org.iscsi4j.api;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * An address where a server listens (RFC 7143 section 4.2.1: a network portal) and the portal group
 * that it belongs to.
 *
 * @param host a name, an IPv4 or an IPv6 address without brackets; {@code 0.0.0.0} listens on every
 *     IPv4 address, {@code ::} on every address
 * @param port 0 to 65,535; 0 lets the system choose
 * @param groupTag portal group tag, 1 to 65,535
 * @param advertised what discovery tells initiators instead, for a server behind address
 *     translation
 * @param tls how connections are encrypted, which is an extension of this server; they are plain
 *     unless set
 */
public record Portal(
    String host,
    int port,
    int groupTag,
    Optional<Advertised> advertised,
    Optional<TlsSettings> tls) {

  /** The port that IANA assigned to iSCSI. */
  public static final int DEFAULT_PORT = 3260;

  /**
   * An address under which initiators reach a portal.
   *
   * @param host a name, an IPv4 or an IPv6 address without brackets
   * @param port 1 to 65,535
   */
  public record Advertised(String host, int port) {

    /** Checks the host and the port. */
    public Advertised {
      Objects.requireNonNull(host, "host");
      if (host.isEmpty()) {
        throw new IllegalArgumentException("host is empty");
      }
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("port " + port + " is not within 1..65535");
      }
    }
  }

  /** Checks the host, the port and the tag. */
  public Portal {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(advertised, "advertised");
    Objects.requireNonNull(tls, "tls");
    if (host.isEmpty()) {
      throw new IllegalArgumentException("host is empty");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not within 0..65535");
    }
    if (groupTag < 1 || groupTag > 65_535) {
      throw new IllegalArgumentException(
          "portal group tag " + groupTag + " is not within 1..65535");
    }
  }

  /** A portal in group 1. */
  public static Portal of(String host, int port) {
    return new Portal(host, port, 1, Optional.empty(), Optional.empty());
  }

  /** A loopback portal on a port that the system chooses. */
  public static Portal loopback() {
    return of("127.0.0.1", 0);
  }

  /**
   * Reads {@code HOST}, {@code HOST:PORT}, {@code [IPv6]} or {@code [IPv6]:PORT}, each maybe with
   * {@code ,TAG} behind it, the group tag, which is else 1.
   */
  public static Portal parse(String text) {
    int comma = text.indexOf(',');
    if (comma >= 0) {
      int tag = parseNumber(text, "portal group tag", text.substring(comma + 1));
      return parse(text.substring(0, comma)).withGroupTag(tag);
    }
    int bracket = text.lastIndexOf(']');
    int colon = text.indexOf(':', Math.max(bracket, 0));
    if (text.startsWith("[") != (bracket >= 0)) {
      throw new IllegalArgumentException("'" + text + "' has unbalanced brackets");
    }
    if (bracket < 0 && colon != text.lastIndexOf(':')) {
      throw new IllegalArgumentException("'" + text + "': put an IPv6 address in brackets");
    }
    String host = colon < 0 ? text : text.substring(0, colon);
    if (bracket > 0) {
      if (bracket != host.length() - 1) {
        throw new IllegalArgumentException("'" + text + "' is not of the form [IPv6]:PORT");
      }
      host = host.substring(1, bracket);
    }
    return of(
        host, colon < 0 ? DEFAULT_PORT : parseNumber(text, "port", text.substring(colon + 1)));
  }

  /** The same in another portal group. */
  public Portal withGroupTag(int tag) {
    return new Portal(host, port, tag, advertised, tls);
  }

  /** The same on another port, such as the one that the system chose. */
  public Portal withPort(int newPort) {
    return new Portal(host, newPort, groupTag, advertised, tls);
  }

  /** The same, told to initiators under another address. */
  public Portal advertisedAs(String otherHost, int otherPort) {
    return new Portal(host, port, groupTag, Optional.of(new Advertised(otherHost, otherPort)), tls);
  }

  /** The same with TLS on every connection; see {@link TlsSettings} for what that is for. */
  public Portal withTls(TlsSettings settings) {
    return new Portal(host, port, groupTag, advertised, Optional.of(settings));
  }

  /** The address to bind; the host name is looked up here. */
  public InetSocketAddress socketAddress() {
    return new InetSocketAddress(host, port);
  }

  /** {@code HOST:PORT}, an IPv6 address in brackets. */
  @Override
  public String toString() {
    return format(host, port);
  }

  /** {@code HOST:PORT}, an IPv6 address in brackets. */
  public static String format(String host, int port) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  private static int parseNumber(String text, String what, String number) {
    try {
      return Integer.parseInt(number);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "': " + what + " '" + number + "' is no number", e);
    }
  }
}
