package org.iscsi4j.scsi;

/** Where the medium of a drive moves in and out. May be used from any thread. */
final class Tray {

  private volatile boolean out;

  /** Moves it. */
  void move(boolean open) {
    out = open;
  }

  /** Whether it is open; not while a medium is in use. */
  boolean open(DeviceServer unit) {
    return out && !unit.condition().loaded();
  }

  /** What a command that needs the medium is told when there is none. */
  Sense mediumNotPresent() {
    return out ? Sense.MEDIUM_NOT_PRESENT_TRAY_OPEN : Sense.MEDIUM_NOT_PRESENT_TRAY_CLOSED;
  }
}
