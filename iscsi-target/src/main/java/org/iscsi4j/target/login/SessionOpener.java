package org.iscsi4j.target.login;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.connection.Phase;

/** Makes a session of a login that ended well. */
public interface SessionOpener {

  /**
   * Opens a session. One that it reinstates is closed first.
   *
   * @param ready told on the connection's loop, possibly before this returns
   */
  void open(Connection connection, LoginResult login, Consumer<Opened> ready) throws LoginException;

  /**
   * A session that waits for its last login response.
   *
   * @param tsih its handle
   * @param start starts the session behind that response, and returns the phase that takes over
   */
  record Opened(int tsih, Supplier<Phase> start) {}
}
