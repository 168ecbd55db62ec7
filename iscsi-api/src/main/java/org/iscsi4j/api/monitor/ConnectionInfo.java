package org.iscsi4j.api.monitor;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * A connection of a session (RFC 7143 section 4.2.1). Immutable.
 *
 * @param cid the initiator's name for it within the session, 0 to 65,535; one that reinstates
 *     another has the same
 * @param remote the initiator's address
 * @param local the portal's address that the initiator came to
 * @param portalGroup the portal's group tag, 1 to 65,535
 */
public record ConnectionInfo(
    int cid, InetSocketAddress remote, InetSocketAddress local, int portalGroup) {

  /** Checks that nothing is missing. */
  public ConnectionInfo {
    Objects.requireNonNull(remote, "remote");
    Objects.requireNonNull(local, "local");
  }
}
