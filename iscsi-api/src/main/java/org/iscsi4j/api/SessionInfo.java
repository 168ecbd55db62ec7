package org.iscsi4j.api;

import java.util.Objects;
import java.util.Optional;
import org.iscsi4j.api.access.Initiator;

/**
 * A session: who talks to whom. Immutable.
 *
 * @param initiator the initiator, with the addresses of the leading connection
 * @param isid the initiator's part of the session identifier, 48 bits
 * @param tsih the target's part of the session identifier, 1 to 65,535
 * @param target the target's name; empty for a discovery session
 */
public record SessionInfo(Initiator initiator, long isid, int tsih, Optional<IscsiName> target) {

  /** Checks that nothing is missing. */
  public SessionInfo {
    Objects.requireNonNull(initiator, "initiator");
    Objects.requireNonNull(target, "target");
  }

  /** Whether the session may only discover targets. */
  public boolean discovery() {
    return target.isEmpty();
  }
}
