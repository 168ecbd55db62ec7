package org.iscsi4j.scsi;

/**
 * The way to the events of the JDK's flight recorder: none of their classes is touched where the
 * run-time image has no module jdk.jfr. While nobody records, each question here costs one check.
 */
final class FlightRecorder {

  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightRecorder() {}

  /**
   * A command begins.
   *
   * @param used for the last command of the same task, or null
   * @return what measures it; null while nobody records
   */
  static SlowCommandEvent begin(SlowCommandEvent used) {
    return PRESENT ? SlowCommandEvent.begin(used) : null;
  }

  /** Whether a command that has ended took so long that it is recorded. */
  static boolean slow(SlowCommandEvent measured) {
    return measured != null && measured.over();
  }

  /** Whether a command that has ended is recorded for its status. */
  static boolean error(Status status) {
    return PRESENT
        && status != Status.GOOD
        && status != Status.CONDITION_MET
        && CommandErrorEvent.recorded();
  }
}
