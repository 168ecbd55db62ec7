package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The header of a mode page (SPC-4 clause 7.5.7).
 *
 * @param subpage 0 in page_0 format
 * @param bytes of the header itself
 * @param length bytes behind it
 */
record ModePageHeader(int code, int subpage, int bytes, int length) {

  private static final int SPF = 0x40;
  private static final int CODE = 0x3f;
  private static final int SHORT = 2;
  private static final int LONG = 4;

  /** Takes the header at the buffer's position; none when the buffer ends within it. */
  static Optional<ModePageHeader> of(ByteBuffer in) {
    if (in.remaining() < SHORT) {
      return Optional.empty();
    }
    int first = in.get();
    if ((first & SPF) == 0) {
      return Optional.of(new ModePageHeader(first & CODE, 0, SHORT, Byte.toUnsignedInt(in.get())));
    }
    if (in.remaining() < LONG - 1) {
      return Optional.empty();
    }
    int subpage = Byte.toUnsignedInt(in.get());
    int length = Short.toUnsignedInt(in.getShort());
    return Optional.of(new ModePageHeader(first & CODE, subpage, LONG, length));
  }

  /** The page that it stands before, when the unit has it. */
  Optional<ModePage> in(ModeParameters parameters) {
    return parameters.page(code, subpage).filter(page -> page.headerLength() == bytes);
  }

  /** Where the length stands, counted from the end of the header. */
  int lengthBack() {
    return bytes == SHORT ? 1 : 2;
  }

  @Override
  public String toString() {
    return String.format("mode page %02Xh/%02Xh", code, subpage);
  }
}
