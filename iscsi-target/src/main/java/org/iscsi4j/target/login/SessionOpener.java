package org.iscsi4j.target.login;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.connection.Phase;

/** Makes a session of a login that ended well. */
public interface SessionOpener {

  /**
   * Opens a session, or takes the connection into the one that its login names. A session or
   * connection that the login reinstates is closed first.
   *
   * @param connection paused; moves to the loop of the session that it joins
   */
  void open(Connection connection, LoginResult login, Waiting waiting);

  /** Is told the outcome, once, on the connection's loop, possibly before {@code open} returns. */
  interface Waiting {

    /** The login may end well. */
    void opened(Opened opened);

    /** It may not. */
    void refused(LoginException why);
  }

  /**
   * A session that waits for its last login response.
   *
   * @param tsih its handle
   * @param expCmdSn CmdSN that it takes next
   * @param maxCmdSn the highest CmdSN that it takes
   * @param start starts the session behind that response, and returns the phase that takes over
   * @param giveUp takes back what the session has begun with, when that response or the start fails
   */
  record Opened(
      int tsih, int expCmdSn, int maxCmdSn, Supplier<Phase> start, Consumer<EndReason> giveUp) {}
}
