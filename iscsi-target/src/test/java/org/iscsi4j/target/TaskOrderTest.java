package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Task attributes on the wire: commands that wait for their turn, and what came with them. */
class TaskOrderTest {

  private static final int LENGTH = 65_536;

  private GatedDevice device;
  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    device = new GatedDevice(8 << 20);
    server = TestServer.serving(settings -> settings.eventLoops(1), device);
    initiator = server.login(login -> login.offer("InitialR2T", "No")).clearUnitAttentions(0);
  }

  @AfterEach
  void stop() {
    device.release();
    initiator.close();
    server.close();
  }

  /** Data that comes before the command's turn is kept for it, however it comes. */
  @ParameterizedTest
  @CsvSource({"0, 0", "512, 0", "65536, 0", "0, 65536", "4096, 8192", "4096, 61440"})
  void orderedWriteWaitsWithItsData(int immediate, int unsolicited) {
    byte[] data = Patterns.bytes(LENGTH, 7);
    device.hold();
    Exchange older = initiator.command(Cdbs.read10(0, 8)).read(4096).send();
    GatedDevice.Call olderCall = device.awaitCall();

    Exchange write =
        initiator
            .command(Cdbs.write10(0, LENGTH / 512))
            .attribute(ScsiCommandPdu.ORDERED)
            .write(data)
            .immediate(immediate)
            .unsolicited(unsolicited)
            .send();
    Exchange younger = initiator.command(Cdbs.read10(0, LENGTH / 512)).read(LENGTH).send();
    // its answer shows that the others have been taken, and is not held up
    initiator.ping(new byte[8]);
    assertThat(device.callsUnseen()).as("calls while the older one is in the device").isZero();

    olderCall.finish();
    device.release();
    assertSame(older.await().data(), new byte[4096]);
    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(younger.await().data(), data);
  }

  @Test
  void waitingWriteCanBeAborted() {
    device.hold();
    Exchange older = initiator.command(Cdbs.read10(0, 8)).read(4096).send();
    device.awaitCall();
    Exchange write =
        initiator
            .command(Cdbs.write10(0, 8))
            .attribute(ScsiCommandPdu.ORDERED)
            .write(Patterns.bytes(4096, 3))
            .immediate(512)
            .send();

    assertThat(initiator.abort(write)).isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE.code());

    device.release();
    older.await();
    assertSame(initiator.read(0, 8), new byte[4096]);
  }

  @Test
  void clearAcaEndsTheConditionOfTheNexusThatMetIt() {
    byte[] beyond = Cdbs.read10(0x00ff_ffff, 1);
    beyond[9] = 0x04; // NACA
    try (ScriptedInitiator other = server.login(login -> login.isid(2)).clearUnitAttentions(0)) {
      assertThat(initiator.command(beyond).read(512).await().outcome())
          .startsWith("CHECK CONDITION 5/21");
      assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("status 30");
      assertThat(other.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("status 08");

      assertThat(clearAca(other)).isEqualTo(TaskManagementResponse.FUNCTION_REJECTED.code());
      assertThat(clearAca(initiator)).isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE.code());
      assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
      assertThat(other.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
      assertThat(clearAca(other))
          .as("there is none")
          .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE.code());
    }
  }

  /** MODE SELECT(6) of the control page: queue error management, and TASK ABORTED status. */
  private void control(int queueErrorManagement, boolean taskAbortedStatus) {
    byte[] sense = {0x1a, 0x08, 0x0a, 0, (byte) 0xff, 0};
    byte[] list = initiator.command(sense).read(255).await().data();
    list[0] = 0; // reserved in a list
    list[2] = 0;
    list[7] |= (byte) (queueErrorManagement << 1);
    list[9] |= (byte) (taskAbortedStatus ? 0x40 : 0);
    byte[] select = {0x15, 0x10, 0, 0, (byte) list.length, 0};
    assertThat(initiator.command(select).write(list).await().outcome()).isEqualTo("GOOD");
  }

  @Test
  void commandsThatAnotherInitiatorEndsAreAnsweredWhenTheModePageSaysSo() {
    control(0, true);
    try (ScriptedInitiator other = server.login(login -> login.isid(2)).clearUnitAttentions(0)) {
      device.hold();
      Exchange read = initiator.command(Cdbs.read10(0, 8)).read(4096).send();
      device.awaitCall();
      Exchange write =
          initiator.command(Cdbs.write10(8, 8)).write(new byte[4096]).immediate(512).send();
      initiator.ping(new byte[8]); // both have been taken
      int tag =
          other.sendTaskManagement(
              TaskManagementFunction.CLEAR_TASK_SET.code(),
              0,
              Pdu.RESERVED_TAG,
              0,
              other.nextCmdSn());

      assertThat(read.await().outcome()).as("TASK ABORTED").isEqualTo("status 40");
      assertThat(write.await().outcome()).isEqualTo("status 40");
      device.release();
      assertThat(other.taskManagementAnswer(tag))
          .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE.code());
      assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome())
          .as("the answers said it all")
          .isEqualTo("GOOD");
    }
  }

  @Test
  void oneErrorEndsTheOthersWhenTheModePageSaysSo() {
    control(3, false);
    device.hold();
    Exchange read = initiator.command(Cdbs.read10(0, 8)).read(4096).send();
    device.awaitCall();

    assertThat(initiator.command(Cdbs.read10(0x00ff_ffff, 1)).read(512).await().outcome())
        .startsWith("CHECK CONDITION 5/21");

    initiator.forget(read); // an answer to it would be a violation from now on
    device.release();
    assertSame(initiator.read(0, 8), new byte[4096]);
  }

  private static int clearAca(ScriptedInitiator by) {
    return by.taskManagement(TaskManagementFunction.CLEAR_ACA.code(), 0, Pdu.RESERVED_TAG, 0);
  }
}
