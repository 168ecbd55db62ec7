package org.iscsi4j.scsi;

/** Why copies are refused or end early (SPC-4 clauses 5.17 and 6.4). */
final class CopySense {

  /** The list identifier is that of a copy of the same nexus that has not ended. */
  static final Sense OPERATION_IN_PROGRESS = illegal(0x00, 0x16);

  static final Sense TOO_MANY_CSCD_DESCRIPTORS = illegal(0x26, 0x06);
  static final Sense UNSUPPORTED_CSCD_DESCRIPTOR = illegal(0x26, 0x07);
  static final Sense TOO_MANY_SEGMENT_DESCRIPTORS = illegal(0x26, 0x08);
  static final Sense UNSUPPORTED_SEGMENT_DESCRIPTOR = illegal(0x26, 0x09);
  static final Sense INLINE_DATA_LENGTH_EXCEEDED = illegal(0x26, 0x0b);

  static final Sense INVALID_TOKEN_OPERATION = illegal(0x23, 0x00);
  static final Sense UNSUPPORTED_TOKEN_TYPE = illegal(0x23, 0x01);
  static final Sense TOKEN_UNKNOWN = illegal(0x23, 0x04);
  static final Sense TOKEN_EXPIRED = illegal(0x23, 0x07);
  static final Sense INVALID_TOKEN_LENGTH = illegal(0x23, 0x0a);
  static final Sense INSUFFICIENT_RESOURCES_FOR_TOKEN = illegal(0x55, 0x0d);

  /** Nothing more specific is known: the copy was stopped, or a range is not on the medium. */
  static final Sense ABORTED = aborted(0x00, 0x00);

  static final Sense THIRD_PARTY_DEVICE_FAILURE = aborted(0x0d, 0x01);
  static final Sense DEVICE_NOT_REACHABLE = aborted(0x0d, 0x02);
  static final Sense INCORRECT_DEVICE_TYPE = aborted(0x0d, 0x03);
  static final Sense DATA_UNDERRUN = aborted(0x0d, 0x04);
  static final Sense WRONG_BLOCK_LENGTH = aborted(0x26, 0x00);
  static final Sense UNEXPECTED_INEXACT_SEGMENT = aborted(0x26, 0x0a);

  private CopySense() {}

  private static Sense illegal(int asc, int ascq) {
    return Sense.of(SenseKey.ILLEGAL_REQUEST, asc, ascq);
  }

  private static Sense aborted(int asc, int ascq) {
    return Sense.of(SenseKey.COPY_ABORTED, asc, ascq);
  }

  /**
   * What a device fault is to the initiator of a copy. That a thin unit is full it hears as it is:
   * it may make room and try again.
   */
  static Sense ofDevice(Sense fault) {
    return fault.equals(Sense.SPACE_ALLOCATION_FAILED) ? fault : THIRD_PARTY_DEVICE_FAILURE;
  }

  /** The number of the segment stands in the first two bytes of COMMAND-SPECIFIC INFORMATION. */
  static Sense inSegment(Sense why, int segment) {
    return why.withCommandSpecific((long) segment << 16);
  }
}
