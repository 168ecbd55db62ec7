package org.iscsi4j.scsi;

/** Sense keys (SPC-5 clause 4.5.8), in the order of their codes. */
public enum SenseKey {
  NO_SENSE,
  RECOVERED_ERROR,
  NOT_READY,
  MEDIUM_ERROR,
  HARDWARE_ERROR,
  ILLEGAL_REQUEST,
  UNIT_ATTENTION,
  DATA_PROTECT,
  BLANK_CHECK,
  VENDOR_SPECIFIC,
  COPY_ABORTED,
  ABORTED_COMMAND,
  RESERVED,
  VOLUME_OVERFLOW,
  MISCOMPARE,
  COMPLETED;

  /** The four bits on the wire. */
  public int code() {
    return ordinal();
  }
}
