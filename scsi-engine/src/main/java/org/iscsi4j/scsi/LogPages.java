package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.LogParameter.Kind.ASCII_LIST;
import static org.iscsi4j.scsi.LogParameter.Kind.BINARY_LIST;
import static org.iscsi4j.scsi.LogParameter.Kind.UNBOUNDED_COUNTER;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The log pages of a unit (SPC-4 clause 7.3 and SBC-3 clause 6.4). Immutable. */
final class LogPages {

  private static final byte NO_TEMPERATURE = (byte) 0xff;
  private static final int TAPE_ALERTS = 64;
  private static final int DEDICATED = 1;
  private static final int NOT_DEDICATED = 2;

  private final List<LogPage> pages;

  private LogPages(List<LogPage> own) {
    pages = withLists(own);
  }

  /** The pages of a tape (SSC-3 clause 8.2): it has nothing to alert to. */
  static LogPages ofTape() {
    return new LogPages(
        List.of(
            LogPage.of(0x0e, LogPages::startStopCycles),
            LogPage.of(0x2e, LogPages::tapeAlerts),
            LogPage.of(0x2f, LogPages::informationalExceptions)));
  }

  /** The pages of a disk. */
  static LogPages ofDisk(boolean tellsSpace) {
    List<LogPage> own = new ArrayList<>();
    if (tellsSpace) {
      own.add(LogPage.of(0x0c, LogPages::logicalBlockProvisioning));
    }
    own.add(LogPage.of(0x0e, LogPages::startStopCycles));
    own.add(LogPage.of(0x15, LogPages::backgroundScan));
    own.add(LogPage.of(0x19, LogPages::statistics));
    own.add(LogPage.of(0x2f, LogPages::informationalExceptions));
    return new LogPages(own);
  }

  /** Adds the pages that list the others, and themselves. */
  private static List<LogPage> withLists(List<LogPage> own) {
    ByteBuffer codes = ByteBuffer.allocate(1 + own.size());
    ByteBuffer all = ByteBuffer.allocate(4 + 4 * own.size());
    codes.put((byte) LogPage.SUPPORTED_PAGES);
    putBoth(all, LogPage.SUPPORTED_PAGES);
    for (LogPage page : own) {
      codes.put((byte) page.code());
      putBoth(all, page.code());
    }
    List<LogPage> pages = new ArrayList<>();
    pages.add(LogPage.list(LogPage.SUPPORTED_PAGES, 0, codes.array()));
    pages.add(LogPage.list(LogPage.SUPPORTED_PAGES, LogPage.ALL_SUBPAGES, all.array()));
    for (LogPage page : own) {
      ByteBuffer both = ByteBuffer.allocate(4);
      putBoth(both, page.code());
      pages.add(page);
      pages.add(LogPage.list(page.code(), LogPage.ALL_SUBPAGES, both.array()));
    }
    return List.copyOf(pages);
  }

  /** The page itself and the list of its subpages: there are no others. */
  private static void putBoth(ByteBuffer out, int code) {
    out.put((byte) code).put((byte) 0);
    out.put((byte) code).put((byte) LogPage.ALL_SUBPAGES);
  }

  /** The page of a code and subpage code, or null when there is none. */
  LogPage find(int code, int subpage) {
    return pages.stream()
        .filter(page -> page.code() == code && page.subpage() == subpage)
        .findFirst()
        .orElse(null);
  }

  boolean known(int code) {
    return find(code, LogPage.ALL_SUBPAGES) != null;
  }

  /** All pages, by page and subpage code. */
  List<LogPage> all() {
    return pages;
  }

  /** Logical block provisioning: resources as numbers of threshold sets. */
  private static List<LogParameter> logicalBlockProvisioning(DeviceServer unit) {
    SpaceWatch watch = unit.spaceWatch();
    return watch
        .space()
        .map(
            space ->
                List.of(
                    resource(
                        0x0001,
                        watch.sets().available(space),
                        space.shared() ? NOT_DEDICATED : DEDICATED),
                    resource(0x0002, watch.sets().used(space), DEDICATED)))
        .orElse(List.of());
  }

  private static LogParameter resource(int code, long count, int scope) {
    ByteBuffer value = ByteBuffer.allocate(8).putInt((int) count).put((byte) scope);
    return LogParameter.of(code, BINARY_LIST, value.array());
  }

  /** Start-stop cycle counter: there is no date of manufacture and nothing wears out. */
  private static List<LogParameter> startStopCycles(DeviceServer unit) {
    LogValues values = unit.logValues();
    List<LogParameter> parameters = new ArrayList<>();
    parameters.add(
        LogParameter.of(0x0002, ASCII_LIST, values.accountingDate())
            .resetBy(values::resetAccountingDate)
            .setBy(values::accountingDate));
    parameters.add(LogParameter.of(0x0004, BINARY_LIST, bytes(values.startStopCycles())));
    if (unit.unit().removable()) {
      parameters.add(LogParameter.of(0x0006, BINARY_LIST, bytes(values.loadUnloadCycles())));
    }
    return parameters;
  }

  private static byte[] bytes(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }

  /** Background scan: none was ever done, and so there are no results of one. */
  private static List<LogParameter> backgroundScan(DeviceServer unit) {
    ByteBuffer status = ByteBuffer.allocate(12);
    status.putInt((int) unit.logValues().powerOnMinutes());
    return List.of(LogParameter.of(0x0000, BINARY_LIST, status.array()));
  }

  /**
   * General statistics and performance. No times are told, since nobody measures how long the unit
   * is idle: an interval is told to be 0 s long, and so is whatever is counted in intervals.
   * Readers look for all three parameters (sg_logs decodes no shorter page). There are no command
   * priorities and so no weights.
   */
  private static List<LogParameter> statistics(DeviceServer unit) {
    AccessStatistics accesses = unit.logValues().accesses();
    AccessTotals totals = accesses.totals();
    ByteBuffer value = ByteBuffer.allocate(64);
    value.putLong(totals.reads()); // NUMBER OF READ COMMANDS
    value.putLong(totals.writes()); // NUMBER OF WRITE COMMANDS
    value.putLong(totals.blocksWritten()); // NUMBER OF LOGICAL BLOCKS RECEIVED
    value.putLong(totals.blocksRead()); // NUMBER OF LOGICAL BLOCKS TRANSMITTED
    return List.of(
        LogParameter.of(0x0001, UNBOUNDED_COUNTER, value.array()).resetBy(accesses::reset),
        LogParameter.of(0x0002, UNBOUNDED_COUNTER, new byte[8]), // IDLE TIME INTERVALS
        LogParameter.of(0x0003, BINARY_LIST, new byte[8])); // TIME INTERVAL DESCRIPTOR
  }

  /** TapeAlert: none of the 64 flags is ever set. */
  private static List<LogParameter> tapeAlerts(DeviceServer unit) {
    return IntStream.rangeClosed(1, TAPE_ALERTS)
        .mapToObj(flag -> LogParameter.of(flag, BINARY_LIST, new byte[1]))
        .toList();
  }

  /** Informational exceptions: there are none, and no thermometer. */
  private static List<LogParameter> informationalExceptions(DeviceServer unit) {
    byte[] none = {0, 0, NO_TEMPERATURE, 0};
    return List.of(LogParameter.of(0x0000, BINARY_LIST, none));
  }
}
