package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A host resets a unit, as an initiator can by LOGICAL UNIT RESET. */
class UnitResetTest {

  private static final String NAME = TestServer.TARGET + "-reset";
  private static final String TASK_ABORTED = "status 40";
  private static final String CONFLICT = "status 18";
  private static final String WAS_RESET = "CHECK CONDITION 6/29/03";
  private static final byte[] RESERVE = {0x16, 0, 0, 0, 0, 0};
  private static final byte[] PREVENT = {0x1e, 0, 0, 0, 1, 0};

  private final GatedDevice device = new GatedDevice(1 << 20);
  private final LogicalUnit unit = LogicalUnit.builder(device).removable().build();
  private TestServer test;
  private IscsiServer server;
  private ScriptedInitiator one;
  private ScriptedInitiator two;

  private void start(Duration abortTimeout) {
    test = TestServer.start(settings -> settings.abortTimeout(abortTimeout));
    server = test.server();
    server.addTarget(Target.builder(NAME).lun(unit).build());
    one = test.login(login -> login.target(NAME));
    two = test.login(login -> login.target(NAME).isid(2));
  }

  @AfterEach
  void stop() {
    device.release();
    one.close();
    two.close();
    test.close();
  }

  private static String testUnitReady(ScriptedInitiator initiator) {
    return initiator.command(Cdbs.testUnitReady()).await().outcome();
  }

  private static boolean within(CompletableFuture<Boolean> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }

  @Test
  void everyInitiatorIsToldOnceAndGoesOn() throws Exception {
    start(Duration.ofMinutes(5));

    assertThat(within(server.reset(unit))).isTrue();

    for (ScriptedInitiator each : new ScriptedInitiator[] {one, two}) {
      assertThat(testUnitReady(each)).isEqualTo(WAS_RESET);
      assertThat(testUnitReady(each)).isEqualTo("GOOD");
    }
    byte[] data = Patterns.bytes(4096, 3);
    one.write(8, data);
    assertThat(two.read(8, 8)).isEqualTo(data);
  }

  @Test
  void whatInitiatorsHeldIsFree() throws Exception {
    start(Duration.ofMinutes(5));
    assertThat(one.command(PREVENT).await().outcome()).isEqualTo("GOOD");
    assertThat(server.snapshot(unit).removalPrevented()).isTrue();
    assertThat(one.command(RESERVE).await().outcome()).isEqualTo("GOOD");
    assertThat(testUnitReady(two)).isEqualTo(CONFLICT);

    assertThat(within(server.reset(unit))).isTrue();

    assertThat(server.snapshot(unit).removalPrevented()).isFalse();
    two.clearUnitAttentions(0);
    assertThat(testUnitReady(two)).isEqualTo("GOOD");
  }

  @Test
  void commandsEndAtOnceAndTheResetWhenTheDeviceLetsGoOfThem() throws Exception {
    start(Duration.ofMinutes(5));
    device.hold();
    Exchange write = one.command(Cdbs.write10(0, 1)).write(new byte[512]).send();
    Exchange read = two.command(Cdbs.read10(9, 1)).read(512).send();
    device.awaitCall();
    device.awaitCall();

    CompletableFuture<Boolean> reset = server.reset(unit);

    assertThat(read.await().outcome()).isEqualTo(TASK_ABORTED);
    assertThat(reset).as("the write may still change the medium").isNotDone();
    device.release();
    assertThat(within(reset)).isTrue();
    assertThat(write.await().outcome()).isEqualTo(TASK_ABORTED);
  }

  @Test
  void deviceThatHoldsOnIsWaitedForNoLongerThanTheAbortTimeout() throws Exception {
    start(Duration.ofMillis(20));
    device.hold();
    one.command(Cdbs.write10(0, 1)).write(new byte[512]).send();
    device.awaitCall();

    assertThat(within(server.reset(unit))).isFalse();
  }

  @Test
  void unitThatIsOfflineIsResetAndComesBack() throws Exception {
    start(Duration.ofMinutes(5));
    server.changeOnline(unit, false);
    assertThat(within(server.reset(unit))).isTrue();
    assertThat(server.snapshot(unit).availability()).isEqualTo(UnitAvailability.OFFLINE);
    server.changeOnline(unit, true);

    one.clearUnitAttentions(0);
    assertThat(testUnitReady(one)).isEqualTo("GOOD");
    assertThat(server.snapshot(unit).availability()).isEqualTo(UnitAvailability.READY);
  }

  @Test
  void unitThatIsNotServedHasNothingToReset() {
    start(Duration.ofMinutes(5));
    LogicalUnit other = LogicalUnit.of(MemoryDevice.ofSize(512));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> server.reset(other))
        .withMessage("the server has no " + other);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> server.snapshot(other))
        .withMessage("the server has no " + other);
  }
}
