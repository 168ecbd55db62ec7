package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.RejectReason;
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

/** The command window (RFC 7143 section 4.2.2.1). */
class CommandOrderTest {

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
    int tag = initiator.sendTaskManagement(1, 0, 0x7777, 0, initiator.nextCmdSn());
    assertThat(initiator.taskManagementAnswer(tag)).isEqualTo(1);
    assertThat(command.ended()).isFalse();
    assertThat(initiator.expCmdSn()).isEqualTo(expected);
    initiator.forget(command);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, -2, -1000, Integer.MIN_VALUE + 1})
  void commandBelowTheWindowIsIgnored(int below) {
    int next = initiator.nextCmdSn();

    assertIgnored(ready().cmdSn(next + below).send());

    assertThat(ready().cmdSn(next).await().outcome()).isEqualTo("GOOD");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1000})
  void commandAboveTheWindowIsIgnored(int above) {
    int next = initiator.nextCmdSn();

    assertIgnored(ready().cmdSn(initiator.maxCmdSn() + above).send());

    initiator.nextCmdSn(next);
    assertThat(ready().await().outcome()).isEqualTo("GOOD");
  }

  @Test
  void duplicateIsIgnored() {
    Exchange first = ready().await();

    assertIgnored(ready().cmdSn(first.cmdSn()).send());
    assertThat(ready().await().outcome()).isEqualTo("GOOD");
  }

  @Test
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
  void commandsRunInTheOrderOfTheirNumbers() {
    byte[] first = Patterns.bytes(512, 1);
    byte[] second = Patterns.bytes(512, 2);
    byte[] third = Patterns.bytes(512, 3);
    int next = initiator.nextCmdSn();
    device.hold();

    Exchange c = initiator.command(Cdbs.write10(3, 1)).write(third).cmdSn(next + 2).send();
    Exchange b = initiator.command(Cdbs.write10(2, 1)).write(second).cmdSn(next + 1).send();
    Exchange a = initiator.command(Cdbs.write10(1, 1)).write(first).cmdSn(next).send();
    List<Long> lbas = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      GatedDevice.Call call = device.awaitCall();
      lbas.add(call.offset() / 512);
      call.finish();
    }

    for (Exchange each : List.of(a, b, c)) {
      assertThat(each.await().outcome()).isEqualTo("GOOD");
    }
    assertThat(lbas).containsExactlyInAnyOrder(1L, 2L, 3L);
    assertSame(device.memory().readBytes(512, 512), first);
    assertSame(device.memory().readBytes(1024, 512), second);
    assertSame(device.memory().readBytes(1536, 512), third);
  }

  @ParameterizedTest
  @ValueSource(ints = {16_384, 512, 0})
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
  void immediateCommandRunsWhileTheWindowIsClosed() {
    device.hold();
    for (int i = 0; i < DEPTH; i++) {
      initiator.command(Cdbs.read10(i, 1)).read(512).send();
      device.awaitCall();
    }

    assertThat(ready().immediateDelivery().await().outcome()).isEqualTo("GOOD");
  }

  @Test
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
}
