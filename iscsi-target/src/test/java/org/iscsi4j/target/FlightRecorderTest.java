package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the JDK's flight recorder is told. */
class FlightRecorderTest {

  private static final String SECRET = "a secret of 16 b";

  @TempDir private Path folder;

  private final Recording recording = new Recording();

  /** Of this test alone: the recorder may lose strings that a recording before it has had. */
  private final String initiatorName = LoginScript.INITIATOR + "-" + System.nanoTime();

  private TestServer server;

  @BeforeEach
  void start() {
    Chap chap = Chap.builder().user("user", SECRET).build();
    server = TestServer.start(settings -> settings.chap(chap).eventLoops(1));
    recording.start();
  }

  @AfterEach
  void stop() {
    recording.close();
    server.close();
  }

  private ScriptedInitiator login() {
    return server.login(
        login -> login.initiator(initiatorName).chap("user", SECRET).offer("DataDigest", "CRC32C"));
  }

  /** Ends the recording, and returns the one event of a name in it. */
  private RecordedEvent event(String name) throws IOException {
    List<RecordedEvent> events = events(name);
    assertThat(events).hasSize(1);
    return events.get(0);
  }

  private List<RecordedEvent> events(String name) throws IOException {
    Path file = folder.resolve("test.jfr");
    if (recording.getState() == RecordingState.RUNNING) {
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals("org.iscsi4j." + name))
        .toList();
  }

  @Test
  void loginIsRecordedWithoutItsSecret() throws Exception {
    try (ScriptedInitiator initiator = login()) {
      RecordedEvent event = event("Login");

      assertThat(event.getString("initiator")).isEqualTo(initiatorName);
      assertThat(event.getString("user")).isEqualTo("user");
      assertThat(event.getBoolean("accepted")).isTrue();
      assertThat(event.getString("status")).isEqualTo("0000h");
      assertThat(event.getDuration("took")).isPositive();
      assertThat(event.toString()).doesNotContain(SECRET);
      assertThat(initiator.ping(new byte[1])).hasSize(1);
    }
  }

  @Test
  void loginThatIsRefusedIsRecordedWithItsStatus() throws Exception {
    try (ScriptedInitiator initiator = server.connect()) {
      initiator.login().chap("user", "another secret..").tryPerform();
      server.events().awaitRefusal();

      RecordedEvent event = event("Login");

      assertThat(event.getBoolean("accepted")).isFalse();
      assertThat(event.getString("status")).isEqualTo("0201h");
      assertThat(event.getString("reason")).isNotEmpty();
      assertThat(event.toString()).doesNotContain(SECRET);
    }
  }

  @Test
  void sessionIsRecordedWhenItEnds() throws Exception {
    try (ScriptedInitiator initiator = login()) {
      initiator.write(0, new byte[4096]);
      initiator.read(0, 8);
      initiator.logout();
      server.events().awaitClosed();

      RecordedEvent event = event("Session");

      assertThat(event.getString("initiator")).isEqualTo(initiatorName);
      assertThat(event.getInt("tsih")).isEqualTo(initiator.tsih());
      assertThat(event.getString("endedBy")).isEqualTo("LOGOUT");
      assertThat(event.getLong("commands")).isGreaterThanOrEqualTo(2);
      assertThat(event.getLong("bytesIn")).isGreaterThan(4096);
      assertThat(event.getLong("bytesOut")).isGreaterThan(4096);
      assertThat(event.getDuration()).isPositive();
      assertThat(events("ConnectionFault")).as("of an orderly end").isEmpty();
    }
  }

  @Test
  void sessionThatLastedLongerThanTheThresholdIsRecorded() throws Exception {
    recording.enable("org.iscsi4j.Session").withThreshold(Duration.ofNanos(1));
    try (ScriptedInitiator initiator = login()) {
      initiator.logout();
      server.events().awaitClosed();

      assertThat(event("Session").getDuration()).isPositive();
    }
  }

  @Test
  void connectionThatIsLostIsRecorded() throws Exception {
    ScriptedInitiator initiator = login();
    initiator.reset();
    server.events().awaitClosed();

    RecordedEvent event = event("ConnectionFault");

    assertThat(event.getString("kind")).isEqualTo("CONNECTION_LOST");
    assertThat(event.getString("initiator")).isEqualTo(initiatorName);
    assertThat(event.getString("reason")).contains("connection lost");
  }

  @Test
  void dataThatCameDamagedIsRecorded() throws Exception {
    try (ScriptedInitiator initiator = login()) {
      initiator.command(Cdbs.write10(0, 1)).write(new byte[512]).damage(48 + 100).await();
      initiator.awaitReject();

      RecordedEvent event = event("ConnectionFault");

      assertThat(event.getString("kind")).isEqualTo("DIGEST_ERROR");
      assertThat(event.getString("reason")).contains("data digest error");
    }
  }
}
