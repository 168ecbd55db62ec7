package org.iscsi4j.scsi;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A log parameter of a unit and its value (SPC-4 clause 7.3.2.2).
 *
 * @param reset brings back the default value, or does nothing where that may never be asked for
 * @param set takes another value; null where the value may not be changed
 */
record LogParameter(int code, Kind kind, byte[] value, Runnable reset, Consumer<byte[]> set) {

  static final int HEADER_LENGTH = 4;

  private static final int TSD = 0x20;

  /** What kind of value it is, with the FORMAT AND LINKING field that says so. */
  enum Kind {
    UNBOUNDED_COUNTER(0b10),
    ASCII_LIST(0b01),
    BINARY_LIST(0b11);

    /** Bits that LOG SELECT must leave as they are: of lists, all others are ignored. */
    private final int fixed;

    private final int format;

    Kind(int format) {
      this.format = format;
      fixed = format == 0b10 ? 0x93 : 0x03; // DU and ETC of a counter
    }

    boolean counts() {
      return this == UNBOUNDED_COUNTER;
    }
  }

  /** A value that nobody can change. */
  static LogParameter of(int code, Kind kind, byte[] value) {
    return new LogParameter(code, kind, value, () -> {}, null);
  }

  /** The same with something that a reset does. */
  LogParameter resetBy(Runnable by) {
    return new LogParameter(code, kind, value, by, set);
  }

  /** The same for a value that may be set to any other of its length. */
  LogParameter setBy(Consumer<byte[]> by) {
    return new LogParameter(code, kind, value, reset, by);
  }

  /**
   * The value that the page control field asks for. A list has but one; a counter is not compared
   * to a threshold, and its default is zero.
   */
  byte[] value(LogPage.Control control) {
    boolean current = !kind.counts() || control == LogPage.Control.CUMULATIVE;
    return current ? value : new byte[value.length];
  }

  /** Whether a control byte of LOG SELECT says what LOG SENSE does, but for what it may ignore. */
  boolean accepts(int controlByte) {
    return (controlByte & kind.fixed) == kind.format;
  }

  /** Whether LOG SELECT may give it a value. */
  boolean accepts(byte[] proposed, LogPage.Control control) {
    return set != null || Arrays.equals(proposed, value(control));
  }

  void encode(LogPage.Control control, ByteArrayOutputStream out) {
    out.write(code >> 8);
    out.write(code);
    out.write(TSD | kind.format); // nothing is saved
    out.write(value.length);
    out.writeBytes(value(control));
  }
}
