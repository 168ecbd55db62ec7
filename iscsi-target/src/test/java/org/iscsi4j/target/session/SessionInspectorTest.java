package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.iscsi4j.api.monitor.SessionSnapshot;
import org.iscsi4j.api.monitor.TaskSnapshot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionInspectorTest {

  private static final long SECOND = 1_000_000_000L;

  private final Session session = Sessions.withoutConnection();
  private long opened;

  @BeforeEach
  void open() {
    session.opened(new SessionWatcher() {});
    opened = session.opening().nanos();
  }

  private SessionSnapshot after(int seconds) {
    return SessionInspector.snapshot(session, opened + seconds * SECOND);
  }

  private void comes(int tag, int second) {
    session.started(Sessions.task(session, tag, opened + second * SECOND));
  }

  @Test
  void ageIsThatSinceTheOpening() {
    assertThat(after(5).age()).isEqualTo(Duration.ofSeconds(5));
    assertThat(after(5).opened()).isBeforeOrEqualTo(Instant.now());
  }

  @Test
  void tasksStandInTheOrderInWhichTheyCame() {
    comes(7, 3);
    comes(0xffff_fffe, 1);
    comes(5, 2);

    assertThat(after(4).tasks())
        .extracting(TaskSnapshot::tag)
        .containsExactly(0xffff_fffeL, 5L, 7L);
    assertThat(after(4).tasks())
        .extracting(TaskSnapshot::age)
        .containsExactly(Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofSeconds(1));
    assertThat(after(4).commands()).isEqualTo(3);
  }

  @Test
  void taskThatCameAMomentAgoIsNotOfTheFuture() {
    comes(1, 2);

    assertThat(after(1).tasks()).extracting(TaskSnapshot::age).containsExactly(Duration.ZERO);
  }

  @Test
  void taskTellsItsCommand() {
    comes(1, 0);

    TaskSnapshot task = after(1).tasks().get(0);

    assertThat(task.cid()).isEqualTo(1);
    assertThat(task.lun()).isZero();
    assertThat(task.cdb()).isEqualTo("00".repeat(16));
    assertThat(task.command()).as("that nobody has looked up").isEqualTo("operation code 00h");
    assertThat(task.state()).isEqualTo(TaskSnapshot.State.QUEUED);
  }

  @Test
  void negotiatedValuesHaveTheNamesOfTheStandard() {
    assertThat(after(0).negotiated())
        .containsEntry("InitialR2T", "Yes")
        .containsEntry("MaxBurstLength", "262144")
        .containsEntry("TaskReporting", "RFC3720");
    assertThat(after(0).negotiated().keySet())
        .startsWith("MaxConnections", "InitialR2T")
        .endsWith("TaskReporting", "iSCSIProtocolLevel");
  }

  /** Else the initiator would not be told of a window that has moved. */
  @Test
  void looksAtTheWindowWithoutMovingIt() {
    session.arrived(1);

    assertThat(after(0).expCmdSn()).isEqualTo(2);
    assertThat(after(0).maxCmdSn()).isEqualTo(32);
    assertThat(after(0).maxCmdSn()).isEqualTo(32);

    assertThat(session.maxCmdSn()).isEqualTo(33);
    assertThat(after(0).maxCmdSn()).isEqualTo(33);
  }
}
