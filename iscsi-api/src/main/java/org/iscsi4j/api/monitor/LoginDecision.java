package org.iscsi4j.api.monitor;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.access.Initiator;

/**
 * How a login was decided (RFC 7143 section 6.3). Immutable; never holds a secret.
 *
 * @param remote the peer's address
 * @param initiator who it is, as far as it came to say so: with the user that it proved to be
 * @param target the name that it wanted; empty for discovery, and when none was told
 * @param tsih the session that it is in now, or had asked to join, or 0
 * @param statusClass 0 success, 1 redirection, 2 initiator error, 3 target error (RFC 7143 section
 *     11.13.5)
 * @param statusDetail of that class, 0 to 255
 * @param reason why it did not get in, for people; empty when it did
 * @param took the time since the connection came
 */
public record LoginDecision(
    InetSocketAddress remote,
    Optional<Initiator> initiator,
    Optional<IscsiName> target,
    int tsih,
    int statusClass,
    int statusDetail,
    String reason,
    Duration took) {

  /** Checks that nothing is missing. */
  public LoginDecision {
    Objects.requireNonNull(remote, "remote");
    Objects.requireNonNull(initiator, "initiator");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(took, "took");
  }

  /** Whether the initiator is in. */
  public boolean accepted() {
    return statusClass == 0;
  }

  /** Whether it was sent to another address. */
  public boolean redirected() {
    return statusClass == 1;
  }
}
