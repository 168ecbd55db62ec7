package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.time.Duration;
import org.iscsi4j.protocol.LogoutResponse;
import org.iscsi4j.protocol.LogoutResponsePdu;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands that outlive their connection, at ErrorRecoveryLevel 2. */
class ConnectionRecoveryTest {

  private static final int RECOVERY = 2;
  private static final int COMPLETE = TaskManagementResponse.FUNCTION_COMPLETE.code();
  private static final int BIG = 256 * 1024;

  private GatedDevice device;
  private TestServer server;
  private ScriptedInitiator first;

  @BeforeEach
  void start() {
    device = new GatedDevice(4 << 20);
    server =
        TestServer.serving(
            builder -> builder.errorRecoveryLevel(2).eventLoops(2).defaultTime2Wait(Duration.ZERO),
            device);
    first = server.login(login -> recovering(login, 20));
  }

  private LoginScript recovering(LoginScript login, int time2Retain) {
    return login
        .cid(1)
        .offer("ErrorRecoveryLevel", 2)
        .offer("MaxConnections", 4)
        .offer("DefaultTime2Wait", 0)
        .offer("DefaultTime2Retain", time2Retain);
  }

  @AfterEach
  void stop() {
    device.release();
    first.close();
    server.close();
  }

  private byte[] onTheDisk(int bytes) {
    byte[] data = Patterns.bytes(bytes, 17);
    first.write(0, data);
    return data;
  }

  private Exchange bigRead() {
    return first.command(Cdbs.read10(0, BIG / Cdbs.BLOCK)).read(BIG).send();
  }

  private Exchange bigReadInTheDevice() {
    device.hold();
    Exchange read = bigRead();
    device.awaitCall();
    return read;
  }

  private Exchange bigReadThatIsLostInTheMiddle() {
    Exchange read = bigRead();
    while (read.nextDataSn() < 5) {
      first.receive();
    }
    first.reset();
    return read;
  }

  private static void assertEndsWith(byte[] data, Exchange read) {
    assertThat(read.await().outcome()).isEqualTo("GOOD");
    assertSame(read.data(), data);
  }

  // ---- reading -------------------------------------------------------------------------------

  @Test
  @Item(value = 67, section = "7.2.2", rule = "a read goes on over another connection")
  void readInTheDeviceGoesOnOverAnotherConnection() {
    byte[] data = onTheDisk(BIG);
    Exchange read = bigReadInTheDevice();
    first.reset();

    try (ScriptedInitiator second = first.join(2)) {
      assertThat(second.logoutForRecovery(1).response()).isEqualTo(LogoutResponse.SUCCESS.code());
      assertThat(second.reassign(read, 0)).isEqualTo(COMPLETE);
      device.release();

      assertEndsWith(data, read);
    }
  }

  @Test
  @Item(value = 67, section = "7.2.2", rule = "a read goes on over another connection")
  void readThatEndedMeanwhileIsAnsweredOverAnotherConnection() {
    byte[] data = onTheDisk(BIG);
    Exchange read = bigReadInTheDevice();
    first.reset();

    try (ScriptedInitiator second = first.join(2)) {
      device.release();
      second.logoutForRecovery(1);
      assertThat(second.reassign(read, 0)).isEqualTo(COMPLETE);

      assertEndsWith(data, read);
    }
  }

  @Test
  @Item(value = 67, section = "11.5.6", rule = "data that is not acknowledged comes again")
  void dataComesAgainFromWhereTheInitiatorWantsIt() {
    byte[] data = onTheDisk(BIG);
    Exchange read = bigReadThatIsLostInTheMiddle();

    try (ScriptedInitiator again = first.join(1)) {
      assertThat(again.reassign(read, 3)).isEqualTo(COMPLETE);

      assertEndsWith(data, read);
    }
  }

  @Test
  @Item(value = 67, section = "11.5.6", rule = "data is cut to the limit of the new connection")
  void dataIsCutToTheLimitOfTheNewConnection() {
    byte[] data = onTheDisk(BIG);
    Exchange read = bigReadThatIsLostInTheMiddle();

    try (ScriptedInitiator again =
        first.joining(1).offer("MaxRecvDataSegmentLength", 1024).perform()) {
      assertThat(again.reassign(read, 0)).isEqualTo(COMPLETE);

      assertEndsWith(data, read);
    }
  }

  @Test
  @Item(value = 67, section = "7.2.2", rule = "a status that is not acknowledged comes again")
  void statusThatIsNotAcknowledgedComesAgain() {
    byte[] data = onTheDisk(Cdbs.BLOCK);
    Exchange acknowledged = first.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).await();
    first.holdExpStatSn(); // the write acknowledges the read, and nothing acknowledges the write
    Exchange write = first.command(Cdbs.write10(9, 1)).write(data).await();
    first.reset();

    try (ScriptedInitiator second = first.join(2)) {
      second.logoutForRecovery(1);
      assertThat(second.reassign(write, 0)).isEqualTo(COMPLETE);
      assertThat(write.await().outcome()).isEqualTo("GOOD");
      assertThat(second.taskManagement(8, 0, acknowledged.tag(), 0))
          .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST.code());
    }
  }

  // ---- writing -------------------------------------------------------------------------------

  @Test
  @Item(value = 67, section = "7.2.2", rule = "a write goes on over another connection")
  void dataOfAWriteIsAskedForOverAnotherConnection() {
    byte[] data = Patterns.bytes(BIG, 5);
    Exchange write =
        first.command(Cdbs.write10(0, BIG / Cdbs.BLOCK)).write(data).immediate(0).leaveR2t().send();
    int transferTag = write.awaitR2t(0).targetTransferTag();
    write.dataOut(transferTag, 0, 0, 8192, false);
    write.dataOut(transferTag, 1, 8192, 8192, false);
    first.ping(new byte[1]);
    first.reset();

    try (ScriptedInitiator second = first.join(2)) {
      second.logoutForRecovery(1);
      assertThat(second.reassign(write, 1)).isEqualTo(COMPLETE);
      write.answerR2ts();

      assertThat(write.await().outcome()).isEqualTo("GOOD");
      assertThat(write.r2ts().get(1).bufferOffset())
          .as("what came is not asked for")
          .isEqualTo(16384);
      assertSame(second.read(0, BIG / Cdbs.BLOCK), data);
    }
  }

  @Test
  @Item(value = 67, section = "7.2.2", rule = "a write goes on over another connection")
  void writeInTheDeviceIsAnsweredOverAnotherConnection() {
    byte[] data = Patterns.bytes(Cdbs.BLOCK, 6);
    device.hold();
    Exchange write = first.command(Cdbs.write10(0, 1)).write(data).send();
    device.awaitCall();
    first.reset();

    try (ScriptedInitiator second = first.join(2)) {
      second.logoutForRecovery(1);
      assertThat(second.reassign(write, 0)).isEqualTo(COMPLETE);
      device.release();

      assertThat(write.await().outcome()).isEqualTo("GOOD");
      assertSame(second.read(0, 1), data);
    }
  }

  @Test
  @Item(value = 67, section = "7.2.2", rule = "a write goes on over another connection")
  void writeWhoseTurnCameMeanwhileAsksForItsDataOverAnotherConnection() {
    byte[] data = Patterns.bytes(BIG, 7);
    Exchange read = bigReadInTheDevice();
    Exchange write =
        first
            .command(Cdbs.write10(0, BIG / Cdbs.BLOCK))
            .attribute(ScsiCommandPdu.ORDERED)
            .write(data)
            .immediate(0)
            .send();
    first.ping(new byte[1]);
    first.reset();

    try (ScriptedInitiator second = first.join(2)) {
      second.logoutForRecovery(1);
      device.release();
      assertThat(second.reassign(read, 0)).isEqualTo(COMPLETE);
      assertThat(read.await().outcome()).isEqualTo("GOOD");
      assertThat(second.reassign(write, 0)).isEqualTo(COMPLETE);

      assertThat(write.await().outcome()).isEqualTo("GOOD");
      assertSame(second.read(0, BIG / Cdbs.BLOCK), data);
    }
  }

  // ---- what may be reassigned ----------------------------------------------------------------

  @Test
  @Item(value = 67, section = "11.6.1", rule = "3: the connection of the task was not logged out")
  void commandOfALiveConnectionStaysThere() {
    Exchange read = bigReadInTheDevice();

    try (ScriptedInitiator second = first.join(2)) {
      assertThat(second.taskManagement(8, 0, read.tag(), 0))
          .isEqualTo(TaskManagementResponse.TASK_STILL_ALLEGIANT.code());
      device.release();
      assertThat(read.await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  @Item(value = 67, section = "11.6.1", rule = "3: the connection of the task was not logged out")
  void commandOfALostConnectionStaysUntilTheLogout() {
    Exchange read = bigReadInTheDevice();
    try (ScriptedInitiator second = first.join(2)) {
      first.reset();

      assertThat(second.taskManagement(8, 0, read.tag(), 0))
          .isEqualTo(TaskManagementResponse.TASK_STILL_ALLEGIANT.code());
      second.logoutForRecovery(1);
      assertThat(second.reassign(read, 0)).isEqualTo(COMPLETE);
      device.release();
      assertThat(read.await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  @Item(value = 67, section = "11.6.1", rule = "1: there is no such task")
  void unknownCommand() {
    assertThat(first.taskManagement(8, 0, 4711, 0))
        .isEqualTo(TaskManagementResponse.TASK_DOES_NOT_EXIST.code());
  }

  @Test
  @Item(value = 67, section = "11.6.1", rule = "4: tasks are reassigned at level 2 only")
  void belowLevelTwo() {
    try (ScriptedInitiator other =
        server.login(login -> login.isid(7).offer("ErrorRecoveryLevel", 1))) {
      assertThat(other.taskManagement(8, 0, 4711, 0))
          .isEqualTo(TaskManagementResponse.TASK_ALLEGIANCE_REASSIGNMENT_NOT_SUPPORTED.code());
    }
  }

  // ---- logout and time -----------------------------------------------------------------------

  @Test
  @Item(value = 68, section = "11.15.3", rule = "a logout for recovery tells both times")
  void ownConnectionIsLoggedOutForRecovery() {
    byte[] data = onTheDisk(BIG);
    Exchange read = bigReadInTheDevice();

    LogoutResponsePdu response = first.logout(RECOVERY, 1);

    assertThat(response.response()).isEqualTo(LogoutResponse.SUCCESS.code());
    assertThat(response.time2Wait()).isZero();
    assertThat(response.time2Retain()).isEqualTo(20);
    first.awaitEnd();
    try (ScriptedInitiator second = first.join(2)) {
      assertThat(second.reassign(read, 0)).isEqualTo(COMPLETE);
      device.release();
      assertEndsWith(data, read);
    }
  }

  @Test
  @Item(value = 71, section = "7.5", rule = "a session waits for Time2Wait and Time2Retain")
  void sessionOfNoConnectionGoesOn() {
    first.reset();

    try (ScriptedInitiator second = first.join(2)) {
      assertThat(second.ping(new byte[1])).hasSize(1);
      assertThat(server.server().sessions()).hasSize(1);
      assertThat(server.events().closedCount()).isZero();
    }
  }

  @Test
  @Item(value = 71, section = "7.5", rule = "a session waits for Time2Wait and Time2Retain")
  void sessionEndsWhenNobodyComesBack() {
    try (ScriptedInitiator other = server.login(login -> recovering(login, 1).isid(7))) {
      other.reset();

      assertThat(server.events().awaitClosed()).contains("not recovered within 1 s");
    }
  }

  @Test
  @Item(value = 71, section = "7.5", rule = "Time2Retain 0: everything ends with the connection")
  void nothingIsRetained() {
    try (ScriptedInitiator other = server.login(login -> recovering(login, 0).isid(7))) {
      other.reset();

      assertThat(server.events().awaitClosed()).contains("connection");
    }
  }

  @Test
  @Item(value = 71, section = "7.5", rule = "the end of the server waits for no connection")
  void serverEndsWithoutLostConnections() {
    device.hold();
    bigRead();
    device.awaitCall();
    first.reset();
    device.release();

    server.server().close(Duration.ofMillis(100));

    assertThat(server.events().awaitClosed()).isNotEmpty();
    assertThat(server.server().sessions()).isEmpty();
  }
}
