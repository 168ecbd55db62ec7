package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.LogoutRequestPdu;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.RejectPdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.protocol.SnackRequestPdu;
import org.iscsi4j.protocol.TaskManagementRequestPdu;
import org.iscsi4j.protocol.TaskManagementResponsePdu;
import org.iscsi4j.protocol.TextRequestPdu;
import org.iscsi4j.protocol.TextResponsePdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.CommandScript;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequence numbers and tags (RFC 7143 sections 4.2.2 and 11.2.1.8). */
class NumberingTest {

  private static final int DEPTH = 8;

  private GatedDevice device;
  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    device = new GatedDevice(1 << 20);
    server = TestServer.serving(settings -> settings.queueDepth(DEPTH), device);
    initiator = server.login();
  }

  @AfterEach
  void stop() {
    device.release();
    initiator.close();
    server.close();
  }

  private CommandScript ready() {
    return initiator.command(Cdbs.testUnitReady());
  }

  private void assertIgnored(Exchange command) {
    int expected = initiator.expCmdSn();
    int next = initiator.nextCmdSn();
    int tag = initiator.sendTaskManagement(1, 0, 0x7777, next, next);
    assertThat(initiator.taskManagementAnswer(tag)).isEqualTo(1);
    assertThat(command.ended()).isFalse();
    assertThat(initiator.expCmdSn()).isEqualTo(expected);
    initiator.forget(command);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, -2, -1000, Integer.MIN_VALUE + 1})
  @Item(value = 42, section = "4.2.2.1", rule = "command window")
  void commandBelowTheWindowIsIgnored(int below) {
    int next = initiator.nextCmdSn();

    assertIgnored(ready().cmdSn(next + below).send());

    assertThat(ready().cmdSn(next).await().outcome()).isEqualTo("GOOD");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1000})
  @Item(value = 42, section = "4.2.2.1", rule = "command window")
  void commandAboveTheWindowIsIgnored(int above) {
    int next = initiator.nextCmdSn();

    assertIgnored(ready().cmdSn(initiator.maxCmdSn() + above).send());

    initiator.nextCmdSn(next);
    assertThat(ready().await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 42, section = "4.2.2.1", rule = "command window")
  void duplicateIsIgnored() {
    Exchange first = ready().await();

    assertIgnored(ready().cmdSn(first.cmdSn()).send());
    assertThat(ready().await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 42, section = "4.2.2.1", rule = "command window")
  void duplicateOfAHeldCommandIsIgnored() {
    int next = initiator.nextCmdSn();
    Exchange held = ready().cmdSn(next + 1).send();
    Exchange again = ready().cmdSn(next + 1).send();
    ready().cmdSn(next).await();

    assertThat(held.await().outcome()).isEqualTo("GOOD");
    assertThat(initiator.ping(new byte[1])).hasSize(1);
    assertThat(again.ended()).isFalse();
  }

  @Test
  @Item(value = 45, section = "4.2.2.1", rule = "order of commands")
  void commandsRunInTheOrderOfTheirNumbers() {
    int next = initiator.nextCmdSn();
    device.hold();

    Exchange third = orderedWrite(3, next + 2);
    Exchange second = orderedWrite(2, next + 1);
    Exchange first = orderedWrite(1, next);
    List<Long> lbas = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      GatedDevice.Call call = device.awaitCall();
      lbas.add(call.offset() / 512);
      call.finish();
    }

    assertThat(lbas).containsExactly(1L, 2L, 3L);
    for (Exchange each : List.of(first, second, third)) {
      assertThat(each.await().outcome()).isEqualTo("GOOD");
    }
  }

  /** ORDERED, so that the device gets it when everything that came to SCSI before has ended. */
  private Exchange orderedWrite(int lba, int cmdSn) {
    return initiator
        .command(Cdbs.write10(lba, 1))
        .write(Patterns.bytes(512, lba))
        .attribute(ScsiCommandPdu.ORDERED)
        .cmdSn(cmdSn)
        .send();
  }

  @ParameterizedTest
  @ValueSource(ints = {16_384, 512, 0})
  @Item(value = 45, section = "4.2.2.1", rule = "order of commands")
  void heldCommandsRunWithTheirData(int immediate) {
    initiator.close();
    initiator = server.login(login -> login.offer("InitialR2T", "No"));
    byte[] data = Patterns.bytes(16_384, 4);
    int next = initiator.nextCmdSn();

    // the rest follows unsolicited, before the command has its turn
    Exchange held =
        initiator
            .command(Cdbs.write10(0, 32))
            .write(data)
            .immediate(immediate)
            .cmdSn(next + 1)
            .send();
    ready().cmdSn(next).await();

    assertThat(held.await().outcome()).isEqualTo("GOOD");
    assertSame(device.memory().readBytes(0, 16_384), data);
  }

  @Test
  @Item(value = 45, section = "4.2.2.1", rule = "order of commands")
  void otherRequestsAreHeldToo() {
    int next = initiator.nextCmdSn();
    initiator.nextCmdSn(next + 1);
    int ping = initiator.sendPing(new byte[] {7, 8});
    int text = initiator.newTag();
    initiator.sendText(text, Pdu.RESERVED_TAG, true, false, new byte[0]);
    Exchange first = ready().cmdSn(next).send();

    assertThat(first.await().outcome()).isEqualTo("GOOD");
    assertThat(initiator.answer(ping, "an echo").data()).containsExactly(7, 8);
    assertThat(initiator.answer(text, "a text response").data()).isEmpty();
    assertThat(initiator.expCmdSn()).isEqualTo(next + 3);
  }

  @Test
  @Item(value = 43, section = "4.2.2.1", rule = "MaxCmdSN")
  void windowOfOneCommandIsEnough() {
    try (TestServer narrow = TestServer.start(settings -> settings.queueDepth(1));
        ScriptedInitiator one = narrow.login()) {
      byte[] data = Patterns.bytes(65_536, 5);
      for (int i = 0; i < 5; i++) {
        one.write(i, data);
        assertSame(one.read(i, 128), data);
      }
    }
  }

  @Test
  @Item(value = 43, section = "4.2.2.1", rule = "MaxCmdSN")
  void windowClosesWithTheCommandsThatAreOutstanding() {
    device.hold();
    List<Exchange> reads = new ArrayList<>();
    for (int i = 0; i < DEPTH; i++) {
      reads.add(initiator.command(Cdbs.read10(i, 1)).read(512).send());
      device.awaitCall();
    }
    int tag = initiator.sendTaskManagement(1, 0, 0x7777, 0, initiator.nextCmdSn());
    initiator.taskManagementAnswer(tag);

    assertThat(initiator.maxCmdSn()).isEqualTo(initiator.expCmdSn() - 1);
    assertIgnored(ready().send());
    initiator.nextCmdSn(initiator.expCmdSn());
    device.release();
    reads.forEach(read -> assertThat(read.await().outcome()).isEqualTo("GOOD"));
    assertThat(initiator.maxCmdSn()).isEqualTo(initiator.expCmdSn() + DEPTH - 1);
    assertThat(ready().await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 44, section = "4.2.2.1", rule = "immediate commands")
  void immediateCommandNeverMovesTheWindow() {
    int expected = initiator.nextCmdSn();
    for (int i = 0; i < 5; i++) {
      assertThat(ready().immediateDelivery().await().outcome()).isEqualTo("GOOD");
      assertThat(initiator.expCmdSn()).isEqualTo(expected);
    }

    // and its CmdSN does not matter to the one that really has it
    assertThat(ready().cmdSn(expected).await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 44, section = "4.2.2.1", rule = "immediate commands")
  void immediateCommandRunsWhileTheWindowIsClosed() {
    device.hold();
    for (int i = 0; i < DEPTH; i++) {
      initiator.command(Cdbs.read10(i, 1)).read(512).send();
      device.awaitCall();
    }

    assertThat(ready().immediateDelivery().await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 44, section = "4.2.2.1", rule = "immediate commands")
  void immediateCommandsAreBounded() {
    device.hold();
    List<Exchange> reads = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      reads.add(initiator.command(Cdbs.read10(i, 1)).read(512).immediateDelivery().send());
    }

    // RFC 7143 section 4.2.2.1: what is too much is rejected, and nothing else suffers
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.IMMEDIATE_COMMAND_REJECT.code());
    assertThat(ready().await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 44, section = "4.2.2.1", rule = "immediate commands")
  void taskManagementIsTakenBesideTheMostImmediateCommands() {
    fillWithImmediateReads();

    int tag = initiator.sendTaskManagement(2, 0, 0, 0, initiator.nextCmdSn()); // ABORT TASK SET
    device.release();

    assertThat(initiator.taskManagementAnswer(tag)).isZero();
  }

  @Test
  @Item(value = 44, section = "4.2.2.1", rule = "immediate commands")
  void immediatePingIsTakenBesideTheMostImmediateCommands() {
    fillWithImmediateReads();

    int tag = initiator.newTag();
    initiator.send(ping(true, tag));

    assertThat(initiator.answer(tag, "an echo").data()).isEmpty();
  }

  /** Sends immediate commands that don't end, until one is rejected. */
  private void fillWithImmediateReads() {
    device.hold();
    Exchange last = null;
    while (!initiator.hasReject()) {
      last = initiator.command(Cdbs.read10(0, 1)).read(512).immediateDelivery().send();
      int tag = initiator.newTag();
      initiator.send(ping(true, tag));
      initiator.answer(tag, "an echo");
    }
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.IMMEDIATE_COMMAND_REJECT.code());
    initiator.forget(last);
  }

  private NopOutPdu ping(boolean immediate, int tag) {
    int cmdSn = immediate ? initiator.nextCmdSn() : initiator.takeCmdSn();
    return new NopOutPdu(immediate, 0, 0, 0, tag, Pdu.RESERVED_TAG, cmdSn, initiator.expStatSn());
  }

  // ---- 42, 43: the window ----------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {-1, -3, -DEPTH, Integer.MAX_VALUE - 2, Integer.MIN_VALUE + 2})
  @Item(value = 42, section = "4.2.2.1", rule = "command window")
  void windowWrapsAround(int first) {
    initiator.close();
    initiator =
        ScriptedInitiator.connect(server.address(), first).login().perform().clearUnitAttentions(0);
    byte[] data = Patterns.bytes(512, first);

    for (int i = 0; i < DEPTH; i++) {
      int next = initiator.nextCmdSn();
      assertThat(initiator.maxCmdSn()).isEqualTo(next + DEPTH - 1);
      assertIgnored(ready().cmdSn(next - 1).send());
      assertIgnored(ready().cmdSn(next + DEPTH).send());
      initiator.nextCmdSn(next);
      // the last one that may come is held, and runs in its turn
      Exchange second =
          initiator
              .command(Cdbs.read10(7, 1))
              .read(512)
              .attribute(ScsiCommandPdu.ORDERED)
              .cmdSn(next + 1)
              .send();
      initiator.command(Cdbs.write10(7, 1)).write(data).cmdSn(next).await();
      assertSame(second.await().data(), data);
    }
  }

  @Test
  @Item(value = 42, section = "4.2.2.1", rule = "command window")
  void nothingRunsTwice() {
    byte[] first = Patterns.bytes(512, 1);
    Exchange write = initiator.command(Cdbs.write10(0, 1)).write(first).await();

    byte[] other = Patterns.bytes(512, 2);
    assertIgnored(initiator.command(Cdbs.write10(0, 1)).write(other).cmdSn(write.cmdSn()).send());

    assertSame(device.memory().readBytes(0, 512), first);
  }

  @Test
  @Item(value = 42, section = "4.2.2.1", rule = "command window")
  void otherRequestsOutsideTheWindowAreIgnoredToo() {
    int next = initiator.nextCmdSn();
    for (int cmdSn : new int[] {next - 1, initiator.maxCmdSn() + 1}) {
      int tag = initiator.newTag();
      initiator.send(
          new NopOutPdu(false, 0, 0, 0, tag, Pdu.RESERVED_TAG, cmdSn, initiator.expStatSn()));
      int logout = initiator.newTag();
      initiator.send(new LogoutRequestPdu(false, 0, 0, 0, logout, 1, cmdSn, initiator.expStatSn()));

      assertThat(initiator.ping(new byte[3])).hasSize(3);
      assertThat(initiator.hasAnswer(tag)).isFalse();
      assertThat(initiator.hasAnswer(logout)).isFalse();
    }
  }

  @Test
  @Item(value = 42, section = "4.2.2.1", rule = "bounded queue")
  void heldCommandsAreBoundedByTheWindow() {
    int next = initiator.nextCmdSn();
    List<Exchange> held = new ArrayList<>();
    for (int ahead = 1; ahead < 4 * DEPTH; ahead++) {
      held.add(ready().cmdSn(next + ahead).send());
    }

    ready().cmdSn(next).await();

    for (Exchange inside : held.subList(0, DEPTH - 1)) {
      assertThat(inside.await().outcome()).isEqualTo("GOOD");
    }
    held.subList(DEPTH - 1, held.size()).forEach(initiator::forget);
    assertThat(initiator.expCmdSn()).isEqualTo(next + DEPTH);
  }

  @Test
  @Item(value = 43, section = "4.2.2.1", rule = "MaxCmdSN")
  void everyPduTellsTheWindow() {
    device.hold();
    initiator.command(Cdbs.read10(0, 1)).read(512).send();
    device.awaitCall();
    int exp = initiator.expCmdSn() + 1;
    int max = exp + DEPTH - 2; // one is outstanding

    int tag = initiator.newTag();
    initiator.send(ping(true, tag));
    NopInPdu echo = initiator.answer(tag, "an echo").as(NopInPdu.class);
    assertThat(List.of(echo.expCmdSn(), echo.maxCmdSn())).containsExactly(exp, max);

    tag = initiator.sendTaskManagement(1, 0, 0x7777, 0, initiator.nextCmdSn());
    TaskManagementResponsePdu function =
        initiator.answer(tag, "a response").as(TaskManagementResponsePdu.class);
    assertThat(List.of(function.expCmdSn(), function.maxCmdSn())).containsExactly(exp, max);

    initiator.send(snack());
    RejectPdu reject = initiator.awaitRejected().as(RejectPdu.class);
    assertThat(List.of(reject.expCmdSn(), reject.maxCmdSn())).containsExactly(exp, max);

    tag = initiator.newTag();
    initiator.sendText(tag, Pdu.RESERVED_TAG, true, false, new byte[0]);
    TextResponsePdu text = initiator.answer(tag, "a text response").as(TextResponsePdu.class);
    assertThat(List.of(text.expCmdSn(), text.maxCmdSn())).containsExactly(++exp, ++max);

    Exchange write =
        initiator.command(Cdbs.write10(0, 1)).write(new byte[512]).immediate(0).leaveR2t().send();
    ReadyToTransferPdu r2t = write.awaitR2t(0);
    assertThat(List.of(r2t.expCmdSn(), r2t.maxCmdSn())).containsExactly(++exp, max);

    Exchange inquiry = initiator.command(Cdbs.inquiry(36)).read(36).await();
    DataInPdu dataIn = inquiry.dataIn().get(0);
    assertThat(List.of(dataIn.expCmdSn(), dataIn.maxCmdSn())).containsExactly(++exp, ++max);
  }

  private SnackRequestPdu snack() {
    return new SnackRequestPdu(
        1, 0, 0, 0, Pdu.RESERVED_TAG, Pdu.RESERVED_TAG, initiator.expStatSn(), 0, 0);
  }

  @Test
  @Item(value = 43, section = "11.4.10", rule = "NOP-In tells of a window that opens")
  void windowThatOpensWithoutAnAnswerIsTold() {
    initiator.close();
    server.close();
    server = TestServer.serving(settings -> settings.queueDepth(1), device);
    initiator = server.login();
    initiator.leavePings();
    device.hold();
    Exchange read = initiator.command(Cdbs.read10(0, 1)).read(512).send();
    device.awaitCall();
    assertThat(initiator.abort(read)).isZero();
    // the device holds on to it, and the next one would have to wait for that
    assertThat(initiator.maxCmdSn()).isEqualTo(initiator.expCmdSn() - 1);

    device.release();

    NopInPdu news = initiator.awaitPing();
    assertThat(news.targetTransferTag()).isEqualTo(Pdu.RESERVED_TAG); // it wants no answer
    assertThat(news.maxCmdSn()).isEqualTo(news.expCmdSn());
    assertThat(ready().await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 43, section = "11.4.10", rule = "NOP-In tells of a window that opens")
  void windowThatAnotherInitiatorOpensIsTold() {
    initiator.leavePings();
    device.hold();
    for (int i = 0; i < DEPTH; i++) {
      initiator.command(Cdbs.read10(i, 1)).read(512).send();
      device.awaitCall();
    }
    int tag = initiator.newTag();
    initiator.send(ping(true, tag));
    initiator.answer(tag, "an echo");
    assertThat(initiator.maxCmdSn()).isEqualTo(initiator.expCmdSn() - 1);

    try (ScriptedInitiator other =
        ScriptedInitiator.connect(server.address()).login().isid(7).perform()) {
      int clear = other.sendTaskManagement(4, 0, 0, 0, other.nextCmdSn()); // CLEAR TASK SET
      assertThat(other.taskManagementAnswer(clear)).isZero();
    }

    device.release();

    assertThat(initiator.awaitPing().targetTransferTag()).isEqualTo(Pdu.RESERVED_TAG);
  }

  // ---- 46: StatSN ------------------------------------------------------------------------------

  @Test
  @Item(value = 46, section = "4.2.2.2", rule = "StatSN")
  void whatCarriesStatusTakesAStatSn() {
    int statSn = initiator.expStatSn();

    assertThat(ready().await().ended()).isTrue();
    assertThat(initiator.expStatSn()).isEqualTo(++statSn);
    assertThat(initiator.command(Cdbs.inquiry(36)).read(36).await().dataIn()).hasSize(1);
    assertThat(initiator.expStatSn()).isEqualTo(++statSn);
    initiator.taskManagement(1, 0, 0x7777, 0);
    assertThat(initiator.expStatSn()).isEqualTo(++statSn);
    initiator.text();
    assertThat(initiator.expStatSn()).isEqualTo(++statSn);
    initiator.send(snack());
    initiator.awaitReject();
    assertThat(initiator.expStatSn()).isEqualTo(++statSn);
    initiator.ping(new byte[1]);
    assertThat(initiator.expStatSn()).isEqualTo(++statSn);
    initiator.logout(0, 1);
    assertThat(initiator.expStatSn()).isEqualTo(++statSn);
  }

  @Test
  @Item(value = 46, section = "4.2.2.2", rule = "StatSN")
  void whatCarriesNoStatusShowsTheNextStatSn() {
    initiator.close();
    server.close();
    server =
        TestServer.serving(
            settings -> settings.keepAlive(Duration.ofMillis(50), Duration.ofMinutes(1)), device);
    initiator = server.login(login -> login.offer("MaxRecvDataSegmentLength", 512));
    initiator.leavePings();
    int statSn = initiator.expStatSn();

    Exchange write =
        initiator.command(Cdbs.write10(0, 1)).write(new byte[512]).immediate(0).leaveR2t().send();
    assertThat(write.awaitR2t(0).statSn()).isEqualTo(statSn);
    assertThat(initiator.awaitPing().statSn()).isEqualTo(statSn);
    Exchange read = initiator.command(Cdbs.read10(0, 3)).read(1536).await();

    assertThat(read.dataIn()).extracting(DataInPdu::statSn).containsExactly(0, 0, statSn);
    write.answerR2ts().await();
    assertThat(initiator.expStatSn()).isEqualTo(statSn + 2);
  }

  @Test
  @Item(value = 46, section = "4.2.2.2", rule = "StatSN")
  void connectionsCountForThemselves() {
    ready().await();
    int statSn = initiator.expStatSn();
    try (ScriptedInitiator other = server.login(login -> login.isid(7))) {
      for (int i = 0; i < 10; i++) {
        other.ping(new byte[1]);
      }
    }

    ready().await();

    assertThat(initiator.expStatSn()).isEqualTo(statSn + 1);
  }

  // ---- 48: DataSN, R2TSN, ExpDataSN ------------------------------------------------------------

  @Test
  @Item(value = 48, section = "4.2.2.4", rule = "DataSN")
  void dataInIsCountedCommandByCommand() {
    initiator.close();
    initiator =
        server.login(
            login -> login.offer("MaxRecvDataSegmentLength", 512).offer("MaxBurstLength", 1024));

    for (int i = 0; i < 2; i++) {
      Exchange read = initiator.command(Cdbs.read10(0, 5)).read(2560).await();
      assertThat(read.dataIn()).extracting(DataInPdu::dataSn).containsExactly(0, 1, 2, 3, 4);
    }
  }

  @Test
  @Item(value = 48, section = "4.2.2.4", rule = "R2TSN")
  void r2tsAreCountedCommandByCommand() {
    initiator.close();
    initiator =
        server.login(login -> login.offer("MaxBurstLength", 1024).offer("MaxOutstandingR2T", 2));

    for (int i = 0; i < 2; i++) {
      // the fixture counts the Data-Out of each R2T from 0, and checks ExpDataSN of the response
      Exchange write =
          initiator.command(Cdbs.write10(0, 8)).write(new byte[4096]).immediate(0).await();
      assertThat(write.r2ts()).extracting(ReadyToTransferPdu::r2tSn).containsExactly(0, 1, 2, 3);
      assertThat(write.outcome()).isEqualTo("GOOD");
    }
  }

  // ---- 49: tags --------------------------------------------------------------------------------

  @Test
  @Item(value = 49, section = "11.2.1.8", rule = "reserved initiator task tag")
  void reservedTagIsNobodys() {
    List<Pdu> requests =
        List.of(
            new TaskManagementRequestPdu(
                true, 5, 0, 0, 0, -1, -1, initiator.nextCmdSn(), initiator.expStatSn(), 0, 0),
            new TextRequestPdu(
                true, true, false, 0, 0, 0, -1, -1, initiator.nextCmdSn(), initiator.expStatSn()),
            new LogoutRequestPdu(
                true, 0, 0, 0, -1, 1, initiator.nextCmdSn(), initiator.expStatSn()),
            ping(false, -1)); // without the I bit, so it is no answer to a ping
    for (Pdu request : requests) {
      initiator.send(request);
      assertThat(initiator.awaitReject())
          .as(request.toString())
          .isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    }
    initiator.command(Cdbs.testUnitReady()).tag(Pdu.RESERVED_TAG).send();
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());

    // their numbers count as received
    assertThat(ready().await().outcome()).isEqualTo("GOOD");
  }

  @Test
  @Item(value = 49, section = "11.17.1", rule = "tag in use")
  void tagThatIsInUseIsRejected() {
    byte[] data = Patterns.bytes(8192, 4);
    Exchange first =
        initiator.command(Cdbs.write10(0, 16)).write(data).immediate(0).leaveR2t().send();
    first.awaitR2t(0);
    int tag = first.tag();

    initiator.command(Cdbs.testUnitReady()).tag(tag).send();
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.TASK_IN_PROGRESS.code());
    List<Pdu> requests =
        List.of(
            ping(true, tag),
            new TaskManagementRequestPdu(
                true, 5, 0, 0, 0, tag, -1, initiator.nextCmdSn(), initiator.expStatSn(), 0, 0),
            new TextRequestPdu(
                true, true, false, 0, 0, 0, tag, -1, initiator.nextCmdSn(), initiator.expStatSn()),
            new LogoutRequestPdu(
                true, 0, 0, 0, tag, 1, initiator.nextCmdSn(), initiator.expStatSn()));
    for (Pdu request : requests) {
      initiator.send(request);
      assertThat(initiator.awaitReject())
          .as(request.toString())
          .isEqualTo(RejectReason.TASK_IN_PROGRESS.code());
    }

    // and nothing happened to the command that has it
    assertThat(first.answerR2ts().await().outcome()).isEqualTo("GOOD");
    assertSame(device.memory().readBytes(0, 8192), data);
    assertThat(initiator.command(Cdbs.testUnitReady()).tag(tag).await().outcome())
        .isEqualTo("GOOD");
  }

  @Test
  @Item(value = 49, section = "11.8.5", rule = "target transfer tags")
  void openR2tsHaveTagsOfTheirOwn() {
    initiator.close();
    initiator =
        server.login(login -> login.offer("MaxBurstLength", 512).offer("MaxOutstandingR2T", 4));
    List<Integer> tags = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Exchange write =
          initiator
              .command(Cdbs.write10(4 * i, 4))
              .write(new byte[2048])
              .immediate(0)
              .leaveR2t()
              .send();
      write.awaitR2t(3);
      write.r2ts().forEach(r2t -> tags.add(r2t.targetTransferTag()));
    }

    assertThat(tags).hasSize(12).doesNotHaveDuplicates().doesNotContain(Pdu.RESERVED_TAG);
  }
}
