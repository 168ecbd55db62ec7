package org.iscsi4j.target.session;

import java.util.Optional;
import org.iscsi4j.protocol.LogoutReason;
import org.iscsi4j.protocol.LogoutRequestPdu;
import org.iscsi4j.protocol.LogoutResponse;
import org.iscsi4j.protocol.LogoutResponsePdu;
import org.iscsi4j.target.connection.Connection;

/** Logout requests (RFC 7143 sections 11.14, 11.15). */
final class Logout {

  private final Session session;
  private final int cid;

  /**
   * The logouts of a connection.
   *
   * @param cid its connection ID
   */
  Logout(Session session, int cid) {
    this.session = session;
    this.cid = cid;
  }

  void request(LogoutRequestPdu pdu) {
    Connection connection = session.connection();
    LogoutResponse response = response(pdu);
    boolean ends = response == LogoutResponse.SUCCESS;
    if (ends) {
      session.abortAll(); // what is outstanding ends without a response
    }
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
    if (ends) {
      connection.closeWhenFlushed("logout");
    } else {
      connection.flushLater();
    }
  }

  private LogoutResponse response(LogoutRequestPdu pdu) {
    Optional<LogoutReason> reason = LogoutReason.of(pdu.reason());
    if (reason.isEmpty() || reason.get() == LogoutReason.REMOVE_CONNECTION_FOR_RECOVERY) {
      return LogoutResponse.RECOVERY_NOT_SUPPORTED;
    }
    boolean another = reason.get() == LogoutReason.CLOSE_CONNECTION && pdu.cid() != cid;
    return another ? LogoutResponse.CID_NOT_FOUND : LogoutResponse.SUCCESS;
  }
}
