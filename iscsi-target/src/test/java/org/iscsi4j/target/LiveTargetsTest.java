package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.AccessRules;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.api.access.LunMap;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Targets and units that come and go while initiators work. */
class LiveTargetsTest {

  private static final IscsiName OTHER = IscsiName.of("iqn.2026-01.org.iscsi4j.test:other");
  private static final IscsiName DISK = IscsiName.of(TestServer.TARGET);
  private static final String LUNS_CHANGED = "CHECK CONDITION 6/3f/0e";
  private static final String NO_UNIT = "CHECK CONDITION 5/25/00";

  private final GatedDevice gated = new GatedDevice(1 << 20);
  private final LogicalUnit first = LogicalUnit.of(gated);
  private final LogicalUnit second = LogicalUnit.of(MemoryDevice.ofSize(2 << 20));
  private TestServer test =
      TestServer.start(
          settings ->
              settings.drainTimeout(Duration.ofSeconds(1)).abortTimeout(Duration.ofSeconds(1)));
  private IscsiServer server = test.server();

  @AfterEach
  void stop() {
    gated.release();
    test.close();
  }

  private static Target.Builder disk() {
    return Target.builder(TestServer.TARGET);
  }

  private LoginStatus loginTo(IscsiName target) {
    try (ScriptedInitiator initiator = test.connect()) {
      return initiator.login().target(target.toString()).tryPerform().status();
    }
  }

  private static List<Integer> reported(ScriptedInitiator initiator) {
    ByteBuffer list =
        ByteBuffer.wrap(initiator.command(Cdbs.reportLuns(4096)).read(4096).await().data());
    List<Integer> numbers = new ArrayList<>();
    int length = list.getInt();
    for (int at = 8; at < 8 + length; at += 8) {
      numbers.add((int) list.getShort(at));
    }
    return numbers;
  }

  private static String outcomeOfTestUnitReady(ScriptedInitiator initiator, int lun) {
    return initiator.command(Cdbs.testUnitReady()).lun(lun).await().outcome();
  }

  /** A session sees a change on its own thread, and not before the change is said to be over. */
  private static void awaitLunsChanged(ScriptedInitiator initiator) {
    String outcome = "GOOD";
    while (outcome.equals("GOOD")) {
      outcome = outcomeOfTestUnitReady(initiator, 0);
    }
    assertThat(outcome).isEqualTo(LUNS_CHANGED);
  }

  private static boolean within(CompletableFuture<Boolean> drained) throws Exception {
    return drained.get(10, TimeUnit.SECONDS);
  }

  // ---- targets

  @Test
  void addedTargetIsServedAtOnce() {
    assertThat(loginTo(OTHER)).isEqualTo(LoginStatus.TARGET_NOT_FOUND);

    server.addTarget(Target.builder(OTHER.toString()).lun(second).build());

    assertThat(loginTo(OTHER)).isEqualTo(LoginStatus.SUCCESS);
    assertThat(server.targets()).extracting(Target::name).containsExactly(DISK, OTHER);
    assertThat(server.uris()).anyMatch(uri -> uri.endsWith(OTHER + "/0"));
  }

  @Test
  void nameStandsOnce() {
    assertThatThrownBy(() -> server.addTarget(disk().build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("target " + TestServer.TARGET + " stands twice");
    assertThatThrownBy(() -> server.replaceTarget(Target.builder(OTHER.toString()).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no target " + OTHER);
    assertThatThrownBy(() -> server.removeTarget(OTHER))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no target " + OTHER);
  }

  @Test
  void removedTargetDropsItsSessionsAndNoOthers() throws Exception {
    server.addTarget(Target.builder(OTHER.toString()).lun(second).build());
    try (ScriptedInitiator stays = test.login();
        ScriptedInitiator goes = test.login(login -> login.target(OTHER.toString()))) {
      CompletableFuture<Boolean> removed = server.removeTarget(OTHER);

      goes.awaitDrop();
      assertThat(within(removed)).isTrue();
      assertThat(loginTo(OTHER)).isEqualTo(LoginStatus.TARGET_REMOVED);
      stays.write(0, Patterns.bytes(512, 1));
      assertThat(server.sessions()).hasSize(1);
    }
  }

  @Test
  void commandsOfRemovedTargetMayEnd() throws Exception {
    server.addTarget(Target.builder(OTHER.toString()).lun(first).build());
    try (ScriptedInitiator initiator = test.login(login -> login.target(OTHER.toString()))) {
      gated.hold();
      Exchange write = initiator.command(Cdbs.write10(0, 1)).write(Patterns.bytes(512, 2)).send();
      GatedDevice.Call call = gated.awaitCall();

      CompletableFuture<Boolean> removed = server.removeTarget(OTHER);
      assertThat(removed).isNotDone();
      call.finish();

      assertThat(write.await().outcome()).isEqualTo("GOOD");
      assertThat(within(removed)).isTrue();
    }
  }

  @Test
  void removalEndsInBoundedTimeAndSaysThatADeviceHangs() throws Exception {
    server.addTarget(Target.builder(OTHER.toString()).lun(first).build());
    try (ScriptedInitiator initiator = test.login(login -> login.target(OTHER.toString()))) {
      gated.hold();
      initiator.command(Cdbs.write10(0, 1)).write(Patterns.bytes(512, 2)).send();
      gated.awaitCall();

      assertThat(within(server.removeTarget(OTHER))).isFalse();
    }
  }

  @Test
  void removedTargetMayComeBack() throws Exception {
    Target other = Target.builder(OTHER.toString()).lun(second).build();
    server.addTarget(other);
    within(server.removeTarget(OTHER));

    server.addTarget(other);

    assertThat(loginTo(OTHER)).isEqualTo(LoginStatus.SUCCESS);
  }

  // ---- what sessions see

  @Test
  void unitThatComesIsToldAndServed() throws Exception {
    try (ScriptedInitiator initiator = test.login()) {
      LogicalUnit zero = server.targets().get(0).logicalUnits().get(0);
      assertThat(reported(initiator)).containsExactly(0);

      assertThat(within(server.replaceTarget(disk().lun(zero).lun(7, second).build()))).isTrue();

      assertThat(outcomeOfTestUnitReady(initiator, 0)).isEqualTo(LUNS_CHANGED);
      assertThat(reported(initiator)).containsExactly(0, 7);
      initiator.clearUnitAttentions(7);
      assertThat(outcomeOfTestUnitReady(initiator, 7)).isEqualTo("GOOD");
    }
  }

  @Test
  void addedUnitIsSeenWhenThatIsSaid() throws Exception {
    try (ScriptedInitiator initiator = test.login()) {
      assertThat(within(server.addLun(DISK, 3, second))).isTrue();

      assertThat(outcomeOfTestUnitReady(initiator, 0)).isEqualTo(LUNS_CHANGED);
      initiator.clearUnitAttentions(3);
      assertThat(within(server.removeLun(DISK, 3))).isTrue();
      assertThat(outcomeOfTestUnitReady(initiator, 3)).isEqualTo(NO_UNIT);
    }
  }

  @Test
  void unitThatStaysKeepsWhatItHas() throws Exception {
    try (ScriptedInitiator initiator = test.login();
        ScriptedInitiator another = test.login(login -> login.isid(9))) {
      LogicalUnit zero = server.targets().get(0).logicalUnits().get(0);
      byte[] reserve = {0x16, 0, 0, 0, 0, 0};
      assertThat(initiator.command(reserve).await().outcome()).isEqualTo("GOOD");

      within(server.replaceTarget(disk().lun(zero).lun(second).build()));

      assertThat(outcomeOfTestUnitReady(another, 0)).isEqualTo(LUNS_CHANGED);
      assertThat(outcomeOfTestUnitReady(another, 0)).isEqualTo("status 18");
    }
  }

  @Test
  void unitThatGoesLetsItsCommandsEnd() throws Exception {
    within(server.replaceTarget(disk().lun(second).lun(1, first).build()));
    try (ScriptedInitiator initiator = test.login()) {
      initiator.clearUnitAttentions(1);
      gated.hold();
      Exchange write =
          initiator.command(Cdbs.write10(0, 1)).lun(1).write(Patterns.bytes(512, 3)).send();
      GatedDevice.Call call = gated.awaitCall();

      CompletableFuture<Boolean> replaced = server.replaceTarget(disk().lun(second).build());

      awaitLunsChanged(initiator);
      assertThat(outcomeOfTestUnitReady(initiator, 1)).isEqualTo(NO_UNIT);
      assertThat(replaced).isNotDone();
      call.finish();
      assertThat(write.await().outcome()).isEqualTo("GOOD");
      assertThat(within(replaced)).isTrue();
      assertThat(gated.memory().readBytes(0, 512)).isEqualTo(Patterns.bytes(512, 3));
    }
  }

  @Test
  void commandsInAUnitThatGoesAreCutShort() throws Exception {
    within(server.replaceTarget(disk().lun(second).lun(1, first).build()));
    try (ScriptedInitiator initiator = test.login()) {
      initiator.clearUnitAttentions(1);
      gated.hold();
      Exchange write =
          initiator.command(Cdbs.write10(0, 1)).lun(1).write(Patterns.bytes(512, 3)).send();
      gated.awaitCall();

      CompletableFuture<Boolean> replaced = server.replaceTarget(disk().lun(second).build());

      assertThat(write.await().outcome()).isEqualTo("status 40");
      assertThat(within(replaced)).isFalse();
    }
  }

  @Test
  void whoMayNotLogInAnyMoreIsDropped() throws Exception {
    String kept = LoginScript.INITIATOR + ":kept";
    LogicalUnit zero = server.targets().get(0).logicalUnits().get(0);
    try (ScriptedInitiator goes = test.login();
        ScriptedInitiator stays = test.login(login -> login.initiator(kept))) {
      Target narrowed =
          disk().lun(zero).access(AccessRules.allow(InitiatorGroup.named(kept))).build();

      assertThat(within(server.replaceTarget(narrowed))).isTrue();

      goes.awaitDrop();
      assertThat(outcomeOfTestUnitReady(stays, 0)).isEqualTo("GOOD");
      assertThat(loginTo(DISK)).isEqualTo(LoginStatus.AUTHORIZATION_FAILURE);
    }
  }

  @Test
  void everyInitiatorSeesItsOwnMap() throws Exception {
    String backup = LoginScript.INITIATOR + ":backup";
    LogicalUnit zero = server.targets().get(0).logicalUnits().get(0);
    LunMap map = LunMap.builder().readOnly(3, zero).build();
    within(
        server.replaceTarget(
            disk().lun(zero).lun(second).lunMap(InitiatorGroup.named(backup), map).build()));
    try (ScriptedInitiator all = test.login();
        ScriptedInitiator some = test.connect().login().initiator(backup).perform()) {
      some.clearUnitAttentions(3);

      assertThat(reported(all)).containsExactly(0, 1);
      assertThat(reported(some)).containsExactly(3);
      assertThat(outcomeOfTestUnitReady(some, 0)).isEqualTo(NO_UNIT);
      all.write(5, Patterns.bytes(512, 4));
      assertThat(some.command(Cdbs.read10(5, 1)).lun(3).read(512).await().data())
          .isEqualTo(Patterns.bytes(512, 4));
      assertThat(some.command(Cdbs.write10(5, 1)).lun(3).write(new byte[512]).await().outcome())
          .isEqualTo("CHECK CONDITION 7/27/00");
    }
  }

  @Test
  void whoMayNotLogInAnyMoreAndHangsInADeviceIsTold() throws Exception {
    within(server.replaceTarget(disk().lun(first).build()));
    try (ScriptedInitiator initiator = test.login()) {
      gated.hold();
      initiator.command(Cdbs.write10(0, 1)).write(Patterns.bytes(512, 3)).send();
      gated.awaitCall();

      Target closed = disk().lun(first).access(AccessPolicy.CLOSED).build();

      assertThat(within(server.replaceTarget(closed))).isFalse();
    }
  }

  @Test
  void sessionWhoseMapTheHostFailsToGiveEndsAlone() throws Exception {
    String kept = LoginScript.INITIATOR + ":kept";
    NavigableMap<Integer, LogicalUnit> units = server.targets().get(0).logicalUnits();
    Target failing =
        new Target() {
          @Override
          public IscsiName name() {
            return DISK;
          }

          @Override
          public NavigableMap<Integer, LogicalUnit> logicalUnits() {
            return units;
          }

          @Override
          public LunMap lunMap(Initiator initiator) {
            return initiator.name().toString().equals(kept) ? LunMap.of(units) : null;
          }
        };
    try (ScriptedInitiator goes = test.login();
        ScriptedInitiator stays = test.login(login -> login.initiator(kept))) {
      assertThat(within(server.replaceTarget(failing))).isTrue();

      goes.awaitDrop();
      assertThat(outcomeOfTestUnitReady(stays, 0)).isEqualTo("GOOD");
    }
  }

  @Test
  void changesOfAClosedServerEndToo() throws Exception {
    server.addTarget(Target.builder(OTHER.toString()).lun(second).build());

    test.close();

    assertThat(within(server.removeTarget(OTHER))).isTrue();
    assertThat(within(server.replaceTarget(disk().build()))).isTrue();
  }
}
