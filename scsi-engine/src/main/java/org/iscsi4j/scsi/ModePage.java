package org.iscsi4j.scsi;

import java.io.ByteArrayOutputStream;

/**
 * A mode page as data: where it stands, what it holds by default, and which of its bits an
 * initiator may change.
 */
record ModePage(int code, int subpage, Parameters defaults, Parameters changeable) {

  private static final int SUBPAGE_FORMAT = 0x40;

  /** Which values are asked for, in the order of the PC field. */
  enum Control {
    CURRENT,
    CHANGEABLE,
    DEFAULT,
    SAVED
  }

  /** The mode parameters of a unit, behind the page header; always of the same length. */
  @FunctionalInterface
  interface Parameters {
    byte[] of(DeviceServer unit);
  }

  /** A page of which nothing may be changed, so that its values always are the default ones. */
  static ModePage fixed(int code, Parameters defaults) {
    return new ModePage(code, 0, defaults, unit -> new byte[defaults.of(unit).length]);
  }

  /** Appends the page with its header; values are never saved, so PS is 0. */
  void encode(DeviceServer unit, Control control, ByteArrayOutputStream out) {
    byte[] parameters = (control == Control.CHANGEABLE ? changeable : defaults).of(unit);
    if (subpage == 0) {
      out.write(code);
      out.write(parameters.length);
    } else {
      out.write(SUBPAGE_FORMAT | code);
      out.write(subpage);
      out.write(parameters.length >> 8);
      out.write(parameters.length);
    }
    out.writeBytes(parameters);
  }
}
