package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.util.Arrays;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Room for the data of writes. */
class WriteDataTest {

  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    server = TestServer.start(settings -> settings.eventLoops(1));
    initiator =
        server.login(
            login ->
                login
                    .offer("InitialR2T", "No")
                    .offer("FirstBurstLength", 8192)
                    .offer("MaxBurstLength", 16_384)
                    .offer("MaxOutstandingR2T", 2));
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  /** A write of which nothing is sent unless asked for, and then by the test. */
  private Exchange solicited(int lba, byte[] data) {
    return initiator
        .command(Cdbs.write10(lba, data.length / 512))
        .write(data)
        .immediate(0)
        .unsolicited(0)
        .leaveR2t()
        .send();
  }

  @Test
  void writesThatWaitForRoomGetItInTheEnd() {
    initiator.close();
    int firstBurst = 4 << 20;
    server.close();
    server =
        TestServer.start(
            settings ->
                settings.eventLoops(1).firstBurstLength(firstBurst).maxBurstLength(8 << 20));
    initiator =
        server.login(
            login ->
                login
                    .offer("InitialR2T", "No")
                    .offer("FirstBurstLength", firstBurst)
                    .offer("MaxBurstLength", 8 << 20));
    byte[] large = Patterns.bytes(16 << 20, 16);
    byte[] medium = Arrays.copyOf(large, 8 << 20);
    Exchange[] writes = new Exchange[10];
    for (int i = 0; i < writes.length; i++) {
      byte[] data = i < 2 ? large : medium;
      writes[i] =
          initiator
              .command(Cdbs.write10(0, data.length / 512))
              .write(data)
              .immediate(0)
              .unsolicited(i < 2 ? 0 : firstBurst)
              .send();
    }

    for (Exchange write : writes) {
      assertThat(write.await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  void writeThatIsAbortedWhileItWaitsForRoomIsForgotten() {
    initiator.close();
    initiator = server.login(login -> login.offer("MaxOutstandingR2T", 2));
    byte[] large = Patterns.bytes(16 << 20, 17);
    byte[] small = Arrays.copyOf(large, 1 << 20);
    Exchange first = solicited(0, large);
    first.awaitR2t(0);
    Exchange ahead = solicited(98_304, small);
    Exchange waits = solicited(65_536, large);
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(waits.r2ts()).isEmpty();

    // data that nobody asked for is refused, and changes nothing
    initiator.send(waits.dataOutPdu(Pdu.RESERVED_TAG, 0, 0, true), new byte[512]);
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertThat(initiator.abort(waits)).isZero();
    Exchange next = solicited(65_536, small);
    assertThat(first.answerR2ts().await().outcome()).isEqualTo("GOOD");

    assertThat(ahead.answerR2ts().await().outcome()).isEqualTo("GOOD");
    assertThat(next.answerR2ts().await().outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(65_536L * 512, 1 << 20), small);
  }

  @Test
  void dataThatNobodyExpectsNeverGoesIntoABufferThatIsExchanged() {
    GatedDevice slow = new GatedDevice(64 << 20);
    initiator.close();
    server.close();
    server = TestServer.serving(settings -> settings.eventLoops(1), slow);
    initiator = server.login(login -> login.offer("InitialR2T", "No"));
    byte[] data = Patterns.bytes(16 << 20, 21);
    slow.hold();
    Exchange first = initiator.command(Cdbs.write10(0, data.length / 512)).write(data).send();
    first.awaitR2t(63); // and answer it: that is all
    GatedDevice.Call call = slow.awaitCall();
    Exchange waits =
        initiator
            .command(Cdbs.write10(0, 32_769))
            .write(data)
            .expected((16 << 20) + 512)
            .immediate(0)
            .announceUnsolicited()
            .leaveR2t()
            .send();
    waits.dataOut(Pdu.RESERVED_TAG, 0, 0, 512, true); // there is no room for more yet
    byte[] unexpected =
        initiator.bytes(
            waits.dataOutPdu(Pdu.RESERVED_TAG, 1, 512, true), Patterns.bytes(60_000, 22));
    initiator.pingWith(Arrays.copyOf(unexpected, 30_000));
    slow.release();
    call.finish();
    waits.awaitR2t(0); // the write has another buffer now, and somebody else has the first one
    try (ScriptedInitiator other = server.login(login -> login.isid(5))) {
      byte[] theirs = Patterns.bytes(65_536, 23);
      Exchange write =
          other.command(Cdbs.write10(100_000, 128)).write(theirs).immediate(0).leaveR2t().send();
      int tag = write.awaitR2t(0).targetTransferTag();
      write.dataOut(tag, 0, 0, 65_024, false);
      other.ping(new byte[4]);

      initiator.sendRaw(Arrays.copyOfRange(unexpected, 30_000, unexpected.length));
      initiator.ping(new byte[4]);
      write.dataOut(tag, 1, 65_024, 512, true);

      assertThat(write.await().outcome()).isEqualTo("GOOD");
      assertSame(slow.memory().readBytes(100_000L * 512, 65_536), theirs);
    }
  }
}
