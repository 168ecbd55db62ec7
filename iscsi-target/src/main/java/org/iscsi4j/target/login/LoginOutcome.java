package org.iscsi4j.target.login;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.protocol.LoginStatus;

/**
 * How a login was decided. Never holds a secret.
 *
 * @param remote the peer's address
 * @param initiator who it is, as far as it came to say so: with the user that it proved to be
 * @param target the name that it wanted; empty for discovery, and when none was told
 * @param tsih the session that it is in now, or had asked to join, or 0
 * @param status what the initiator was told: success, another address, or why not
 * @param reason why it did not get in, for people; empty when it did
 * @param took the time since the connection came
 */
public record LoginOutcome(
    InetSocketAddress remote,
    Optional<Initiator> initiator,
    Optional<IscsiName> target,
    int tsih,
    LoginStatus status,
    String reason,
    Duration took) {

  /** Whether the initiator is in. */
  public boolean accepted() {
    return status == LoginStatus.SUCCESS;
  }
}
