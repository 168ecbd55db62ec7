package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.RateLimit;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.AccessRules;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.api.access.LunMap;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.TargetSnapshot;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.Test;

/**
 * Everything that a host may change changes at random while initiators write and verify: whoever is
 * not concerned sees no error, and nobody loses a byte that was acknowledged.
 *
 * <p>Takes a few seconds; {@code -Discsi4j.changes=60} makes it a minute, and {@code
 * -Discsi4j.storm.seed=1} another storm.
 */
class LiveChangesStormTest {

  private static final long SECONDS = Long.getLong("iscsi4j.changes", 4);
  private static final long SEED = Long.getLong("iscsi4j.storm.seed", 7143);
  private static final int PARTS = 3;
  private static final long BLOCKS = 2 * Bystander.blocks(PARTS);

  private static final IscsiName DISK = IscsiName.of(TestServer.TARGET);
  private static final IscsiName OTHER = IscsiName.of("iqn.2026-01.org.iscsi4j.test:other");
  private static final String TASK_ABORTED = "status 40";
  private static final String NO_UNIT = "CHECK CONDITION 5/25/00";

  /** What a unit tells that is read-only, offline, or without its medium. */
  private static final Set<String> SWITCHED =
      Set.of("CHECK CONDITION 7/27/00", "CHECK CONDITION 2/04/12", "CHECK CONDITION 2/3a/00");

  private final MemoryDevice steady = device();
  private final LogicalUnit steadyUnit = LogicalUnit.of(steady);
  private final LogicalUnit movingUnit = LogicalUnit.of(device());
  private final LogicalUnit otherUnit = LogicalUnit.of(device());
  private final LogicalUnit switchedUnit = LogicalUnit.builder(device()).removable().build();
  private final InitiatorGroup others = InitiatorGroup.named(LoginScript.INITIATOR + ":2*");
  private final Random random = new Random(SEED);
  private TestServer test;
  private IscsiServer server;
  private volatile Portal otherPortal;

  private static MemoryDevice device() {
    return MemoryDevice.ofSize(BLOCKS * Cdbs.BLOCK);
  }

  @Test
  void nobodyElseIsConcerned() throws Exception {
    test =
        TestServer.serving(settings -> settings.drainTimeout(Duration.ofSeconds(5)).eventLoops(2));
    server = test.server();
    server.replaceTarget(disk(true).build()).join();
    ExecutorService threads = Executors.newCachedThreadPool();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    BooleanSupplier over = () -> System.nanoTime() > end;
    List<Bystander> all = new ArrayList<>();
    try {
      for (int part = 0; part < PARTS; part++) {
        all.add(bystander(DISK, 0, part, Set.of(), false));
        all.add(bystander(DISK, 1, part, Set.of(NO_UNIT, TASK_ABORTED), false));
        all.add(bystander(DISK, 2, part, SWITCHED, false));
        all.add(bystander(OTHER, 0, part, Set.of(NO_UNIT, TASK_ABORTED), true));
      }
      List<Future<?>> running = new ArrayList<>();
      all.forEach(each -> running.add(threads.submit(() -> each.work(over))));
      running.add(threads.submit(() -> changeEverything(over)));
      for (Future<?> each : running) {
        each.get(SECONDS + 60, TimeUnit.SECONDS);
      }
      settle();
      all.forEach(Bystander::verify);
      assertThat(all).allMatch(each -> each.done() > 0);
    } catch (Exception | AssertionError e) {
      throw new AssertionError("seed " + SEED + ": " + e, e);
    } finally {
      threads.shutdownNow();
      test.close();
    }
  }

  private Bystander bystander(
      IscsiName target, int lun, int part, Set<String> bears, boolean bearsEnd) {
    String name = LoginScript.INITIATOR + ":" + lun + part;
    return new Bystander(
        () -> connect(bearsEnd).login().initiator(name).target(target.toString()),
        lun,
        part,
        SEED * 100 + part,
        bears,
        bearsEnd);
  }

  private ScriptedInitiator connect(boolean anywhere) {
    Portal other = otherPortal;
    return anywhere && other != null
        ? ScriptedInitiator.connect(other.socketAddress())
        : test.connect();
  }

  // ---- the changes

  private void changeEverything(BooleanSupplier over) {
    while (!over.getAsBoolean()) {
      switch (random.nextInt(16)) {
        case 0 -> done(server.replaceTarget(disk(random.nextBoolean()).build()));
        case 1 -> comeOrGo();
        case 2 -> describeOther();
        case 3 -> portals();
        case 4 -> resize();
        case 5 -> server.changeChap(random.nextBoolean() ? Optional.of(chap()) : Optional.empty());
        case 6 -> discovery();
        case 7 -> endOthers();
        case 8 -> exchangeOther();
        case 9 -> server.changeReadOnly(switchedUnit, random.nextBoolean());
        case 10 -> server.changeOnline(switchedUnit, random.nextBoolean());
        case 11 -> server.eject(switchedUnit, true);
        case 12 -> server.load(switchedUnit);
        case 13 -> server.limitUnit(switchedUnit, someLimit());
        case 14 -> server.limitInitiators(others, someLimit());
        default -> look();
      }
    }
  }

  /** What holds at the end, so that everybody can look at what he wrote. */
  private void settle() {
    server.changeChap(Optional.empty());
    server.changeReadOnly(switchedUnit, false);
    server.changeOnline(switchedUnit, true);
    server.load(switchedUnit);
    server.limitUnit(switchedUnit, RateLimit.NONE);
    server.limitInitiators(others, RateLimit.NONE);
    done(server.replaceTarget(disk(true).build()));
    if (server.targets().size() == 1) {
      server.addTarget(other().build());
    }
    done(server.replaceTarget(other().build()));
  }

  private static void done(CompletableFuture<Boolean> change) {
    assertThat(change.orTimeout(30, TimeUnit.SECONDS).join()).isTrue();
  }

  private Target.Builder disk(boolean both) {
    Target.Builder disk = Target.builder(DISK.toString()).chap(Chap.notDemanded());
    disk.lun(0, steadyUnit).lun(2, switchedUnit);
    if (both) {
      disk.lun(1, movingUnit);
    }
    if (random.nextBoolean()) {
      LunMap map = LunMap.builder().lun(0, steadyUnit).readOnly(9, movingUnit).build();
      disk.lunMap(InitiatorGroup.named("iqn.2026-01.org.iscsi4j.test:nobody"), map);
    }
    if (random.nextBoolean()) {
      disk.access(AccessRules.allow(InitiatorGroup.named(LoginScript.INITIATOR + ":*")));
    }
    return disk;
  }

  private Target.Builder other() {
    return Target.builder(OTHER.toString()).lun(otherUnit);
  }

  private boolean otherIsThere() {
    return server.targets().stream().anyMatch(target -> target.name().equals(OTHER));
  }

  private void comeOrGo() {
    if (otherIsThere()) {
      done(server.removeTarget(OTHER));
    } else {
      server.addTarget(other().build());
    }
  }

  private void describeOther() {
    if (otherIsThere()) {
      AccessPolicy access = random.nextBoolean() ? AccessPolicy.OPEN : AccessPolicy.CLOSED;
      Target.Builder next = other().access(access);
      if (random.nextBoolean()) {
        next.chap(chap());
      }
      done(server.replaceTarget(next.build()));
    }
  }

  private void exchangeOther() {
    if (otherIsThere()) {
      done(server.replaceTarget(Target.builder(OTHER.toString()).build()));
      done(server.replaceTarget(other().build()));
    }
  }

  private void portals() {
    try {
      if (otherPortal == null) {
        otherPortal = server.addPortal(Portal.loopback().withGroupTag(2));
      } else {
        otherPortal = null;
        done(server.removePortalGroup(2));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void resize() {
    steady.resize(BLOCKS / 2 + random.nextInt((int) BLOCKS));
  }

  private void discovery() {
    AccessPolicy access = random.nextBoolean() ? AccessPolicy.OPEN : AccessPolicy.CLOSED;
    server.changeDiscovery(access, Optional.empty());
  }

  private RateLimit someLimit() {
    return random.nextBoolean()
        ? RateLimit.NONE
        : RateLimit.operationsPerSecond(100 + random.nextInt(500));
  }

  private void look() {
    ServerSnapshot seen = server.snapshot().orTimeout(30, TimeUnit.SECONDS).join();
    assertThat(seen.complete()).isTrue();
    assertThat(seen.targets()).extracting(TargetSnapshot::name).contains(DISK);
  }

  private void endOthers() {
    for (SessionInfo session : server.sessions()) {
      if (session.target().equals(Optional.of(OTHER))) {
        switch (random.nextInt(4)) {
          case 0 -> server.requestLogout(session, Duration.ofSeconds(1));
          case 1 -> server.endSession(session);
          case 2 -> server.endConnection(session, 1);
          default -> {}
        }
      }
    }
  }

  private static Chap chap() {
    return Chap.builder().user("user", "a secret of 16 b").build();
  }
}
