package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.iscsi4j.protocol.ScsiCommandPdu;
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
import org.junit.jupiter.params.provider.EnumSource;

/** What the end of a session means to its units (RFC 7143 section 4.4.3.1 and appendix E). */
class SessionEndTest {

  private static final String CLEARED = "what belongs to the I_T nexus ends with the session";
  private static final String KEPT = "persistent reservations outlive the session";
  private static final String RESERVATION_CONFLICT = "status 18";
  private static final long KEY = 0x1234;

  private GatedDevice device;
  private TestServer server;
  private ScriptedInitiator holder;
  private ScriptedInitiator other;

  /** How a session ends. */
  enum End {
    LOGOUT(ScriptedInitiator::logout),
    LOSS(ScriptedInitiator::reset);

    private final Consumer<ScriptedInitiator> of;

    End(Consumer<ScriptedInitiator> of) {
      this.of = of;
    }
  }

  @BeforeEach
  void start() {
    device = new GatedDevice(1 << 20);
    server = TestServer.serving(device);
    holder = server.login();
    other = server.login(login -> login.isid(2));
  }

  @AfterEach
  void stop() {
    device.release();
    holder.close();
    other.close();
    server.close();
  }

  private void endSession(End end) {
    end.of.accept(holder);
    server.events().awaitClosed();
  }

  private static String outcome(ScriptedInitiator of, byte[] cdb) {
    return of.command(cdb).await().outcome();
  }

  private static void reserveOut(
      ScriptedInitiator of, int action, int type, long oldKey, long key) {
    byte[] cdb = {0x5f, (byte) action, (byte) type, 0, 0, 0, 0, 0, 24, 0};
    byte[] list = ByteBuffer.allocate(24).putLong(oldKey).putLong(key).array();
    assertThat(of.command(cdb).write(list).await().outcome()).isEqualTo("GOOD");
  }

  @ParameterizedTest
  @EnumSource
  @Item(value = 72, section = "E", rule = CLEARED)
  void reservationEnds(End end) {
    byte[] reserve = {0x16, 0, 0, 0, 0, 0};
    assertThat(outcome(holder, reserve)).isEqualTo("GOOD");
    assertThat(outcome(other, Cdbs.testUnitReady())).isEqualTo(RESERVATION_CONFLICT);

    endSession(end);

    assertThat(outcome(other, Cdbs.testUnitReady())).isEqualTo("GOOD");
  }

  @ParameterizedTest
  @EnumSource
  @Item(value = 72, section = "E", rule = KEPT)
  void persistentReservationStays(End end) {
    reserveOut(holder, 0, 0, 0, KEY); // REGISTER
    reserveOut(holder, 1, 1, KEY, 0); // RESERVE, Write Exclusive

    endSession(end);

    Exchange write = other.command(Cdbs.write10(0, 1)).write(new byte[Cdbs.BLOCK]).await();
    assertThat(write.outcome()).isEqualTo(RESERVATION_CONFLICT);
    try (ScriptedInitiator again = server.login()) {
      again.write(0, Patterns.bytes(Cdbs.BLOCK, 1)); // the same nexus holds it
    }
  }

  @ParameterizedTest
  @EnumSource
  @Item(value = 72, section = "4.4.3.1", rule = "a unit tells the next session of the lost nexus")
  void nextSessionIsToldOfTheLoss(End end) {
    endSession(end);

    try (ScriptedInitiator again = server.connect().login().perform()) {
      assertThat(outcome(again, Cdbs.testUnitReady())).isEqualTo("CHECK CONDITION 6/29/07");
      assertThat(outcome(again, Cdbs.testUnitReady())).isEqualTo("GOOD");
    }
  }

  @Test
  @Item(value = 72, section = "E", rule = CLEARED)
  void commandsThatWaitNeverRun() {
    device.hold();
    holder.command(Cdbs.read10(0, 1)).read(Cdbs.BLOCK).send();
    GatedDevice.Call call = device.awaitCall();
    holder
        .command(Cdbs.write10(1, 1))
        .write(Patterns.bytes(Cdbs.BLOCK, 2))
        .attribute(ScsiCommandPdu.ORDERED)
        .send();
    holder.ping(new byte[1]);

    endSession(End.LOSS);
    call.finish();
    device.release();

    other.write(2, new byte[Cdbs.BLOCK]); // behind whatever was waiting
    assertSame(device.memory().readBytes(Cdbs.BLOCK, Cdbs.BLOCK), new byte[Cdbs.BLOCK]);
  }
}
