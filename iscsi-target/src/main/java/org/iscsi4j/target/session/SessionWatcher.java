package org.iscsi4j.target.session;

import org.iscsi4j.api.monitor.ConnectionInfo;
import org.iscsi4j.api.monitor.EndReason;

/** Told what becomes of the connections of a session, on its loop. */
public interface SessionWatcher {

  /** A connection takes part from now on. */
  default void connectionOpened(ConnectionInfo connection) {}

  /** It does not any more. */
  default void connectionClosed(ConnectionInfo connection, EndReason reason) {}

  /** Data came damaged over a connection, which goes on. */
  default void damaged(ConnectionInfo connection, String what) {}
}
