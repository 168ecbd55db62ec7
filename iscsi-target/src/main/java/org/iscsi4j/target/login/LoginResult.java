package org.iscsi4j.target.login;

import java.util.Optional;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.protocol.Isid;
import org.iscsi4j.protocol.OperationalParameters;

/**
 * A login that is about to end well.
 *
 * @param initiator with the user that it proved to be
 * @param admission what the policy said of the target; empty for discovery
 * @param terms what the session, or the connection that joins one, is held to
 * @param tsih the session that the connection joins, or 0 for a new one
 * @param expStatSn what the first request acknowledges of a connection that it reinstates
 * @param cmdSn CmdSN of the login, where the session's commands begin
 */
public record LoginResult(
    Initiator initiator,
    Optional<LoginPolicy.Admission> admission,
    SessionTerms terms,
    Isid isid,
    int cid,
    int tsih,
    int cmdSn,
    int expStatSn,
    OperationalParameters parameters) {

  /** Where to; empty for discovery. */
  public Optional<Target> target() {
    return admission.map(LoginPolicy.Admission::target);
  }
}
