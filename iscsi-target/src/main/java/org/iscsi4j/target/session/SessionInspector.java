package org.iscsi4j.target.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.iscsi4j.api.monitor.ConnectionSnapshot;
import org.iscsi4j.api.monitor.SessionSnapshot;
import org.iscsi4j.api.monitor.TaskSnapshot;
import org.iscsi4j.protocol.Key;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.scsi.Lun;

/** Looks at a session as it stands. Called on its loop. */
public final class SessionInspector {

  private final Session session;
  private final long now;

  private SessionInspector(Session session, long now) {
    this.session = session;
    this.now = now;
  }

  /**
   * A session as it stands.
   *
   * @param session that {@linkplain Session#isOpened is opened}
   * @param now in the time of {@link System#nanoTime}
   */
  public static SessionSnapshot snapshot(Session session, long now) {
    return new SessionInspector(session, now).snapshot();
  }

  private SessionSnapshot snapshot() {
    OperationalParameters agreed = session.parameters();
    return new SessionSnapshot(
        session.info(),
        session.opening().at(),
        since(session.opening().nanos()),
        negotiated(agreed),
        agreed.errorRecoveryLevel(),
        Integer.toUnsignedLong(session.expCmdSn()),
        Integer.toUnsignedLong(session.toldMaxCmdSn()),
        session.budget().used(),
        session.commands(),
        connections(),
        tasks());
  }

  /** A moment of just now may look later than the present. */
  private Duration since(long nanos) {
    return Duration.ofNanos(Math.max(0, now - nanos));
  }

  // ---- connections

  private List<ConnectionSnapshot> connections() {
    List<ConnectionSnapshot> all = new ArrayList<>();
    session.connections().lost().connections().forEach(each -> all.add(connection(each, true)));
    session.connections().all().forEach(each -> all.add(connection(each, false)));
    return all;
  }

  private ConnectionSnapshot connection(SessionConnection connection, boolean lost) {
    return new ConnectionSnapshot(
        connection.info(),
        lost,
        negotiated(connection),
        connection.transport().bytesIn(),
        connection.transport().bytesOut(),
        connection.transport().bytesQueued(),
        since(connection.transport().lastAlive()));
  }

  // ---- tasks

  private List<TaskSnapshot> tasks() {
    return Stream.concat(
            session.tasks(task -> true).stream(), session.lingering(task -> true).stream())
        .sorted(Comparator.comparingLong(task -> task.arrived() - now))
        .map(this::task)
        .toList();
  }

  private TaskSnapshot task(IscsiTask task) {
    return new TaskSnapshot(
        Integer.toUnsignedLong(task.tag()),
        task.connection().cid(),
        Lun.decode(task.lun()),
        task.commandName(),
        task.cdb().toString(),
        task.expectedDataIn(),
        task.expectedDataOut(),
        task.immediate(),
        task.state(),
        since(task.arrived()));
  }

  // ---- what was agreed

  private static Map<String, String> negotiated(OperationalParameters agreed) {
    Map<String, String> values = new LinkedHashMap<>();
    put(values, Key.MAX_CONNECTIONS, agreed.maxConnections());
    put(values, Key.INITIAL_R2T, yesNo(agreed.initialR2t()));
    put(values, Key.IMMEDIATE_DATA, yesNo(agreed.immediateData()));
    put(values, Key.MAX_BURST_LENGTH, agreed.maxBurstLength());
    put(values, Key.FIRST_BURST_LENGTH, agreed.firstBurstLength());
    put(values, Key.DEFAULT_TIME2WAIT, agreed.defaultTime2Wait());
    put(values, Key.DEFAULT_TIME2RETAIN, agreed.defaultTime2Retain());
    put(values, Key.MAX_OUTSTANDING_R2T, agreed.maxOutstandingR2t());
    put(values, Key.DATA_PDU_IN_ORDER, yesNo(agreed.dataPduInOrder()));
    put(values, Key.DATA_SEQUENCE_IN_ORDER, yesNo(agreed.dataSequenceInOrder()));
    put(values, Key.ERROR_RECOVERY_LEVEL, agreed.errorRecoveryLevel());
    put(values, Key.TASK_REPORTING, agreed.taskReporting());
    put(values, Key.ISCSI_PROTOCOL_LEVEL, agreed.iscsiProtocolLevel());
    return values;
  }

  private static Map<String, String> negotiated(SessionConnection connection) {
    OperationalParameters terms = connection.terms();
    String length = Key.MAX_RECV_DATA_SEGMENT_LENGTH.name();
    Map<String, String> values = new LinkedHashMap<>();
    put(values, Key.HEADER_DIGEST, digest(terms.headerDigest()));
    put(values, Key.DATA_DIGEST, digest(terms.dataDigest()));
    values.put(length + " initiator", Integer.toString(connection.maxDataIn()));
    values.put(length + " target", Integer.toString(terms.targetMaxRecvDataSegmentLength()));
    return values;
  }

  private static void put(Map<String, String> values, Key<?> key, Object value) {
    values.put(key.name(), value.toString());
  }

  private static String yesNo(boolean value) {
    return value ? "Yes" : "No";
  }

  private static String digest(boolean on) {
    return on ? "CRC32C" : "None";
  }
}
