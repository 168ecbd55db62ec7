package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The events of commands, as a recording has them. */
class FlightRecorderTest {

  private static final String SLOW = "org.iscsi4j.SlowCommand";
  private static final String ERROR = "org.iscsi4j.CommandError";

  @TempDir Path folder;

  private final Engine engine = Engine.over(TestDisk.ofBlocks(64));

  @Test
  void aCommandOverTheThresholdIsRecorded() throws IOException {
    List<RecordedEvent> events;
    try (Recording recording = new Recording()) {
      recording.enable(SLOW).withThreshold(Duration.ZERO);
      recording.start();
      engine.execute(Cdbs.read10(7, 3));
      events = stop(recording, SLOW);
    }

    assertThat(events).hasSize(1);
    RecordedEvent read = events.get(0);
    assertThat(read.getEventType().getName()).isEqualTo(SLOW);
    assertThat(read.getEventType().getCategoryNames()).containsExactly("iSCSI");
    assertThat(read.getString("initiatorPort")).isEqualTo(engine.nexus.initiatorPort());
    assertThat(read.getString("targetPort")).isEqualTo(TestNexus.PORT.portName());
    assertThat(read.getInt("lun")).isZero();
    assertThat(read.getString("serial")).isEqualTo("SN-0042");
    assertThat(read.getString("command")).isEqualTo("READ(10)");
    assertThat(read.getInt("opcode")).isEqualTo(0x28);
    assertThat(read.getInt("serviceAction")).isEqualTo(-1);
    assertThat(read.getLong("lba")).isEqualTo(7);
    assertThat(read.getLong("blocks")).isEqualTo(3);
    assertThat(read.getLong("bytes")).isEqualTo(3 * 512);
    assertThat(read.getString("status")).isEqualTo("GOOD");
    assertThat(read.getString("sense")).isEmpty();
    assertThat(read.getDuration()).isPositive();
  }

  @Test
  void aQuickCommandIsNot() throws IOException {
    try (Recording recording = new Recording()) {
      recording.enable(SLOW).withThreshold(Duration.ofHours(1));
      recording.start();
      engine.execute(Cdbs.read10(7, 3));

      assertThat(stop(recording, SLOW)).isEmpty();
    }
  }

  @Test
  void anAbortedCommandIsASlowOneToo() throws IOException {
    try (Recording recording = new Recording()) {
      recording.enable(SLOW).withThreshold(Duration.ZERO);
      recording.start();
      TestTask write = TestTask.of(engine.nexus, 0, Cdbs.write10(0, 1), 0, Cdbs.block(1));
      write.late = true;
      engine.router.execute(write);
      write.abort();

      assertThat(stop(recording, SLOW))
          .extracting(event -> event.getString("status"))
          .containsExactly("TASK ABORTED");
    }
  }

  @Test
  void aCommandThatDoesNotEndWellIsRecorded() throws IOException {
    List<RecordedEvent> events;
    try (Recording recording = new Recording()) {
      recording.enable(ERROR);
      recording.start();
      engine.execute(Cdbs.read10(0, 1));
      engine.execute(Cdbs.read10(64, 1));
      engine.execute(Cdbs.hex("34 02 00000000 00 0001 00")); // PRE-FETCH: CONDITION MET
      events = stop(recording, ERROR);
    }

    assertThat(events).hasSize(1);
    RecordedEvent read = events.get(0);
    assertThat(read.getEventType().getName()).isEqualTo(ERROR);
    assertThat(read.getLong("lba")).isEqualTo(64);
    assertThat(read.getString("status")).isEqualTo("CHECK CONDITION");
    assertThat(read.getString("sense")).isEqualTo("5h 21h/00h");
    assertThat(read.getDuration("latency")).isPositive();
  }

  @Test
  void aTaskThatIsUsedAgainIsMeasuredAnew() throws IOException {
    try (Recording recording = new Recording()) {
      recording.enable(SLOW).withThreshold(Duration.ZERO);
      recording.start();
      TestTask task = TestTask.of(engine.nexus, 0, Cdbs.read10(0, 1), 512, new byte[0]);
      engine.router.execute(task);
      SlowCommandEvent first = task.slow();
      task.begin(engine.nexus, 0, TaskAttribute.SIMPLE, 512, 0);
      engine.router.execute(task);

      assertThat(task.slow()).isSameAs(first);
      List<RecordedEvent> events = stop(recording, SLOW);
      assertThat(events).hasSize(2);
      assertThat(events.get(1).getStartTime()).isAfterOrEqualTo(events.get(0).getEndTime());
    }
  }

  @Test
  void nothingIsMeasuredWhileNobodyRecords() {
    TestTask task = TestTask.of(engine.nexus, 0, Cdbs.read10(0, 1), 512, new byte[0]);
    engine.router.execute(task);

    assertThat(task.slow()).isNull();
    assertThat(FlightRecorder.error(Status.CHECK_CONDITION)).isFalse();
  }

  /** The events of a name: those of the other are recorded too unless a recording says no. */
  private List<RecordedEvent> stop(Recording recording, String name) throws IOException {
    recording.stop();
    Path file = folder.resolve("recording.jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals(name))
        .toList();
  }
}
