package org.iscsi4j.target.session;

import java.util.Optional;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.LogoutReason;
import org.iscsi4j.protocol.LogoutRequestPdu;
import org.iscsi4j.protocol.LogoutResponse;
import org.iscsi4j.protocol.LogoutResponsePdu;

/** Logout requests (RFC 7143 sections 11.14, 11.15). */
final class Logout {

  private static final EndReason LOGOUT = new EndReason(EndReason.Kind.LOGOUT, "logout");

  private final SessionConnection connection;
  private final Session session;

  /** The logout requests that come over a connection. */
  Logout(SessionConnection connection) {
    this.connection = connection;
    session = connection.session();
  }

  void request(LogoutRequestPdu pdu) {
    Optional<LogoutReason> reason = LogoutReason.of(pdu.reason());
    if (reason.isEmpty()) {
      respond(pdu, LogoutResponse.CLEANUP_FAILED);
    } else if (reason.get() == LogoutReason.REMOVE_CONNECTION_FOR_RECOVERY) {
      removeForRecovery(pdu);
    } else if (reason.get() == LogoutReason.CLOSE_SESSION) {
      session.abortAll(); // what is outstanding ends without a response
      respond(pdu, LogoutResponse.SUCCESS);
      session.closeWhenFlushed(LOGOUT);
    } else if (pdu.cid() == connection.cid()) {
      session.endTasksOf(connection, () -> {});
      session.connections().lost().close(pdu.cid()); // what had this CID before
      respond(pdu, LogoutResponse.SUCCESS);
      connection.loggedOut();
      connection.transport().closeWhenFlushed(LOGOUT);
    } else {
      closeAnother(pdu);
    }
  }

  private void closeAnother(LogoutRequestPdu pdu) {
    SessionConnection other = session.connections().get(pdu.cid());
    boolean lost = session.connections().lost().close(pdu.cid());
    if (other != null) {
      session.connections().logOut(other, LOGOUT, () -> {});
    }
    respond(pdu, lost || other != null ? LogoutResponse.SUCCESS : LogoutResponse.CID_NOT_FOUND);
  }

  /** The commands of the connection wait to be reassigned (RFC 7143 section 7.2.2). */
  private void removeForRecovery(LogoutRequestPdu pdu) {
    SessionConnection other = session.connections().get(pdu.cid());
    if (!connection.isRecoverable()) {
      respond(pdu, LogoutResponse.RECOVERY_NOT_SUPPORTED);
    } else if (other == null && !session.connections().lost().logOutForRecovery(pdu.cid())) {
      respond(pdu, LogoutResponse.CID_NOT_FOUND);
    } else {
      respond(pdu, LogoutResponse.SUCCESS);
      remove(other);
    }
  }

  private void remove(SessionConnection other) {
    if (other != null) {
      other.loggedOutForRecovery();
    }
    if (other == connection) {
      connection.transport().closeWhenFlushed(LOGOUT);
    } else if (other != null) {
      other.transport().close(LOGOUT);
    }
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
                connection.isRecoverable() ? session.parameters().defaultTime2Retain() : 0));
    connection.flushLater();
  }
}
