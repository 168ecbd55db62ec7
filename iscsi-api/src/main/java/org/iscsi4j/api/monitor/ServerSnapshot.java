package org.iscsi4j.api.monitor;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.iscsi4j.api.Portal;

/**
 * A server at one moment. Immutable. Each event loop tells of its own sessions when it comes to it,
 * so that two sessions may be seen some microseconds apart, and each by itself is right.
 *
 * @param name the server's name
 * @param taken when, by the clock of the machine
 * @param complete whether every event loop has answered in time; if not, the server is being
 *     closed, or a device call hangs on a loop because it was declared not to block, and what lives
 *     on that loop is missing
 * @param portals that listen
 * @param targets that are served, with their logical units
 * @param sessions whose login has ended, and which have not
 * @param logins connections whose login has not ended
 * @param loops that have answered
 */
public record ServerSnapshot(
    String name,
    Instant taken,
    boolean complete,
    List<Portal> portals,
    List<TargetSnapshot> targets,
    List<SessionSnapshot> sessions,
    List<PendingConnection> logins,
    List<LoopSnapshot> loops) {

  /** Takes copies. */
  public ServerSnapshot {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(taken, "taken");
    portals = List.copyOf(portals);
    targets = List.copyOf(targets);
    sessions = List.copyOf(sessions);
    logins = List.copyOf(logins);
    loops = List.copyOf(loops);
  }
}
