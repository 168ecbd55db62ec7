package org.iscsi4j.scsi;

/** Causes of unit attention conditions, the most important first (SPC-5 table of precedence). */
enum UnitAttention {
  POWER_ON(0x29, 0x00),
  SCSI_BUS_RESET(0x29, 0x02),
  BUS_DEVICE_RESET(0x29, 0x03),
  I_T_NEXUS_LOSS(0x29, 0x07),
  MEDIUM_MAY_HAVE_CHANGED(0x28, 0x00),
  COMMANDS_CLEARED_BY_ANOTHER_INITIATOR(0x2f, 0x00),
  MODE_PARAMETERS_CHANGED(0x2a, 0x01),
  LOG_PARAMETERS_CHANGED(0x2a, 0x02),
  RESERVATIONS_PREEMPTED(0x2a, 0x03),
  RESERVATIONS_RELEASED(0x2a, 0x04),
  REGISTRATIONS_PREEMPTED(0x2a, 0x05),
  ASYMMETRIC_ACCESS_STATE_CHANGED(0x2a, 0x06),
  IMPLICIT_TRANSITION_FAILED(0x2a, 0x07),
  CAPACITY_DATA_HAS_CHANGED(0x2a, 0x09),
  TIMESTAMP_CHANGED(0x2a, 0x10),
  THIN_PROVISIONING_THRESHOLD_REACHED(0x38, 0x07),
  INQUIRY_DATA_HAS_CHANGED(0x3f, 0x03),
  DEVICE_IDENTIFIER_CHANGED(0x3f, 0x05),
  REPORTED_LUNS_DATA_HAS_CHANGED(0x3f, 0x0e);

  private final Sense sense;

  UnitAttention(int asc, int ascq) {
    sense = Sense.of(SenseKey.UNIT_ATTENTION, asc, ascq);
  }

  Sense sense() {
    return sense;
  }
}
