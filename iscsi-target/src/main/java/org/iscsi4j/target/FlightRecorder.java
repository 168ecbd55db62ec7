package org.iscsi4j.target;

import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.monitor.ConnectionInfo;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.api.monitor.LoginDecision;
import org.iscsi4j.target.session.Session;

/**
 * The way to the events of the JDK's flight recorder: none of their classes is touched where the
 * run-time image has no module jdk.jfr.
 */
final class FlightRecorder {

  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightRecorder() {}

  static void loginDecided(LoginDecision decision) {
    if (PRESENT) {
      LoginEvent.record(decision);
    }
  }

  /** A session began; its end is recorded when it comes. Called on its loop. */
  static void sessionOpened(Session session) {
    if (PRESENT) {
      SessionEvent.follow(session);
    }
  }

  /** A connection ended as neither side wanted it, or data came damaged over it. */
  static void connectionFault(
      SessionInfo session, ConnectionInfo connection, EndReason.Kind kind, String what) {
    if (PRESENT) {
      ConnectionFaultEvent.record(session, connection, kind, what);
    }
  }
}
