package org.iscsi4j.target;

import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.monitor.ConnectionInfo;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.api.monitor.LoginDecision;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.UnitListener;
import org.iscsi4j.target.login.LoginOutcome;
import org.iscsi4j.target.session.Session;
import org.iscsi4j.target.session.SessionWatcher;

/** Tells the host's listeners and the flight recorder of logins, sessions and units. */
final class Reports implements UnitListener {

  private final ServerListener listener;

  Reports(ServerListener listener) {
    this.listener = listener;
  }

  /** A login was decided. */
  void loginDecided(LoginOutcome outcome) {
    LoginStatus status = outcome.status();
    LoginDecision decision =
        new LoginDecision(
            outcome.remote(),
            outcome.initiator(),
            outcome.target(),
            outcome.tsih(),
            status.statusClass(),
            status.statusDetail(),
            outcome.reason(),
            outcome.took());
    FlightRecorder.loginDecided(decision);
    listener.loginDecided(decision);
  }

  /** A session begins; what becomes of it is told too. Called on its loop. */
  void opened(Session session) {
    SessionInfo info = session.info();
    session.opened(watcher(info));
    FlightRecorder.sessionOpened(session);
    listener.sessionOpened(info);
    session.whenClosed(reason -> listener.sessionClosed(info, reason));
  }

  @Override
  public void changed(DeviceServer unit, UnitAvailability availability, boolean readOnly) {
    listener.unitStateChanged(unit.unit(), availability, readOnly);
  }

  @Override
  public void resized(DeviceServer unit, Geometry geometry) {
    listener.unitCapacityChanged(unit.unit(), geometry);
  }

  private SessionWatcher watcher(SessionInfo session) {
    return new SessionWatcher() {
      @Override
      public void connectionOpened(ConnectionInfo connection) {
        listener.connectionOpened(session, connection);
      }

      @Override
      public void connectionClosed(ConnectionInfo connection, EndReason reason) {
        if (reason.kind().isFault()) {
          FlightRecorder.connectionFault(session, connection, reason.kind(), reason.text());
        }
        listener.connectionClosed(session, connection, reason);
      }

      @Override
      public void damaged(ConnectionInfo connection, String what) {
        FlightRecorder.connectionFault(session, connection, EndReason.Kind.DIGEST_ERROR, what);
      }
    };
  }
}
