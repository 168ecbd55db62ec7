package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A mode parameter list on its way in (SPC-4 clause 7.5.4): header, block descriptor and pages.
 * Read as a whole, before any of it takes effect. Lengths that the unit itself returned may be
 * handed back: MODE DATA LENGTH and PS are ignored, as they mean nothing here.
 */
final class ModeSelectList {

  private static final int LONGLBA = 0x01;
  private static final int SHORT_DESCRIPTOR = 8;
  private static final int LONG_DESCRIPTOR = 16;

  private final ByteBuffer in;

  /** Where the header of MODE SELECT(6) or (10) keeps things. */
  private final int headerLength;

  private final int mediumTypeAt;

  /** DEVICE-SPECIFIC PARAMETER, when there was a header; else negative. */
  private int deviceSpecificParameter = -1;

  private ByteBuffer descriptor = ByteBuffer.allocate(0);

  /** The parameters as they become. */
  private ModeParameters next;

  /**
   * A list that was not read yet.
   *
   * @param ten whether its header is that of MODE SELECT(10)
   * @param present what the values are now
   */
  ModeSelectList(byte[] list, boolean ten, ModeParameters present) {
    in = ByteBuffer.wrap(list);
    headerLength = ten ? 8 : 4;
    mediumTypeAt = ten ? 2 : 1;
    next = present;
  }

  /** What the values become, once the list was read. */
  ModeParameters next() {
    return next;
  }

  /** What was read takes effect, apart from the pages. */
  void apply(DeviceServer unit, Nexus by) {
    if (deviceSpecificParameter >= 0) {
      unit.commandSet().modeSelected(unit, by, deviceSpecificParameter, descriptor);
    }
  }

  /** Reads the list; an empty one changes nothing. */
  Sense read(DeviceServer unit) {
    if (!in.hasRemaining()) {
      return Sense.NONE;
    }
    Sense outcome = header(unit);
    while (outcome.isNone() && in.hasRemaining()) {
      outcome = page();
    }
    return outcome;
  }

  private Sense header(DeviceServer unit) {
    if (in.remaining() < headerLength) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    if (in.get(mediumTypeAt) != 0) {
      return Sense.invalidFieldInParameterList(mediumTypeAt);
    }
    int specificAt = mediumTypeAt + 1;
    deviceSpecificParameter = Byte.toUnsignedInt(in.get(specificAt));
    Sense wrong =
        unit.commandSet().checkDeviceSpecificParameter(deviceSpecificParameter, specificAt);
    if (!wrong.isNone()) {
      return wrong;
    }
    boolean ten = headerLength == 8;
    boolean longLba = ten && (in.get(4) & LONGLBA) != 0;
    int descriptorLength =
        ten ? Short.toUnsignedInt(in.getShort(6)) : Byte.toUnsignedInt(in.get(3));
    in.position(headerLength);
    if (descriptorLength == 0) {
      return Sense.NONE;
    }
    if (descriptorLength != (longLba ? LONG_DESCRIPTOR : SHORT_DESCRIPTOR)) {
      return Sense.invalidFieldInParameterList(ten ? 6 : 3);
    }
    if (in.remaining() < descriptorLength) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    descriptor = in.slice(in.position(), descriptorLength);
    return unit.commandSet().checkBlockDescriptor(unit, in, longLba);
  }

  private Sense page() {
    int at = in.position();
    Optional<ModePageHeader> found = ModePageHeader.of(in);
    if (found.isEmpty()) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    ModePageHeader header = found.get();
    Optional<ModePage> page = header.in(next);
    if (page.isEmpty()) {
      return unknown(header, at);
    }
    if (header.length() != page.get().length()) {
      return Sense.invalidFieldInParameterList(in.position() - header.lengthBack());
    }
    if (in.remaining() < header.length()) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    return values(page.get());
  }

  private Sense unknown(ModePageHeader header, int at) {
    boolean pageKnown = next.page(header.code(), 0).isPresent();
    return pageKnown
        ? Sense.invalidFieldInParameterList(at + 1) // SUBPAGE CODE
        : Sense.invalidFieldInParameterList(at, 5); // PAGE CODE
  }

  private Sense values(ModePage page) {
    int at = in.position();
    byte[] proposed = new byte[page.length()];
    in.get(proposed);
    Sense outcome = page.check(next.values(page), proposed, at);
    if (outcome.isNone()) {
      next = next.with(page, proposed);
    }
    return outcome;
  }
}
