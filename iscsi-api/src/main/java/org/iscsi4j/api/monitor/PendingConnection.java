package org.iscsi4j.api.monitor;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;

/**
 * A connection whose login has not ended, at one moment. Immutable.
 *
 * @param remote the peer's address
 * @param local the portal's address that it came to
 * @param bytesIn bytes received so far
 * @param age since it was accepted
 */
public record PendingConnection(
    InetSocketAddress remote, InetSocketAddress local, long bytesIn, Duration age) {

  /** Checks that nothing is missing. */
  public PendingConnection {
    Objects.requireNonNull(remote, "remote");
    Objects.requireNonNull(local, "local");
    Objects.requireNonNull(age, "age");
  }
}
