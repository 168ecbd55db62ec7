package org.iscsi4j.scsi;

/** Causes of unit attention conditions, the most important first (SPC-5 table of precedence). */
enum UnitAttention {
  POWER_ON(0x29, 0x00),
  BUS_DEVICE_RESET(0x29, 0x03),
  MEDIUM_MAY_HAVE_CHANGED(0x28, 0x00),
  COMMANDS_CLEARED_BY_ANOTHER_INITIATOR(0x2f, 0x00),
  CAPACITY_DATA_HAS_CHANGED(0x2a, 0x09),
  REPORTED_LUNS_DATA_HAS_CHANGED(0x3f, 0x0e);

  private final Sense sense;

  UnitAttention(int asc, int ascq) {
    sense = Sense.of(SenseKey.UNIT_ATTENTION, asc, ascq);
  }

  Sense sense() {
    return sense;
  }
}
