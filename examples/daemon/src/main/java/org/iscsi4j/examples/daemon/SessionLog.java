package org.iscsi4j.examples.daemon;

import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.monitor.EndReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs who comes and goes. Refused logins are logged by the server itself. */
final class SessionLog implements ServerListener {

  private static final Logger log = LoggerFactory.getLogger(SessionLog.class);

  @Override
  public void sessionOpened(SessionInfo session) {
    log.info(
        "{} from {} opened {}",
        session.initiator().name(),
        session.initiator().remote(),
        what(session));
  }

  @Override
  public void sessionClosed(SessionInfo session, EndReason reason) {
    log.info(
        "{} from {} closed {}: {}",
        session.initiator().name(),
        session.initiator().remote(),
        what(session),
        reason);
  }

  private static String what(SessionInfo session) {
    return session.target().map(IscsiName::toString).orElse("discovery");
  }
}
