package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.monitor.CommandInfo;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a host does with the units that it serves, and how initiators and listeners learn of it. */
class UnitOperationsTest {

  private static final IscsiName DISK = IscsiName.of(TestServer.TARGET);
  private static final String LUNS_CHANGED = "CHECK CONDITION 6/3f/0e";
  private static final int LUN = 3;
  private static final int BLOCKS = 64;

  private final MemoryDevice device = MemoryDevice.ofSize(BLOCKS * Cdbs.BLOCK);
  private final LogicalUnit unit = LogicalUnit.builder(device).removable().build();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<CommandInfo> commands = new LinkedBlockingQueue<>();
  private final TestServer test =
      TestServer.start(settings -> settings.listener(new Ears()).commandListener(commands::add));
  private final IscsiServer server = test.server();

  private final class Ears implements ServerListener {
    @Override
    public void unitStateChanged(
        LogicalUnit changed, UnitAvailability availability, boolean readOnly) {
      assertThat(changed).isSameAs(unit);
      heard.add(availability + (readOnly ? " read-only" : ""));
    }

    @Override
    public void unitCapacityChanged(LogicalUnit changed, Geometry geometry) {
      assertThat(changed).isSameAs(unit);
      heard.add(geometry.blockCount() + " blocks");
    }
  }

  @AfterEach
  void stop() {
    test.close();
  }

  private ScriptedInitiator loginWithUnit() {
    server.addLun(DISK, LUN, unit);
    return test.login().clearUnitAttentions(LUN);
  }

  private static String testUnitReady(ScriptedInitiator initiator) {
    return initiator.command(Cdbs.testUnitReady()).lun(LUN).await().outcome();
  }

  private static String write(ScriptedInitiator initiator) {
    byte[] block = new byte[Cdbs.BLOCK];
    return initiator.command(Cdbs.write10(0, 1)).lun(LUN).write(block).await().outcome();
  }

  private String nextHeard() throws InterruptedException {
    return heard.poll(ScriptedInitiator.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Test
  void unitIsReadOnlyAsLongAsTheHostSays() throws Exception {
    try (ScriptedInitiator initiator = loginWithUnit()) {
      server.changeReadOnly(unit, true);

      assertThat(testUnitReady(initiator)).isEqualTo("CHECK CONDITION 6/2a/01");
      assertThat(write(initiator)).isEqualTo("CHECK CONDITION 7/27/00");
      assertThat(nextHeard()).isEqualTo("READY read-only");

      server.changeReadOnly(unit, false);

      assertThat(testUnitReady(initiator)).isEqualTo("CHECK CONDITION 6/2a/01");
      assertThat(write(initiator)).isEqualTo("GOOD");
      assertThat(nextHeard()).isEqualTo("READY");
    }
  }

  @Test
  void unitIsOfflineAsLongAsTheHostSays() throws Exception {
    try (ScriptedInitiator initiator = loginWithUnit()) {
      server.changeOnline(unit, false);
      assertThat(testUnitReady(initiator)).isEqualTo("CHECK CONDITION 2/04/12");
      assertThat(nextHeard()).isEqualTo("OFFLINE");

      server.changeOnline(unit, true);
      assertThat(testUnitReady(initiator)).isEqualTo("CHECK CONDITION 6/28/00");
      assertThat(testUnitReady(initiator)).isEqualTo("GOOD");
      assertThat(nextHeard()).isEqualTo("READY");
    }
  }

  @Test
  void mediumIsTakenOutAndPutBack() throws Exception {
    try (ScriptedInitiator initiator = loginWithUnit()) {
      byte[] prevent = {0x1e, 0, 0, 0, 1, 0};
      assertThat(initiator.command(prevent).lun(LUN).await().outcome()).isEqualTo("GOOD");

      assertThat(server.eject(unit, false)).isFalse();
      assertThat(testUnitReady(initiator)).isEqualTo("GOOD");
      assertThat(server.eject(unit, true)).isTrue();
      assertThat(testUnitReady(initiator)).isEqualTo("CHECK CONDITION 2/3a/00");
      assertThat(nextHeard()).isEqualTo("EJECTED");

      server.load(unit);
      assertThat(testUnitReady(initiator)).isEqualTo("CHECK CONDITION 6/28/00");
      assertThat(nextHeard()).isEqualTo("READY");
    }
  }

  @Test
  void deviceBecomesLargerAndSmaller() throws Exception {
    try (ScriptedInitiator initiator = loginWithUnit()) {
      for (int blocks : new int[] {2 * BLOCKS, BLOCKS / 2}) {
        device.resize(blocks);

        assertThat(testUnitReady(initiator)).isEqualTo("CHECK CONDITION 6/2a/09");
        assertThat(
                initiator.command(Cdbs.read10(blocks - 1, 1)).lun(LUN).read(512).await().outcome())
            .isEqualTo("GOOD");
        assertThat(initiator.command(Cdbs.read10(blocks, 1)).lun(LUN).read(512).await().outcome())
            .isEqualTo("CHECK CONDITION 5/21/00");
        assertThat(nextHeard()).isEqualTo(blocks + " blocks");
      }
    }
  }

  @Test
  void unitTakesThePlaceOfAnother() throws Exception {
    LogicalUnit other = LogicalUnit.of(MemoryDevice.ofSize(4 * BLOCKS * Cdbs.BLOCK));
    try (ScriptedInitiator initiator = loginWithUnit()) {
      assertThat(server.replaceLun(DISK, LUN, other).get(10, TimeUnit.SECONDS)).isTrue();

      assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo(LUNS_CHANGED);
      initiator.clearUnitAttentions(LUN);
      assertThat(initiator.command(Cdbs.read10(3 * BLOCKS, 1)).lun(LUN).read(512).await().outcome())
          .isEqualTo("GOOD");
      assertThat(server.removeLun(DISK, LUN).get(10, TimeUnit.SECONDS)).isTrue();
      assertThat(testUnitReady(initiator)).isEqualTo("CHECK CONDITION 5/25/00");
    }
  }

  @Test
  void unitThatIsNotServedCannotBeChanged() {
    assertThatThrownBy(() -> server.changeOnline(unit, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the server has no " + unit);
    assertThatThrownBy(() -> server.removeLun(DISK, LUN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("target " + DISK + " has no LUN " + LUN);
    LogicalUnit zero = server.targets().get(0).logicalUnits().get(0);
    assertThatThrownBy(() -> server.load(zero)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void commandsAreToldAndCounted() throws Exception {
    try (ScriptedInitiator initiator = loginWithUnit()) {
      commands.clear();
      assertThat(write(initiator)).isEqualTo("GOOD");

      CommandInfo told = commands.poll(ScriptedInitiator.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
      assertThat(told.lun()).isEqualTo(LUN);
      assertThat(told.kind()).isEqualTo(CommandKind.WRITE);
      UnitSnapshot seen =
          server.snapshot().get(10, TimeUnit.SECONDS).targets().get(0).units().get(LUN);
      assertThat(seen.statistics().of(CommandKind.WRITE).operations()).isEqualTo(1);
      assertThat(seen.statistics().of(CommandKind.WRITE).bytes()).isEqualTo(Cdbs.BLOCK);
      assertThat(seen.geometry().blockCount()).isEqualTo(BLOCKS);
    }
  }

  @Test
  void unitInTwoTargetsIsOne() throws Exception {
    String name = TestServer.TARGET + "2";
    server.addTarget(Target.builder(name).lun(unit).build());
    try (ScriptedInitiator initiator = loginWithUnit();
        ScriptedInitiator other = test.login(login -> login.target(name))) {
      byte[] reserve = {0x16, 0, 0, 0, 0, 0};
      assertThat(initiator.command(reserve).lun(LUN).await().outcome()).isEqualTo("GOOD");
      assertThat(other.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("status 18");

      assertThat(server.removeLun(DISK, LUN).get(10, TimeUnit.SECONDS)).isTrue();

      assertThat(other.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    }
  }
}
