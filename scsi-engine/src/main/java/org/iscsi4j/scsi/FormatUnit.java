package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.WRITES;

import java.nio.ByteBuffer;

/**
 * FORMAT UNIT (SBC-4 clause 5.4): fills every block with zeroes, or with a pattern. The size of
 * blocks and the capacity are the device's and stay. There are no defects to manage: the lists are
 * empty, and only empty ones are taken.
 */
final class FormatUnit implements CommandHandler {

  /** FMTPINFO and FFMT stay zero: there is no protection information, and no short way. */
  static final Command ROW =
      Command.of("FORMAT UNIT", "04 3f 00 00 00 00", new FormatUnit(), WRITES, NEEDS_MEDIUM);

  private static final int SHORT_HEADER = 4;
  private static final int LONG_HEADER = 8;
  private static final int PATTERN_HEADER = 4;

  private static final int FOV = 0x80;
  private static final int IMMED = 0x02;
  private static final int IP = 0x08;
  private static final int NEEDS_FOV = 0x78; // DPRY, DCRT, STPF, IP
  private static final int RESERVED_OPTIONS = 0x04;

  private static final int SI = 0x20;
  private static final int DEFAULT_PATTERN = 0;
  private static final int REPEATED_PATTERN = 1;
  private static final int LAST_DEFECT_LIST_FORMAT = 5;
  private static final byte[] ZEROES = {};

  private FormatUnit() {}

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    boolean withData = cdb.bit(1, 4); // FMTDATA
    int listFormat = cdb.u8(1) & 0x07; // DEFECT LIST FORMAT
    if (withData ? listFormat > LAST_DEFECT_LIST_FORMAT : listFormat != 0) {
      task.fail(Sense.invalidFieldInCdb(1, 2));
    } else if (!withData && cdb.bit(1, 3)) { // CMPLST
      task.fail(Sense.invalidFieldInCdb(1, 3));
    } else if (!withData) {
      unit.operations().runWithin(task, MediumRequest.format(false, ZEROES));
    } else {
      // the CDB does not say how long the list is
      int most = LONG_HEADER + PATTERN_HEADER + unit.geometry().blockSize();
      task.requestDataOut((int) Math.max(1, Math.min(most, task.expectedDataOut())));
    }
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    new ParameterList(data.slice(), task.cdb().bit(1, 5)).format(unit, task); // LONGLIST
  }

  /** A format parameter list: a header, and an initialization pattern descriptor. */
  private record ParameterList(ByteBuffer bytes, int header) {

    ParameterList(ByteBuffer bytes, boolean longList) {
      this(bytes, longList ? LONG_HEADER : SHORT_HEADER);
    }

    void format(DeviceServer unit, ScsiTask task) {
      Sense refusal = check(unit.geometry().blockSize());
      if (!refusal.isNone()) {
        task.fail(refusal);
        return;
      }
      MediumRequest request = MediumRequest.format(securely(), pattern());
      if ((options() & IMMED) != 0) {
        unit.operations().runAfter(task, request);
      } else {
        unit.operations().runWithin(task, request);
      }
    }

    private Sense check(int blockSize) {
      if (bytes.limit() < header) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      if (bytes.get(0) != 0) { // PROTECTION FIELD USAGE
        return Sense.invalidFieldInParameterList(0);
      }
      boolean overridden = (options() & FOV) != 0;
      if ((options() & RESERVED_OPTIONS) != 0 || (!overridden && (options() & NEEDS_FOV) != 0)) {
        return Sense.invalidFieldInParameterList(1);
      }
      for (int at = 2; at < header; at++) {
        // P_I_INFORMATION, PROTECTION INTERVAL EXPONENT, DEFECT LIST LENGTH
        if (bytes.get(at) != 0) {
          return Sense.invalidFieldInParameterList(at);
        }
      }
      return withPattern() ? checkPattern(blockSize) : Sense.NONE;
    }

    private Sense checkPattern(int blockSize) {
      if (bytes.limit() < header + PATTERN_HEADER) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      if ((bytes.get(header) & ~SI) != 0) { // IP MODIFIER
        return Sense.invalidFieldInParameterList(header);
      }
      int type = bytes.get(header + 1);
      if (type != DEFAULT_PATTERN && type != REPEATED_PATTERN) {
        return Sense.invalidFieldInParameterList(header + 1);
      }
      int length = patternLength();
      boolean fits = type == DEFAULT_PATTERN ? length == 0 : length > 0 && length <= blockSize;
      if (!fits) {
        return Sense.invalidFieldInParameterList(header + 2);
      }
      return bytes.limit() < header + PATTERN_HEADER + length
          ? Sense.PARAMETER_LIST_LENGTH_ERROR
          : Sense.NONE;
    }

    private int options() {
      return bytes.get(1);
    }

    private boolean withPattern() {
      return (options() & IP) != 0;
    }

    /** SI: every block is written, so that no storage is given back with what it holds. */
    private boolean securely() {
      return withPattern() && (bytes.get(header) & SI) != 0;
    }

    private int patternLength() {
      return Short.toUnsignedInt(bytes.getShort(header + 2));
    }

    private byte[] pattern() {
      if (!withPattern()) {
        return ZEROES;
      }
      byte[] pattern = new byte[patternLength()];
      bytes.get(header + PATTERN_HEADER, pattern);
      return pattern;
    }
  }
}
