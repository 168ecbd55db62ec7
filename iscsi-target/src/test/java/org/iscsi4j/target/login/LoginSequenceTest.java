package org.iscsi4j.target.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.iscsi4j.protocol.Isid;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.LoginStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoginSequenceTest {

  private static final int CMD_SN = 0x7fff_ffff;

  private final LoginSequence sequence = new LoginSequence();

  private static LoginRequestPdu header(String flags, int stage, int next) {
    return header(flags, stage, next, 0, 0, 0, 1, 0, 2, 3, CMD_SN);
  }

  private static LoginRequestPdu header(
      String flags,
      int stage,
      int next,
      int versionMax,
      int versionMin,
      int length,
      long isid,
      int tsih,
      int tag,
      int cid,
      int cmdSn) {
    return new LoginRequestPdu(
        flags.contains("T"),
        flags.contains("C"),
        stage,
        next,
        versionMax,
        versionMin,
        0,
        length,
        new Isid(isid),
        tsih,
        tag,
        cid,
        cmdSn,
        0);
  }

  private static LoginRequestPdu ofLength(int bytes) {
    return header("", 0, 0, 0, 0, bytes, 1, 0, 2, 3, CMD_SN);
  }

  private static LoginRequestPdu joining(int cmdSn) {
    return header("", 0, 0, 0, 0, 0, 1, 42, 2, 3, cmdSn);
  }

  private LoginStatus refusal(LoginRequestPdu pdu) {
    LoginException refused = catchThrowableOfType(LoginException.class, () -> sequence.next(pdu));
    assertThat(refused).as("login is refused").isNotNull();
    return refused.status();
  }

  @ParameterizedTest
  @CsvSource({"T, 0, 1", "T, 0, 3", "T, 1, 3", "C, 0, 0", "'', 0, 2", "'', 1, 0", "C, 1, 3"})
  void waysThatThereAre(String flags, int stage, int next) throws Exception {
    sequence.next(header(flags, stage, next));

    assertThat(sequence.first()).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "T, 0, 0",
    "T, 0, 2",
    "T, 1, 1",
    "T, 1, 0",
    "T, 1, 2",
    "'', 2, 0",
    "T, 2, 3",
    "'', 3, 0",
    "T, 3, 3",
    "TC, 0, 1"
  })
  void waysThatThereAreNot(String flags, int stage, int next) {
    assertThat(refusal(header(flags, stage, next))).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "255, 255", "0, 1"})
  void versionsThatLeaveOutOurs(int max, int min) {
    assertThat(refusal(header("", 0, 0, max, min, 0, 1, 0, 2, 3, CMD_SN)))
        .isEqualTo(LoginStatus.UNSUPPORTED_VERSION);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 255})
  void versionsThatHaveOurs(int max) {
    assertThatCode(() -> sequence.next(header("", 0, 0, max, 0, 0, 1, 0, 2, 3, CMD_SN)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest(name = "max={0} ISID={1} TSIH={2} CID={3} CmdSN={4}")
  @CsvSource({
    "1, 1, 0, 3, 0x7fffffff",
    "0, 9, 0, 3, 0x7fffffff",
    "0, 1, 9, 3, 0x7fffffff",
    "0, 1, 0, 9, 0x7fffffff",
    "0, 1, 0, 3, 0x7ffffffe"
  })
  void fieldsThatChange(int max, long isid, int tsih, int cid, String cmdSn) throws Exception {
    sequence.next(header("", 0, 0));

    assertThat(refusal(header("", 0, 0, max, 0, 0, isid, tsih, 2, cid, Integer.decode(cmdSn))))
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void cmdSnThatCountsOnInALeadingLogin() throws Exception {
    sequence.next(header("", 0, 0));

    assertThat(refusal(header("", 0, 0, 0, 0, 0, 1, 0, 2, 3, CMD_SN + 1)))
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void commandsOfTheSessionGoOnWhileAConnectionJoins() throws Exception {
    sequence.next(joining(CMD_SN));
    sequence.next(joining(CMD_SN + 2)); // across the sign
    sequence.next(joining(CMD_SN + 2));

    assertThat(refusal(joining(CMD_SN + 1))).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void stageThatChangesInTheMiddleOfAText() throws Exception {
    sequence.next(header("C", 0, 0));

    assertThat(refusal(header("", 1, 0))).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void requestsWithoutEnd() throws Exception {
    for (int i = 0; i < LoginSequence.MAX_REQUESTS; i++) {
      sequence.next(header("", 0, 0));
    }

    assertThat(refusal(header("", 0, 0))).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void textWithoutEnd() throws Exception {
    for (int i = 0; i < LoginSequence.MAX_BYTES / 8192; i++) {
      sequence.next(ofLength(8192));
    }

    assertThat(refusal(ofLength(1))).isEqualTo(LoginStatus.INITIATOR_ERROR);
  }
}
