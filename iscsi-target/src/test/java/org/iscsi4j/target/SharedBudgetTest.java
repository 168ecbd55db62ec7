package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.iscsi4j.api.access.Limits;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.UnitStatistics;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What all sessions have together, while the device of one of them hangs. */
@Timeout(60)
class SharedBudgetTest {

  private static final String TASK_SET_FULL = "status 28";
  private static final int KIB_64 = 64 << 10;
  private static final int BLOCKS_64K = KIB_64 / Cdbs.BLOCK;

  private static final int DEPTH = 64;

  private final GatedDevice hanging = new GatedDevice(64 << 20);
  private final GatedDevice sound = new GatedDevice(64 << 20);
  private TestServer server;
  private ScriptedInitiator greedy;
  private ScriptedInitiator other;

  private void serve(UnaryOperator<Limits.Builder> limits) {
    server =
        TestServer.serving(
            settings ->
                settings
                    .limits(limits.apply(Limits.builder()).build())
                    .queueDepth(DEPTH)
                    .eventLoops(2),
            hanging,
            sound);
    greedy =
        server.login(login -> login.offer("FirstBurstLength", 4 * KIB_64)).clearUnitAttentions(1);
    other = server.login(login -> login.isid(2)).clearUnitAttentions(1);
    hanging.hold();
  }

  @AfterEach
  void stop() {
    hanging.release();
    sound.release();
    greedy.logout();
    greedy.close();
    other.logout();
    other.close();
    Usages.awaitNone(server);
    server.close();
  }

  private ServerCore.Usage usage() {
    return server.server().usage();
  }

  private void assertOtherIsServed() {
    byte[] data = Patterns.bytes(8 * KIB_64, 7);
    assertThat(other.command(Cdbs.write10(0, 8 * BLOCKS_64K)).lun(1).write(data).await().outcome())
        .isEqualTo("GOOD");
    Exchange read = other.command(Cdbs.read10(0, 8 * BLOCKS_64K)).lun(1).read(data.length).await();
    assertSame(read.data(), data);
  }

  private UnitStatistics statistics(int lun) {
    return server.server().snapshot().join().targets().get(0).units().get(lun).statistics();
  }

  private Exchange write(int index, int immediate) {
    return greedy
        .command(Cdbs.write10(index * BLOCKS_64K, BLOCKS_64K))
        .write(Patterns.bytes(KIB_64, index))
        .immediate(immediate)
        .unsolicited(0)
        .send();
  }

  private void assertWritten(int index) {
    assertSame(
        hanging.memory().readBytes((long) index * KIB_64, KIB_64), Patterns.bytes(KIB_64, index));
  }

  @Test
  void writesThatBringTheirDataAreRefusedWhenThereIsNoRoom() {
    serve(limits -> limits.transferBytes(8 * KIB_64));
    List<Exchange> writes = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      writes.add(write(i, KIB_64));
    }
    for (Exchange refused : writes.subList(8, 20)) {
      assertThat(refused.await().outcome()).isEqualTo(TASK_SET_FULL);
    }
    assertThat(usage().buffers()).isLessThanOrEqualTo(8 + 2); // and the output of two connections
    assertThat(statistics(0).of(CommandKind.WRITE).taskSetFull()).isEqualTo(12);
    assertOtherIsServed();

    hanging.release();

    for (int i = 0; i < 8; i++) {
      assertThat(writes.get(i).await().outcome()).isEqualTo("GOOD");
      assertWritten(i);
    }
    Exchange again = write(8, KIB_64);
    assertThat(again.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  void refusedWriteThrowsAwayWhatFollowsIt() {
    serve(limits -> limits.transferBytes(KIB_64));
    Exchange first = write(0, KIB_64);
    hanging.awaitCall();
    Exchange second =
        greedy
            .command(Cdbs.write10(BLOCKS_64K, BLOCKS_64K))
            .write(Patterns.bytes(KIB_64, 1))
            .immediate(4096)
            .unsolicited(KIB_64 - 4096)
            .send();

    assertThat(second.await().outcome()).isEqualTo(TASK_SET_FULL);
    hanging.release();
    assertThat(first.await().outcome()).isEqualTo("GOOD");
    assertSame(hanging.memory().readBytes(KIB_64, KIB_64), new byte[KIB_64]);
  }

  @Test
  void writesAreNotAskedForTheirDataWhenThereIsNoRoom() {
    serve(limits -> limits.transferBytes(4 * KIB_64));
    List<Exchange> writes = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      writes.add(write(i, 0));
    }
    for (int i = 0; i < 4; i++) {
      writes.get(i).awaitR2t(0);
    }
    greedy.ping(new byte[1]);
    assertThat(writes.subList(4, 20)).allMatch(each -> each.r2ts().isEmpty());
    assertOtherIsServed();

    hanging.release();

    for (int i = 0; i < 20; i++) {
      assertThat(writes.get(i).await().outcome()).isEqualTo("GOOD");
      assertWritten(i);
    }
  }

  @Test
  void everyUnitOfASessionHasOneTransfer() {
    serve(limits -> limits.transferBytes(1));
    Exchange stuck = write(0, 0);
    stuck.awaitR2t(0);
    hanging.awaitCall();
    assertOtherIsServed();
    byte[] data = Patterns.bytes(4 * KIB_64, 9);
    assertThat(greedy.command(Cdbs.write10(0, 4 * BLOCKS_64K)).lun(1).write(data).await().outcome())
        .isEqualTo("GOOD");

    hanging.release();

    assertThat(stuck.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  void whoWaitsForOthersIsToldWhenTheyGiveBack() {
    serve(limits -> limits.transferBytes(2 * KIB_64));
    sound.hold();
    Exchange stuck = write(0, KIB_64);
    hanging.awaitCall();
    Exchange first = read(other, 0);
    final GatedDevice.Call firstCall = sound.awaitCall();
    Exchange second = read(other, 1);
    other.ping(new byte[1]);
    assertThat(sound.callsUnseen()).isZero();

    hanging.release();

    assertThat(stuck.await().outcome()).isEqualTo("GOOD");
    sound.awaitCall().release();
    assertThat(second.await().outcome()).isEqualTo("GOOD");
    firstCall.release();
    assertThat(first.await().outcome()).isEqualTo("GOOD");
  }

  private static Exchange read(ScriptedInitiator initiator, int index) {
    return initiator
        .command(Cdbs.read10(index * BLOCKS_64K, BLOCKS_64K))
        .lun(1)
        .read(KIB_64)
        .send();
  }

  @Test
  void commandsBeyondTheLimitOfAllAreRefused() {
    serve(limits -> limits.commands(4));
    int own = 8; // of each session
    List<Exchange> reads = new ArrayList<>();
    for (int i = 0; i < own + 6; i++) {
      reads.add(greedy.command(Cdbs.read10(i, 1)).read(512).send());
    }
    for (Exchange refused : reads.subList(own + 4, own + 6)) {
      assertThat(refused.await().outcome()).isEqualTo(TASK_SET_FULL);
    }
    sound.hold();
    List<Exchange> others = new ArrayList<>();
    for (int i = 0; i < own + 1; i++) {
      others.add(other.command(Cdbs.read10(i, 1)).lun(1).read(512).send());
    }
    assertThat(others.get(own).await().outcome()).isEqualTo(TASK_SET_FULL);
    sound.release();
    for (Exchange read : others.subList(0, own)) {
      assertThat(read.await().outcome()).isEqualTo("GOOD");
    }
    assertOtherIsServed();

    hanging.release();

    for (Exchange read : reads.subList(0, own + 4)) {
      assertThat(read.await().outcome()).isEqualTo("GOOD");
    }
    assertThat(greedy.command(Cdbs.read10(0, 1)).read(512).await().outcome()).isEqualTo("GOOD");
  }

  @Test
  void windowStopsGrowingWhenFewCommandsAreLeft() {
    serve(limits -> limits.commands(4));
    List<Exchange> reads = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      reads.add(greedy.command(Cdbs.read10(i, 1)).read(512).send());
    }
    int before = windowOf(greedy);
    for (int i = 0; i < 10; i++) {
      greedy.command(Cdbs.read10(i, 1)).lun(1).read(512).await();
    }
    assertThat(windowOf(greedy)).isEqualTo(before - 11); // the pings take part

    hanging.release();

    reads.forEach(read -> assertThat(read.await().outcome()).isEqualTo("GOOD"));
    assertThat(windowOf(greedy)).isEqualTo(DEPTH);
  }

  /** Commands that may come yet. */
  private static int windowOf(ScriptedInitiator initiator) {
    int tag = initiator.sendPing(new byte[1]);
    NopInPdu echo = initiator.answer(tag, "an echo").as(NopInPdu.class);
    return echo.maxCmdSn() - echo.expCmdSn() + 1;
  }
}
