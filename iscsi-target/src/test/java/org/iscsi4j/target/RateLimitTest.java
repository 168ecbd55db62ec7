package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.RateLimit;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Rate limits on the wire. A byte a second: one command passes, and nothing more within hours,
 * until the limit is lifted.
 */
class RateLimitTest {

  private static final int LENGTH = 65_536;
  private static final RateLimit NEXT_TO_NOTHING = RateLimit.bytesPerSecond(1);

  private final MemoryDevice disk = MemoryDevice.ofSize(8 << 20);
  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    server = TestServer.serving(disk, MemoryDevice.ofSize(8 << 20));
    initiator = server.login(login -> login.offer("InitialR2T", "No")).clearUnitAttentions(1);
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private LogicalUnit unit() {
    return server.server().targets().get(0).logicalUnits().get(0);
  }

  private void limit() {
    server.server().limitUnit(unit(), NEXT_TO_NOTHING);
    initiator.read(0, LENGTH / 512);
  }

  private Exchange write(int slot, byte[] data) {
    return initiator.command(Cdbs.write10(slot * 128L, LENGTH / 512)).write(data).send();
  }

  /** What is on its way has been taken: its answer is the next one. */
  private void ping() {
    assertThat(initiator.ping(new byte[8])).hasSize(8);
  }

  @Test
  void whatWaitsIsDoneWhenTheLimitIsLifted() {
    limit();
    List<Exchange> writes = new ArrayList<>();
    for (int slot = 0; slot < 8; slot++) {
      writes.add(write(slot, Patterns.bytes(LENGTH, slot)));
    }
    Exchange read = initiator.command(Cdbs.read10(0, 8)).read(4096).send();
    ping();
    assertThat(writes).allSatisfy(write -> assertThat(write.ended()).isFalse());
    assertThat(writes).allSatisfy(write -> assertThat(write.r2ts()).isEmpty());
    assertThat(read.ended()).isFalse();

    server.server().limitUnit(unit(), RateLimit.NONE);

    writes.forEach(write -> assertThat(write.await().outcome()).isEqualTo("GOOD"));
    assertThat(read.await().outcome()).isEqualTo("GOOD");
    for (int slot = 0; slot < 8; slot++) {
      assertSame(disk.readBytes((long) slot * LENGTH, LENGTH), Patterns.bytes(LENGTH, slot));
    }
  }

  @Test
  void whatWaitsIsDoneByATimerOfItsOwn() {
    server.server().limitUnit(unit(), RateLimit.operationsPerSecond(500).withBurst(Duration.ZERO));

    for (int slot = 0; slot < 20; slot++) {
      byte[] data = Patterns.bytes(LENGTH, slot);
      assertThat(write(slot, data).await().outcome()).isEqualTo("GOOD");
      assertSame(disk.readBytes((long) slot * LENGTH, LENGTH), data);
    }
  }

  @Test
  void otherUnitAndCommandsWithoutDataAreNotSlowed() {
    limit();
    Exchange waiting = write(0, Patterns.bytes(LENGTH, 1));

    assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    byte[] data = Patterns.bytes(LENGTH, 2);
    Exchange other = initiator.command(Cdbs.write10(0, LENGTH / 512)).lun(1).write(data).await();
    assertThat(other.outcome()).isEqualTo("GOOD");
    Exchange read = initiator.command(Cdbs.read10(0, LENGTH / 512)).lun(1).read(LENGTH).await();
    assertSame(read.data(), data);
    assertThat(waiting.ended()).isFalse();
  }

  @Test
  void waitingWriteCanBeAborted() {
    limit();
    Exchange aborted = write(0, Patterns.bytes(LENGTH, 1));
    Exchange other = write(1, Patterns.bytes(LENGTH, 2));
    ping();

    assertThat(initiator.abort(aborted)).isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE.code());
    server.server().limitUnit(unit(), RateLimit.NONE);

    assertThat(other.await().outcome()).isEqualTo("GOOD");
    assertSame(disk.readBytes(0, LENGTH), new byte[LENGTH]);
  }

  @Test
  void resetEndsWhatWaits() {
    limit();
    Exchange waiting = write(0, Patterns.bytes(LENGTH, 1));
    ping();

    int answer =
        initiator.taskManagement(
            TaskManagementFunction.LOGICAL_UNIT_RESET.code(), 0, waiting.tag(), 0);
    assertThat(answer).isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE.code());
    server.server().limitUnit(unit(), RateLimit.NONE);

    initiator.clearUnitAttentions(0);
    assertSame(initiator.read(0, LENGTH / 512), new byte[LENGTH]);
  }

  @Test
  void sessionThatEndsTakesNobodysTurn() {
    limit();
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      write(0, Patterns.bytes(LENGTH, 1));
      ping();
      Exchange next = other.command(Cdbs.write10(128, 1)).write(new byte[512]).send();
      initiator.logout();
      other.ping(new byte[8]);

      server.server().limitUnit(unit(), RateLimit.NONE);

      assertThat(next.await().outcome()).isEqualTo("GOOD");
    }
    assertSame(disk.readBytes(0, LENGTH), new byte[LENGTH]);
  }

  @Test
  void initiatorIsHeldToItsLimitInEveryUnitAndSession() {
    InitiatorGroup everybody = InitiatorGroup.everybody();
    server.server().limitInitiators(everybody, NEXT_TO_NOTHING);
    initiator.read(0, 1);
    try (ScriptedInitiator second = server.login(login -> login.isid(2)).clearUnitAttentions(1);
        ScriptedInitiator stranger =
            server.login(login -> login.initiator("iqn.2026-01.org.iscsi4j.test:stranger"))) {
      Exchange waiting = second.command(Cdbs.read10(0, 1)).lun(1).read(512).send();
      second.ping(new byte[8]);
      assertThat(waiting.ended()).isFalse();
      stranger.read(0, 1);

      server.server().limitInitiators(everybody, RateLimit.NONE);

      assertThat(waiting.await().outcome()).isEqualTo("GOOD");
    }
  }

  @Test
  void unitThatIsNotServedHasNoLimit() {
    LogicalUnit stranger = LogicalUnit.of(disk);

    assertThatThrownBy(() -> server.server().limitUnit(stranger, RateLimit.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the server has no LogicalUnit[MemoryDevice[8388608 bytes]]");
  }
}
