package org.iscsi4j.examples.daemon.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What {@code /status.json} tells; the fields' names are those of the records. Numbers are whole
 * unless said otherwise; what ends in {@code Bytes}, {@code Nanos}, {@code Seconds} or {@code
 * PerSecond} is in that unit. Lists of units and sessions are cut at {@link #MAX_ROWS}; {@code
 * counts} says how many there are.
 *
 * @param server who tells
 * @param counts how many there are of what
 * @param now the last second of all units together
 * @param portals where the server listens
 * @param targets what is served
 * @param sessions who is logged in
 * @param history the last five minutes of what was asked for: of all units, or of one
 */
record Status(
    Server server,
    Counts counts,
    Sample now,
    List<PortalStatus> portals,
    List<TargetStatus> targets,
    List<SessionStatus> sessions,
    HistoryStatus history) {

  /** The most units, and the most sessions, that are told. */
  static final int MAX_ROWS = 1000;

  /**
   * The server.
   *
   * @param version of this program
   * @param taken when this was seen, ISO 8601
   * @param uptimeSeconds since the page is served
   * @param complete false when an event loop does not answer, and its sessions are missing
   */
  record Server(String name, String version, String taken, long uptimeSeconds, boolean complete) {}

  /**
   * How many there are.
   *
   * @param pendingLogins connections whose login has not ended
   * @param outstanding commands that have come and not ended
   */
  record Counts(
      int targets, int units, int sessions, int connections, int pendingLogins, int outstanding) {}

  /**
   * A portal.
   *
   * @param address {@code HOST:PORT}
   * @param group the portal group tag
   * @param tls whether connections are encrypted
   */
  record PortalStatus(String address, int group, boolean tls) {}

  /**
   * A target.
   *
   * @param alias what it is for people; empty when it has none
   */
  record TargetStatus(String name, String alias, List<UnitStatus> units) {}

  /**
   * A logical unit.
   *
   * @param type {@code disk}, {@code tape} or {@code dvd}
   * @param state {@code ready}, {@code offline}, {@code no medium}, {@code in progress} or {@code
   *     medium failed}
   * @param locked whether an initiator keeps the medium of a removable unit where it is
   * @param reserved whether somebody has it for himself
   * @param sizeBytes of the medium; 0 when it is out
   * @param blockBytes in a logical block
   * @param initiators that have addressed the unit and are there
   * @param now the last second; of a unit that has no history, nothing
   * @param total since the unit was first served
   * @param recentBytesPerSecond of each of the last 60 seconds, the oldest first; empty of a unit
   *     that has no history
   */
  record UnitStatus(
      int lun,
      String type,
      String product,
      String serial,
      String state,
      boolean readOnly,
      boolean locked,
      boolean reserved,
      long sizeBytes,
      int blockBytes,
      int initiators,
      Sample now,
      Total total,
      List<Long> recentBytesPerSecond) {}

  /**
   * What was done with a unit since it was first served.
   *
   * @param operations commands that ended, however they did
   * @param errors commands that ended with another status than GOOD
   * @param aborted commands that were ended before their time
   */
  record Total(long readBytes, long writtenBytes, long operations, long errors, long aborted) {}

  /**
   * A session.
   *
   * @param initiator the name that it gave itself
   * @param user who it has proved to be; empty where nobody needs to
   * @param target empty for a discovery session
   * @param isid 12 hexadecimal digits
   * @param commands that came since it was opened
   * @param outstanding commands that are not over
   */
  record SessionStatus(
      String initiator,
      String user,
      String target,
      String isid,
      int tsih,
      long ageSeconds,
      long commands,
      int outstanding,
      List<ConnectionStatus> connections) {}

  /**
   * A connection.
   *
   * @param remote the initiator's address
   * @param local the portal's address
   * @param headerDigest as negotiated
   * @param dataDigest as negotiated
   * @param lost whether it is gone and its commands wait for another one
   */
  record ConnectionStatus(
      int cid,
      String remote,
      String local,
      String headerDigest,
      String dataDigest,
      long inBytes,
      long outBytes,
      long idleSeconds,
      boolean lost) {}

  /**
   * Samples, one a second, the oldest first; all lists are as long.
   *
   * @param target whose unit it is; missing of all units
   * @param lun the unit's number; missing of all units
   * @param ageSeconds before the newest, with one decimal
   * @param readsPerSecond with one decimal, as are the other commands a second
   * @param p50Nanos 0 in a second in which no command ended well, as is {@code p99Nanos}
   */
  record HistoryStatus(
      @JsonInclude(JsonInclude.Include.NON_EMPTY) String target,
      @JsonInclude(JsonInclude.Include.NON_NULL) Integer lun,
      List<Double> ageSeconds,
      List<Long> readBytesPerSecond,
      List<Long> writtenBytesPerSecond,
      List<Double> readsPerSecond,
      List<Double> writesPerSecond,
      List<Double> othersPerSecond,
      List<Long> p50Nanos,
      List<Long> p99Nanos,
      List<Integer> outstanding) {}
}
