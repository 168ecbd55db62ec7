package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.Space;

/**
 * The logical block provisioning mode page (SBC-3 clause 6.5.7), of units that tell their space:
 * one threshold for what is available, and one for what is used. Its values are those behind the
 * page header.
 */
final class ProvisioningPage {

  static final int CODE = 0x1c;
  static final int SUBPAGE = 0x02;

  private static final int PAGE_HEADER_LENGTH = 4;
  private static final int DESCRIPTORS_AT = 12;
  private static final int COUNT_AT = 4;

  /** An initiator is warned when a fifth is left. */
  private static final int FRACTION = 5;

  private ProvisioningPage() {}

  /** The page of a unit; empty when it does not tell its space. */
  static Optional<ModePage> of(LogicalUnit unit) {
    BlockDevice device = unit.device();
    return device
        .space()
        .map(space -> defaults(space, ThresholdSets.of(device.geometry())))
        .map(values -> ModePage.of(CODE, SUBPAGE, values, changeable()))
        .map(page -> page.then(of -> of.spaceWatch().watch(thresholds(of.mode()))));
  }

  /** SITUA is 0: every nexus is told. */
  private static byte[] defaults(Space space, ThresholdSets sets) {
    long all = sets.used(space) + sets.available(space);
    long left = all / FRACTION;
    ByteBuffer page = empty();
    put(page, new Threshold(true, Threshold.Resource.AVAILABLE, Math.min(left, 0xffff_ffffL)));
    put(page, new Threshold(false, Threshold.Resource.USED, Math.min(all - left, 0xffff_ffffL)));
    return page.array();
  }

  private static void put(ByteBuffer page, Threshold threshold) {
    int enabled = threshold.enabled() ? Threshold.ENABLED : 0;
    page.put((byte) (enabled | threshold.resource().typeAndArming()));
    page.put((byte) threshold.resource().code()).putShort((short) 0);
    page.putInt((int) threshold.count());
  }

  private static ByteBuffer empty() {
    int length = DESCRIPTORS_AT + Threshold.Resource.values().length * Threshold.LENGTH;
    return ByteBuffer.allocate(length).position(DESCRIPTORS_AT);
  }

  /**
   * A one for each bit that may be changed: whether a threshold is enabled, and where it stands.
   */
  private static byte[] changeable() {
    ByteBuffer page = empty();
    for (int each = 0; each < Threshold.Resource.values().length; each++) {
      page.put((byte) Threshold.ENABLED).put((byte) 0).putShort((short) 0).putInt(-1);
    }
    return page.array();
  }

  /** The thresholds that mode parameters ask for, in the order of their descriptors. */
  static List<Threshold> thresholds(ModeParameters mode) {
    ByteBuffer page = ByteBuffer.wrap(mode.values(CODE, SUBPAGE));
    List<Threshold> thresholds = new ArrayList<>();
    for (Threshold.Resource resource : Threshold.Resource.values()) {
      int at = DESCRIPTORS_AT + resource.ordinal() * Threshold.LENGTH;
      boolean enabled = (page.get(at) & Threshold.ENABLED) != 0;
      long count = Integer.toUnsignedLong(page.getInt(at + COUNT_AT));
      thresholds.add(new Threshold(enabled, resource, count));
    }
    return thresholds;
  }

  /** Where in the page, its header included, a descriptor begins: what a unit attention tells. */
  static int descriptorAt(int index) {
    return PAGE_HEADER_LENGTH + DESCRIPTORS_AT + index * Threshold.LENGTH;
  }
}
