package org.iscsi4j.target;

import java.util.List;
import java.util.function.Consumer;
import org.iscsi4j.api.AccessState;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.monitor.ConnectionInfo;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.api.monitor.LoginDecision;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells every listener, whatever the others throw. */
record Listeners(List<ServerListener> all) implements ServerListener {

  private static final Logger log = LoggerFactory.getLogger(Listeners.class);

  @Override
  public void sessionOpened(SessionInfo session) {
    tell(listener -> listener.sessionOpened(session));
  }

  @Override
  public void sessionClosed(SessionInfo session, EndReason reason) {
    tell(listener -> listener.sessionClosed(session, reason));
  }

  @Override
  public void connectionOpened(SessionInfo session, ConnectionInfo connection) {
    tell(listener -> listener.connectionOpened(session, connection));
  }

  @Override
  public void connectionClosed(SessionInfo session, ConnectionInfo connection, EndReason reason) {
    tell(listener -> listener.connectionClosed(session, connection, reason));
  }

  @Override
  public void loginDecided(LoginDecision decision) {
    tell(listener -> listener.loginDecided(decision));
  }

  @Override
  public void unitStateChanged(LogicalUnit unit, UnitAvailability availability, boolean readOnly) {
    tell(listener -> listener.unitStateChanged(unit, availability, readOnly));
  }

  @Override
  public void unitCapacityChanged(LogicalUnit unit, Geometry geometry) {
    tell(listener -> listener.unitCapacityChanged(unit, geometry));
  }

  @Override
  public void accessStateChanged(int portalGroup, AccessState state) {
    tell(listener -> listener.accessStateChanged(portalGroup, state));
  }

  private void tell(Consumer<ServerListener> event) {
    for (ServerListener listener : all) {
      try {
        event.accept(listener);
      } catch (Throwable e) {
        // an assertion of a test among them: it must not take the server's thread with it
        log.warn("listener {} failed", listener, e);
      }
    }
  }
}
