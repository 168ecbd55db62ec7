package org.iscsi4j.target.rfc7143;

import java.util.Arrays;
import java.util.List;
import org.iscsi4j.protocol.Isid;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.LoginResponsePdu;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.target.fixture.LoginAnswer;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Received;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;

/** Login requests whose every header field a test may set; fields stay as set until set again. */
final class LoginRequests {

  static final int SECURITY = 0;
  static final int OPERATIONAL = 1;
  static final int FULL_FEATURE = 3;

  static final String INITIATOR = "InitiatorName=" + LoginScript.INITIATOR;
  static final String TARGET = "TargetName=" + TestServer.TARGET;
  static final String DISCOVERY = "SessionType=Discovery";

  private final ScriptedInitiator initiator;
  int versionMax;
  int versionMin;
  long isid = 1;
  int tsih;
  int tag = 0x10;
  int cid = 1;
  int cmdSn;
  boolean immediate = true;

  LoginRequests(ScriptedInitiator initiator) {
    this.initiator = initiator;
    cmdSn = initiator.nextCmdSn();
  }

  /** Asks to go on. */
  LoginAnswer go(int stage, int next, String... pairs) {
    return send(true, false, stage, next, text(pairs));
  }

  /** Stays. */
  LoginAnswer stay(int stage, String... pairs) {
    return send(false, false, stage, 0, text(pairs));
  }

  /** Sends text that is to be continued. */
  LoginAnswer part(int stage, byte[] text) {
    return send(false, true, stage, 0, text);
  }

  LoginAnswer send(boolean transit, boolean continued, int stage, int next, byte[] text) {
    LoginRequestPdu pdu =
        new LoginRequestPdu(
            transit,
            continued,
            stage,
            next,
            versionMax,
            versionMin,
            0,
            0,
            new Isid(isid),
            tsih,
            tag,
            cid,
            cmdSn,
            initiator.expStatSn());
    byte[] bytes = initiator.bytes(pdu, text);
    if (!immediate) {
      bytes[0] &= ~0x40;
    }
    initiator.sendRaw(pdu, bytes);
    Received answer = initiator.answer(tag, "a login response");
    LoginResponsePdu response = answer.as(LoginResponsePdu.class);
    return new LoginAnswer(response, response.continued() ? List.of() : answer.keys());
  }

  /** Text of pairs written as {@code Key=value}. */
  static byte[] text(String... pairs) {
    return TextCodec.encode(
        Arrays.stream(pairs)
            .map(pair -> pair.split("=", 2))
            .map(parts -> new KeyValue(parts[0], parts[1]))
            .toList());
  }
}
