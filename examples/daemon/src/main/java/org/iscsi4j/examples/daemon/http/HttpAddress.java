package org.iscsi4j.examples.daemon.http;

import java.net.InetSocketAddress;
import org.iscsi4j.api.Portal;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Where the status page is served, as an argument: {@code HOST:PORT}, an IPv6 address in brackets,
 * or {@code PORT} alone, on loopback then; port 0 lets the system choose.
 */
public final class HttpAddress implements ITypeConverter<InetSocketAddress> {

  private static final String LOOPBACK = "127.0.0.1:";

  @Override
  public InetSocketAddress convert(String text) {
    try {
      return parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /**
   * Reads an address; its host name is looked up here.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  static InetSocketAddress parse(String text) {
    boolean portAlone = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    String whole = portAlone ? LOOPBACK + text : text;
    if (whole.indexOf(',') >= 0 || whole.lastIndexOf(':') <= whole.lastIndexOf(']')) {
      throw new IllegalArgumentException("'" + text + "' is not HOST:PORT, [IPv6]:PORT or PORT");
    }
    InetSocketAddress address = Portal.parse(whole).socketAddress();
    if (address.isUnresolved()) {
      throw new IllegalArgumentException(
          "'" + text + "': the host '" + address.getHostString() + "' is not known");
    }
    return address;
  }
}
