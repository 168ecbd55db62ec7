package org.iscsi4j.scsi;

/** What a drive is to initiators with the medium that is in it (MMC-6 clause 5.3.1). */
enum Profile {
  /** No medium is in, so no profile is current. */
  NONE(0x0000, 0),

  /** 40 times the speed of a CD. */
  CD_ROM(0x0008, 7056),

  /** 16 times the speed of a DVD. */
  DVD_ROM(0x0010, 22_160);

  /** The most blocks of a CD: 80 minutes of 60 s of 75. */
  static final long CD_BLOCKS = 80 * 60 * 75;

  private final int code;
  private final int speed;

  Profile(int code, int speed) {
    this.code = code;
    this.speed = speed;
  }

  /** The current profile of a unit: what fits a CD is one. */
  static Profile of(DeviceServer unit) {
    if (!unit.condition().loaded()) {
      return NONE;
    }
    return unit.geometry().blockCount() <= CD_BLOCKS ? CD_ROM : DVD_ROM;
  }

  /** The number by which initiators know it. */
  int code() {
    return code;
  }

  /** The speed of reading that is told, in units of 1,000 bytes a second; nothing is held to it. */
  int speed() {
    return speed;
  }
}
