package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * Why a command ended as it did (SPC-5 clause 4.5). Immutable; the common values are constants, so
 * that a fault costs no allocation either.
 */
public final class Sense {

  /** Nothing to say: the command ended well. */
  public static final Sense NONE = of(SenseKey.NO_SENSE, 0x00, 0x00);

  public static final Sense INVALID_OPERATION_CODE = illegal(0x20, 0x00);
  public static final Sense NO_ACCESS_RIGHTS = illegal(0x20, 0x02);
  public static final Sense LBA_OUT_OF_RANGE = illegal(0x21, 0x00);
  public static final Sense INVALID_FIELD_IN_CDB = illegal(0x24, 0x00);
  public static final Sense LOGICAL_UNIT_NOT_SUPPORTED = illegal(0x25, 0x00);
  public static final Sense INVALID_FIELD_IN_PARAMETER_LIST = illegal(0x26, 0x00);
  public static final Sense PARAMETER_LIST_LENGTH_ERROR = illegal(0x1a, 0x00);
  public static final Sense COMMAND_SEQUENCE_ERROR = illegal(0x2c, 0x00);
  public static final Sense CANNOT_READ_INCOMPATIBLE_FORMAT = illegal(0x30, 0x02);
  public static final Sense MEDIUM_REMOVAL_PREVENTED = illegal(0x53, 0x02);

  public static final Sense ILLEGAL_MODE_FOR_THIS_TRACK = illegal(0x64, 0x00);

  /** The expected data transfer length does not fit the CDB. */
  public static final Sense INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT = illegal(0x0e, 0x03);

  /** A command with the ACA attribute came, and there is no such condition (SAM-5 clause 8.6.5). */
  public static final Sense INVALID_MESSAGE_ERROR = illegal(0x49, 0x00);

  public static final Sense WRITE_PROTECTED = of(SenseKey.DATA_PROTECT, 0x27, 0x00);
  public static final Sense SOFTWARE_WRITE_PROTECTED = of(SenseKey.DATA_PROTECT, 0x27, 0x02);
  public static final Sense SPACE_ALLOCATION_FAILED = of(SenseKey.DATA_PROTECT, 0x27, 0x07);
  public static final Sense UNRECOVERED_READ_ERROR = of(SenseKey.MEDIUM_ERROR, 0x11, 0x00);
  public static final Sense WRITE_ERROR = of(SenseKey.MEDIUM_ERROR, 0x0c, 0x00);
  public static final Sense MEDIUM_FORMAT_CORRUPTED = of(SenseKey.MEDIUM_ERROR, 0x31, 0x00);
  public static final Sense SANITIZE_COMMAND_FAILED = of(SenseKey.MEDIUM_ERROR, 0x31, 0x03);
  public static final Sense LOGICAL_UNIT_FAILED_SELF_TEST = of(SenseKey.HARDWARE_ERROR, 0x3e, 0x03);
  public static final Sense INTERNAL_TARGET_FAILURE = of(SenseKey.HARDWARE_ERROR, 0x44, 0x00);
  public static final Sense NOT_READY_CAUSE_NOT_REPORTABLE = of(SenseKey.NOT_READY, 0x04, 0x00);
  public static final Sense FORMAT_IN_PROGRESS = of(SenseKey.NOT_READY, 0x04, 0x04);
  public static final Sense LOGICAL_UNIT_OFFLINE = of(SenseKey.NOT_READY, 0x04, 0x12);
  public static final Sense SANITIZE_IN_PROGRESS = of(SenseKey.NOT_READY, 0x04, 0x1b);
  public static final Sense INCOMPATIBLE_MEDIUM_INSTALLED = of(SenseKey.NOT_READY, 0x30, 0x00);
  public static final Sense MEDIUM_NOT_PRESENT = of(SenseKey.NOT_READY, 0x3a, 0x00);
  public static final Sense MEDIUM_NOT_PRESENT_TRAY_CLOSED = of(SenseKey.NOT_READY, 0x3a, 0x01);
  public static final Sense MEDIUM_NOT_PRESENT_TRAY_OPEN = of(SenseKey.NOT_READY, 0x3a, 0x02);

  public static final Sense MISCOMPARE_DURING_VERIFY = of(SenseKey.MISCOMPARE, 0x1d, 0x00);
  public static final Sense ORWRITE_GENERATION_DOES_NOT_MATCH = illegal(0x2c, 0x0c);
  public static final Sense NO_DEFECT_SPARE_LOCATION = of(SenseKey.MEDIUM_ERROR, 0x32, 0x00);

  // ---- of tapes (SSC-3 clause 4.2)

  static final Sense FILEMARK_DETECTED =
      of(SenseKey.NO_SENSE, 0x00, 0x01).withStream(Sense.FILEMARK);
  static final Sense INCORRECT_LENGTH = NONE.withStream(Sense.ILI);
  static final Sense BEGINNING_OF_MEDIUM_DETECTED =
      of(SenseKey.NO_SENSE, 0x00, 0x04).withStream(Sense.EOM);
  static final Sense END_OF_DATA_DETECTED = of(SenseKey.BLANK_CHECK, 0x00, 0x05);

  /** Early warning: all was written, and little more can be. */
  static final Sense END_OF_MEDIUM_DETECTED =
      of(SenseKey.NO_SENSE, 0x00, 0x02).withStream(Sense.EOM);

  /** The end: not all was written. */
  static final Sense END_OF_MEDIUM_REACHED =
      of(SenseKey.VOLUME_OVERFLOW, 0x00, 0x02).withStream(Sense.EOM);

  static final Sense INCOMPATIBLE_MEDIUM = of(SenseKey.MEDIUM_ERROR, 0x30, 0x00);

  /** Unexpected unsolicited data (RFC 7143 section 11.4.7.2). */
  public static final Sense UNEXPECTED_UNSOLICITED_DATA = aborted(0x0c, 0x0c);

  /** Incorrect amount of data (RFC 7143 section 11.4.7.2). */
  public static final Sense INCORRECT_AMOUNT_OF_DATA = aborted(0x0c, 0x0d);

  /** A data digest was wrong (RFC 7143 section 11.4.7.2). */
  public static final Sense PROTOCOL_SERVICE_CRC_ERROR = aborted(0x47, 0x05);

  /** What was asked for by SNACK can't be sent again (RFC 7143 section 11.4.7.2). */
  public static final Sense FAILED_RETRANSMISSION_REQUEST = aborted(0x11, 0x13);

  /** A bug: the engine or a device threw what it should not. */
  public static final Sense INTERNAL_ERROR = aborted(0x44, 0x00);

  private static final long NO_INFORMATION = Long.MIN_VALUE;
  private static final int NO_POINTER = 0;

  private static final int FIXED_FORMAT = 0x70;
  private static final int DESCRIPTOR_FORMAT = 0x72;
  private static final int FIXED_LENGTH = 18;
  private static final int HEADER_LENGTH = 8;
  private static final int INFORMATION_LENGTH = 12;
  private static final int COMMAND_SPECIFIC_LENGTH = 12;
  private static final int SENSE_KEY_SPECIFIC_LENGTH = 8;
  private static final int STREAM_LENGTH = 4;
  private static final int VALID = 0x80;

  /** Bits of sense data of tapes, as in byte 2 of the fixed format. */
  private static final int FILEMARK = 0x80;

  private static final int EOM = 0x40;
  private static final int ILI = 0x20;

  private final SenseKey key;
  private final int asc;
  private final int ascq;
  private final long information;

  /** The three sense key specific bytes (SPC-5 clause 4.5.2.4); 0 when not valid. */
  private final int specific;

  /** COMMAND-SPECIFIC INFORMATION. */
  private final long commandSpecific;

  /** FILEMARK, EOM and ILI. */
  private final int stream;

  private Sense(
      SenseKey key,
      int asc,
      int ascq,
      long information,
      int specific,
      long commandSpecific,
      int stream) {
    this.key = key;
    this.asc = asc;
    this.ascq = ascq;
    this.information = information;
    this.specific = specific;
    this.commandSpecific = commandSpecific;
    this.stream = stream;
  }

  /** A sense of a key and an additional sense code with its qualifier, each one byte. */
  public static Sense of(SenseKey key, int asc, int ascq) {
    return new Sense(key, asc, ascq, NO_INFORMATION, NO_POINTER, NO_INFORMATION, 0);
  }

  /** INVALID FIELD IN CDB that points at the byte that was wrong. */
  public static Sense invalidFieldInCdb(int atByte) {
    return INVALID_FIELD_IN_CDB.withFieldPointer(true, atByte, -1);
  }

  /** INVALID FIELD IN CDB that points at the most significant bit of the field that was wrong. */
  public static Sense invalidFieldInCdb(int atByte, int bit) {
    return INVALID_FIELD_IN_CDB.withFieldPointer(true, atByte, bit);
  }

  /** INVALID FIELD IN PARAMETER LIST that points at the byte that was wrong. */
  public static Sense invalidFieldInParameterList(int atByte) {
    return INVALID_FIELD_IN_PARAMETER_LIST.withFieldPointer(false, atByte, -1);
  }

  /**
   * INVALID FIELD IN PARAMETER LIST that points at the most significant bit of the field that was
   * wrong.
   */
  public static Sense invalidFieldInParameterList(int atByte, int bit) {
    return INVALID_FIELD_IN_PARAMETER_LIST.withFieldPointer(false, atByte, bit);
  }

  private static Sense illegal(int asc, int ascq) {
    return of(SenseKey.ILLEGAL_REQUEST, asc, ascq);
  }

  private static Sense aborted(int asc, int ascq) {
    return of(SenseKey.ABORTED_COMMAND, asc, ascq);
  }

  /** The same with a value of the INFORMATION field, such as the LBA that failed. */
  public Sense withInformation(long value) {
    return new Sense(key, asc, ascq, value, specific, commandSpecific, stream);
  }

  /** The same with FILEMARK, EOM or ILI. */
  private Sense withStream(int bits) {
    return new Sense(key, asc, ascq, information, specific, commandSpecific, bits);
  }

  /** The same with how much is done of what makes the unit not ready, out of 65,536. */
  Sense withProgress(int progress) {
    return new Sense(key, asc, ascq, information, VALID << 16 | progress, commandSpecific, stream);
  }

  /** The same with a value of the COMMAND-SPECIFIC INFORMATION field. */
  Sense withCommandSpecific(long value) {
    return new Sense(key, asc, ascq, information, specific, value, stream);
  }

  /** The same with a pointer at the byte, and the bit unless it is negative, that was wrong. */
  Sense withFieldPointer(boolean inCdb, int atByte, int bit) {
    return withPointer(inCdb ? 0x40 : 0, atByte, bit);
  }

  /** The same with a pointer at a byte of the segment descriptor that was wrong (SD). */
  Sense withSegmentPointer(int atByte) {
    return withPointer(0x20, atByte, -1);
  }

  private Sense withPointer(int where, int atByte, int bit) {
    int flags = VALID | where | (bit < 0 ? 0 : 0x08 | bit);
    int pointer = flags << 16 | (atByte & 0xffff);
    return new Sense(key, asc, ascq, information, pointer, commandSpecific, stream);
  }

  /** Whether the command ended well. */
  public boolean isNone() {
    return equals(NONE);
  }

  /** The sense key. */
  public SenseKey key() {
    return key;
  }

  /** The additional sense code, one byte. */
  public int asc() {
    return asc;
  }

  /** The additional sense code qualifier, one byte. */
  public int ascq() {
    return ascq;
  }

  /** Bytes that {@link #encode} writes. */
  public int length(boolean descriptorFormat) {
    if (!descriptorFormat) {
      return FIXED_LENGTH;
    }
    return HEADER_LENGTH
        + (hasInformation() ? INFORMATION_LENGTH : 0)
        + (hasCommandSpecific() ? COMMAND_SPECIFIC_LENGTH : 0)
        + (specific != NO_POINTER ? SENSE_KEY_SPECIFIC_LENGTH : 0)
        + (stream != 0 ? STREAM_LENGTH : 0);
  }

  /**
   * Appends the sense data at the buffer's position.
   *
   * @param descriptorFormat descriptor format (72h) instead of the fixed one (70h)
   */
  public void encode(ByteBuffer out, boolean descriptorFormat) {
    if (descriptorFormat) {
      encodeDescriptors(out);
    } else {
      encodeFixed(out);
    }
  }

  /** The sense data as an array. */
  public byte[] toBytes(boolean descriptorFormat) {
    ByteBuffer out = ByteBuffer.allocate(length(descriptorFormat));
    encode(out, descriptorFormat);
    return out.array();
  }

  private void encodeFixed(ByteBuffer out) {
    // INFORMATION has 32 bits here; a value that does not fit is left out (SPC-5 clause 4.5.3)
    boolean fits =
        hasInformation() && (information >>> 32 == 0 || information == (int) information);
    out.put((byte) (FIXED_FORMAT | (fits ? VALID : 0)));
    out.put((byte) 0);
    out.put((byte) (stream | key.code()));
    out.putInt(fits ? (int) information : 0);
    out.put((byte) (FIXED_LENGTH - 8)); // ADDITIONAL SENSE LENGTH
    out.putInt(hasCommandSpecific() ? (int) commandSpecific : 0); // COMMAND-SPECIFIC INFORMATION
    out.put((byte) asc);
    out.put((byte) ascq);
    out.put((byte) 0); // FIELD REPLACEABLE UNIT CODE
    putSpecific(out);
  }

  private void encodeDescriptors(ByteBuffer out) {
    out.put((byte) DESCRIPTOR_FORMAT);
    out.put((byte) key.code());
    out.put((byte) asc);
    out.put((byte) ascq);
    out.put((byte) 0).put((byte) 0).put((byte) 0);
    out.put((byte) (length(true) - HEADER_LENGTH)); // ADDITIONAL SENSE LENGTH
    if (hasInformation()) {
      out.put((byte) 0x00).put((byte) 0x0a).put((byte) VALID).put((byte) 0);
      out.putLong(information);
    }
    if (hasCommandSpecific()) {
      out.put((byte) 0x01).put((byte) 0x0a).put((byte) 0).put((byte) 0);
      out.putLong(commandSpecific);
    }
    if (specific != NO_POINTER) {
      out.put((byte) 0x02).put((byte) 0x06).put((byte) 0).put((byte) 0);
      putSpecific(out);
      out.put((byte) 0);
    }
    if (stream != 0) {
      out.put((byte) 0x04).put((byte) 0x02).put((byte) 0).put((byte) stream);
    }
  }

  private void putSpecific(ByteBuffer out) {
    out.put((byte) (specific >> 16)).put((byte) (specific >> 8)).put((byte) specific);
  }

  private boolean hasInformation() {
    return information != NO_INFORMATION;
  }

  private boolean hasCommandSpecific() {
    return commandSpecific != NO_INFORMATION;
  }

  @Override
  public boolean equals(Object other) {
    return other == this
        || (other instanceof Sense s
            && s.key == key
            && s.asc == asc
            && s.ascq == ascq
            && s.information == information
            && s.specific == specific
            && s.commandSpecific == commandSpecific
            && s.stream == stream);
  }

  @Override
  public int hashCode() {
    return key.code() << 16 | asc << 8 | ascq;
  }

  /** The key and the additional sense code, as {@code ILLEGAL_REQUEST 24h/00h}. */
  @Override
  public String toString() {
    return String.format(
        "%s %02Xh/%02Xh%s", key, asc, ascq, hasInformation() ? " information " + information : "");
  }
}
