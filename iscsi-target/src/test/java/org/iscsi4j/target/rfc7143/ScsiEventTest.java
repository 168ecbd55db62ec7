package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;

import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.protocol.AsyncEvent;
import org.iscsi4j.protocol.AsyncMessagePdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Received;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.Test;

/** Unit attentions that are told before anybody asks (RFC 7143 sections 11.9.1 and 11.9.4.1). */
class ScsiEventTest {

  private static final String EVENT = "a SCSI event is told with its unit and sense data";

  private static TestServer server(boolean reports) {
    return TestServer.serving(
        settings -> settings.reportUnitAttentions(reports),
        MemoryDevice.ofSize(1 << 20),
        MemoryDevice.ofSize(1 << 20));
  }

  private static void reset(TestServer server, int lun) {
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      other.taskManagement(
          TaskManagementFunction.LOGICAL_UNIT_RESET.code(), lun, Pdu.RESERVED_TAG, 0);
    }
  }

  @Test
  @Item(value = 69, section = "11.9.4.1", rule = EVENT)
  void aUnitAttentionIsToldAtOnceAndStaysPending() {
    try (TestServer server = server(true);
        ScriptedInitiator initiator = server.login().clearUnitAttentions(1)) {
      reset(server, 1);

      Received told = initiator.awaitAsyncMessage();

      AsyncMessagePdu event = told.as(AsyncMessagePdu.class);
      assertThat(event.asyncEvent()).isEqualTo(AsyncEvent.SCSI_EVENT.code());
      assertThat(event.lun()).isEqualTo(1L << 48);
      byte[] data = told.data();
      assertThat(data.length - 2).as("SenseLength").isEqualTo(data[0] << 8 | data[1]);
      assertThat(data[2 + 2]).as("UNIT ATTENTION").isEqualTo((byte) 6);
      assertThat(data[2 + 12]).isEqualTo((byte) 0x29);
      assertThat(data[2 + 13]).isEqualTo((byte) 0x03);
      assertThat(initiator.command(Cdbs.testUnitReady()).lun(1).await().outcome())
          .isEqualTo("CHECK CONDITION 6/29/03");
    }
  }

  @Test
  @Item(value = 69, section = "11.9.4.1", rule = EVENT)
  void nobodyIsToldUnlessTheServerSaysSo() {
    try (TestServer server = server(false);
        ScriptedInitiator initiator = server.login()) {
      reset(server, 0);

      assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome())
          .isEqualTo("CHECK CONDITION 6/29/03");
      assertThat(initiator.hasAsyncMessage()).isFalse();
    }
  }
}
