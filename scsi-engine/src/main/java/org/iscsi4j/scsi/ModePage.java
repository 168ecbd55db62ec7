package org.iscsi4j.scsi;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * A mode page as data (SPC-4 clause 7.5.7): where it stands, what it holds by default, which of its
 * bits an initiator may change, and what comes of it. Its values are those behind the page header,
 * always of the same length. Immutable; the same for all nexuses of a unit.
 */
final class ModePage {

  private static final int PS = 0x80;
  private static final int SPF = 0x40;

  private final int code;
  private final int subpage;
  private final byte[] defaults;
  private final byte[] changeable;
  private final Check check;
  private final Consumer<DeviceServer> effect;
  private final BiFunction<DeviceServer, byte[], byte[]> presented;

  /** Whether proposed values, whose unchangeable bits are right, can be honoured. */
  @FunctionalInterface
  interface Check {

    /**
     * Checks the values of a page.
     *
     * @param at where the first of them stands in the parameter list, for a field pointer
     * @return {@link Sense#NONE} when they can be honoured
     */
    Sense of(byte[] proposed, int at);
  }

  private ModePage(
      int code,
      int subpage,
      byte[] defaults,
      byte[] changeable,
      Check check,
      Consumer<DeviceServer> effect,
      BiFunction<DeviceServer, byte[], byte[]> presented) {
    if (defaults.length != changeable.length) {
      throw new IllegalArgumentException(
          String.format("mode page %02Xh/%02Xh has a mask of another length", code, subpage));
    }
    this.code = code;
    this.subpage = subpage;
    this.defaults = defaults;
    this.changeable = changeable;
    this.check = check;
    this.effect = effect;
    this.presented = presented;
  }

  /**
   * A page of which some bits may be changed to whatever an initiator likes.
   *
   * @param subpage 0 for a page in page_0 format
   * @param defaults the values behind the page header in hexadecimal, fields set apart by spaces
   * @param changeable a one for every bit that may be changed
   */
  static ModePage of(int code, int subpage, String defaults, String changeable) {
    return of(code, subpage, parse(defaults), parse(changeable));
  }

  /** As {@link #of(int, int, String, String)}, for values that are reckoned. */
  static ModePage of(int code, int subpage, byte[] defaults, byte[] changeable) {
    return new ModePage(
        code,
        subpage,
        defaults.clone(),
        changeable.clone(),
        (proposed, at) -> Sense.NONE,
        unit -> {},
        (unit, values) -> values);
  }

  /** A page of which nothing may be changed. */
  static ModePage fixed(int code, int subpage, String defaults) {
    byte[] values = parse(defaults);
    return of(code, subpage, values, new byte[values.length]);
  }

  private static byte[] parse(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** The same page with a check of what is proposed. */
  ModePage checked(Check with) {
    return new ModePage(code, subpage, defaults, changeable, with, effect, presented);
  }

  /**
   * The same page with something to do when its current values have become others. Runs on any
   * thread and must not block; most pages need none, because the unit asks for their values when it
   * uses them.
   */
  ModePage then(Consumer<DeviceServer> does) {
    return new ModePage(code, subpage, defaults, changeable, check, does, presented);
  }

  /** The same page with bits among its current values that tell the state of the unit. */
  ModePage presenting(BiFunction<DeviceServer, byte[], byte[]> with) {
    return new ModePage(code, subpage, defaults, changeable, check, effect, with);
  }

  /** The current values as they are told; the array may be changed. */
  byte[] present(DeviceServer unit, byte[] values) {
    return presented.apply(unit, values);
  }

  int code() {
    return code;
  }

  int subpage() {
    return subpage;
  }

  byte[] defaults() {
    return defaults.clone();
  }

  byte[] changeable() {
    return changeable.clone();
  }

  void changed(DeviceServer unit) {
    effect.accept(unit);
  }

  /** Whether there is anything that could be saved. */
  boolean saveable() {
    for (byte bits : changeable) {
      if (bits != 0) {
        return true;
      }
    }
    return false;
  }

  /** Bytes of values. */
  int length() {
    return defaults.length;
  }

  int headerLength() {
    return subpage == 0 ? 2 : 4;
  }

  /**
   * Whether the page may go from some values to others: no other bit than a changeable one differs,
   * and the new ones can be honoured.
   *
   * @param at where the proposed values begin in the parameter list
   */
  Sense check(byte[] present, byte[] proposed, int at) {
    for (int each = 0; each < proposed.length; each++) {
      int wrong = (present[each] ^ proposed[each]) & ~changeable[each] & 0xff;
      if (wrong != 0) {
        int bit = 31 - Integer.numberOfLeadingZeros(wrong);
        return Sense.invalidFieldInParameterList(at + each, bit);
      }
    }
    return check.of(proposed, at);
  }

  /** Appends the page with its header. */
  void encode(byte[] values, ByteArrayOutputStream out) {
    int saved = saveable() ? PS : 0;
    if (subpage == 0) {
      out.write(saved | code);
      out.write(values.length);
    } else {
      out.write(saved | SPF | code);
      out.write(subpage);
      out.write(values.length >> 8);
      out.write(values.length);
    }
    out.writeBytes(values);
  }

  @Override
  public String toString() {
    return String.format("mode page %02Xh/%02Xh", code, subpage);
  }
}
