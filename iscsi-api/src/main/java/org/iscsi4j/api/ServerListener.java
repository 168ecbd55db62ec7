package org.iscsi4j.api;

import org.iscsi4j.api.monitor.ConnectionInfo;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.api.monitor.LoginDecision;
import org.iscsi4j.api.monitor.UnitAvailability;

/**
 * Told what happens in a server. Methods are called on the server's own threads: they must return
 * at once, and what they throw is logged and otherwise ignored.
 */
public interface ServerListener {

  /**
   * A login ended: with a session, or with a connection of one, or not. A connection that goes away
   * before its login was decided is not told.
   */
  default void loginDecided(LoginDecision decision) {}

  /** A login ended well and the session takes commands from now on. */
  default void sessionOpened(SessionInfo session) {}

  /** A session ended, and its connections have before it. */
  default void sessionClosed(SessionInfo session, EndReason reason) {}

  /** A session has a connection more; of the first one this is told behind its opening. */
  default void connectionOpened(SessionInfo session, ConnectionInfo connection) {}

  /**
   * A session has a connection less; its commands may go on over others (ErrorRecoveryLevel 2, RFC
   * 7143 section 7.2.2).
   */
  default void connectionClosed(SessionInfo session, ConnectionInfo connection, EndReason reason) {}

  /**
   * Initiators can do more or less with a logical unit from now on, whatever targets it stands in:
   * because the host said so, in which case this is called on the host's thread, or because an
   * initiator ejected or loaded the medium.
   *
   * @param readOnly whether the host or the device keeps every initiator from writing
   */
  default void unitStateChanged(
      LogicalUnit unit, UnitAvailability availability, boolean readOnly) {}

  /** The device of a logical unit became larger or smaller, and initiators were told. */
  default void unitCapacityChanged(LogicalUnit unit, Geometry geometry) {}

  /**
   * The logical units can be reached better or worse through a portal group from now on: because
   * the host said so, in which case this is called on the host's thread, or because an initiator
   * demanded it (SET TARGET PORT GROUPS).
   */
  default void accessStateChanged(int portalGroup, AccessState state) {}
}
