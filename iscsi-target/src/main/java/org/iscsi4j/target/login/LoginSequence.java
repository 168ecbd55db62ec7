package org.iscsi4j.target.login;

import java.util.Optional;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.LoginStage;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.SerialNumber;

/**
 * What holds for the headers of one login's requests, whatever their text says (RFC 7143 sections
 * 6.3 and 11.12), and how many and how long they may be. The I bit may be missing: a login request
 * is immediate with or without it.
 */
final class LoginSequence {

  /** A login with CHAP and every key there is takes six. */
  static final int MAX_REQUESTS = 64;

  /** Text of all requests together. */
  static final int MAX_BYTES = 64 * 1024;

  private LoginRequestPdu first;
  private LoginRequestPdu before;
  private int requests;
  private int bytes;

  /** Takes the header of the next request. */
  void next(LoginRequestPdu pdu) throws LoginException {
    checkVersion(pdu);
    checkBounds(pdu);
    checkStages(pdu);
    if (first == null) {
      first = pdu;
    } else {
      checkConstants(pdu);
    }
    before = pdu;
  }

  /** The first request, if it has come. */
  Optional<LoginRequestPdu> first() {
    return Optional.ofNullable(first);
  }

  private static void checkVersion(LoginRequestPdu pdu) throws LoginException {
    if (pdu.versionMin() > 0) {
      throw new LoginException(
          LoginStatus.UNSUPPORTED_VERSION, "Version-min " + pdu.versionMin() + " exceeds 0");
    }
  }

  private void checkBounds(LoginRequestPdu pdu) throws LoginException {
    requests++;
    bytes += pdu.dataSegmentLength();
    if (requests > MAX_REQUESTS) {
      throw error("more than " + MAX_REQUESTS + " login requests");
    }
    if (bytes > MAX_BYTES) {
      throw error("more than " + MAX_BYTES + " bytes of text in one login");
    }
  }

  private void checkStages(LoginRequestPdu pdu) throws LoginException {
    int stage = pdu.currentStage();
    int next = pdu.nextStage(); // reserved without T
    boolean known = stage == LoginStage.SECURITY || stage == LoginStage.OPERATIONAL;
    boolean forward = next > stage && LoginStage.isDefined(next);
    if (!known || (pdu.transit() && !forward)) {
      throw error("no way from stage " + stage + " to stage " + next);
    }
    if (pdu.transit() && pdu.continued()) {
      throw error("T and C are both set");
    }
    if (before != null && before.continued() && stage != before.currentStage()) {
      throw error("CSG changes in the middle of a text");
    }
  }

  /**
   * What every request of a login repeats. The Initiator Task Tag should be there too, but some
   * initiators give each request its own, and take the answer that has it: no harm done.
   */
  private void checkConstants(LoginRequestPdu pdu) throws LoginException {
    unchanged("Version-max", pdu.versionMax(), first.versionMax());
    unchanged("ISID", pdu.isid(), first.isid());
    unchanged("TSIH", pdu.tsih(), first.tsih());
    unchanged("CID", pdu.cid(), first.cid());
    // the session that a connection joins may go on with commands meanwhile (section 11.12.8)
    boolean inOrder =
        first.tsih() == 0
            ? pdu.cmdSn() == first.cmdSn()
            : SerialNumber.lessOrEqual(before.cmdSn(), pdu.cmdSn());
    if (!inOrder) {
      throw error("CmdSN " + pdu.cmdSn() + " follows " + before.cmdSn() + " in one login");
    }
  }

  private static void unchanged(String field, Object value, Object wanted) throws LoginException {
    if (!value.equals(wanted)) {
      throw error(field + " " + value + " follows " + wanted + " in one login");
    }
  }

  private static LoginException error(String message) {
    return new LoginException(LoginStatus.INITIATOR_ERROR, message);
  }
}
