package org.iscsi4j.examples.daemon.config;

import org.iscsi4j.api.Portal;

/**
 * A Portal line.
 *
 * @param label what its writer calls it
 * @param host an address without brackets; a wildcard is 0.0.0.0 or ::
 * @param port 0 for any free one
 */
public record PortalSpec(String label, String host, int port) {

  /** {@code HOST:PORT}, an IPv6 address in brackets. */
  @Override
  public String toString() {
    return Portal.format(host, port);
  }
}
