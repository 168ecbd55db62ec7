package org.iscsi4j.target;

import java.net.SocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.iscsi4j.api.AccessState;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionInfo;
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
  public void sessionClosed(SessionInfo session, String reason) {
    tell(listener -> listener.sessionClosed(session, reason));
  }

  @Override
  public void loginRefused(SocketAddress remote, String reason) {
    tell(listener -> listener.loginRefused(remote, reason));
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
