package org.iscsi4j.target.session;

import java.util.Optional;
import org.iscsi4j.protocol.LogoutReason;
import org.iscsi4j.protocol.LogoutRequestPdu;
import org.iscsi4j.protocol.LogoutResponse;
import org.iscsi4j.protocol.LogoutResponsePdu;

/** Logout requests (RFC 7143 sections 11.14, 11.15). */
final class Logout {

  private final SessionConnection connection;
  private final Session session;

  /** The logout requests that come over a connection. */
  Logout(SessionConnection connection) {
    this.connection = connection;
    session = connection.session();
  }

  void request(LogoutRequestPdu pdu) {
    Optional<LogoutReason> reason = LogoutReason.of(pdu.reason());
    if (reason.isEmpty() || reason.get() == LogoutReason.REMOVE_CONNECTION_FOR_RECOVERY) {
      respond(pdu, LogoutResponse.RECOVERY_NOT_SUPPORTED);
    } else if (reason.get() == LogoutReason.CLOSE_SESSION) {
      session.abortAll(); // what is outstanding ends without a response
      respond(pdu, LogoutResponse.SUCCESS);
      session.closeWhenFlushed("logout");
    } else if (pdu.cid() == connection.cid()) {
      session.endTasksOf(connection, () -> {});
      respond(pdu, LogoutResponse.SUCCESS);
      connection.loggedOut();
      connection.transport().closeWhenFlushed("logout");
    } else {
      closeAnother(pdu);
    }
  }

  private void closeAnother(LogoutRequestPdu pdu) {
    SessionConnection other = session.connection(pdu.cid());
    if (other == null) {
      respond(pdu, LogoutResponse.CID_NOT_FOUND);
      return;
    }
    session.logOut(other, "logout", () -> {});
    respond(pdu, LogoutResponse.SUCCESS);
  }

  private void respond(LogoutRequestPdu pdu, LogoutResponse response) {
    connection
        .writer()
        .send(
            new LogoutResponsePdu(
                response.code(),
                pdu.initiatorTaskTag(),
                connection.nextStatSn(),
                session.expCmdSn(),
                session.maxCmdSn(),
                session.parameters().defaultTime2Wait(),
                0)); // Time2Retain: nothing is kept at ErrorRecoveryLevel 0
    connection.flushLater();
  }
}
