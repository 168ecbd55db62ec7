package org.iscsi4j.api;

import java.net.SocketAddress;

/**
 * A session as listeners see it. Immutable.
 *
 * @param initiator the initiator's name
 * @param isid the initiator's part of the session identifier, 48 bits
 * @param tsih the target's part of the session identifier, 1 to 65,535
 * @param target the target's name; empty text for a discovery session
 * @param remote the initiator's address, of the leading connection
 * @param local the portal's address, of the leading connection
 */
public record SessionInfo(
    IscsiName initiator,
    long isid,
    int tsih,
    String target,
    SocketAddress remote,
    SocketAddress local) {

  /** Whether the session may only discover targets. */
  public boolean discovery() {
    return target.isEmpty();
  }
}
