package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import org.iscsi4j.api.Identity;

/** INQUIRY: the standard data, and the way to the vital product data pages. */
final class Inquiry {

  static final int OPCODE = 0x12;

  static final Command ROW =
      Command.of(
          "INQUIRY",
          "12 01 ff ffff 00",
          Inquiry::execute,
          Command.Trait.IGNORES_UNIT_ATTENTION,
          Command.Trait.PASSES_RESERVATIONS);

  /** Connected, direct access block device. */
  static final int DISK = 0x00;

  /** No unit can be behind this LUN, no type known: peripheral qualifier 3, device type 1Fh. */
  static final int NO_UNIT = 0x7f;

  private static final int STANDARD_LENGTH = 96;
  private static final int REMOVABLE = 0x80;

  /** SPC-4: the newest that initiators of today know to be valid. */
  private static final int VERSION = 0x06;

  /** ACA is supported; HISUP announces flat addressing from 256 on; RESPONSE DATA FORMAT is 2. */
  private static final int NORMACA_HISUP_AND_FORMAT = 0x32;

  private static final int THIRD_PARTY_COPY = 0x08;
  private static final int CMDQUE = 0x02;
  private static final int VERSION_DESCRIPTORS_AT = 58;

  /** SAM-5, iSCSI, SPC-4 and SBC-3, none of them in a certain version. */
  private static final short[] VERSION_DESCRIPTORS = {0x00a0, 0x0960, 0x0460, 0x04c0};

  private Inquiry() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    byte[] data;
    if (vitalProductData(task)) {
      data = VpdPages.encode(unit, task.nexus().targetPort(), pageCode(task));
    } else {
      data = standardData(DISK, unit.unit().removable(), unit.identity());
    }
    send(task, data);
  }

  /**
   * Ends an INQUIRY.
   *
   * @param data what its page code asks for; empty when there is no such page
   */
  static void send(ScsiTask task, byte[] data) {
    boolean pageOfStandardData = !vitalProductData(task) && pageCode(task) != 0;
    if (pageOfStandardData || data.length == 0) {
      task.fail(Sense.invalidFieldInCdb(2));
    } else {
      ParameterData.send(task, data, task.cdb().u16(3));
    }
  }

  static boolean vitalProductData(ScsiTask task) {
    return task.cdb().bit(1, 0);
  }

  static int pageCode(ScsiTask task) {
    return task.cdb().u8(2);
  }

  /** Standard INQUIRY data, with the version descriptors. */
  static byte[] standardData(int peripheral, boolean removable, Identity identity) {
    ByteBuffer out = ByteBuffer.allocate(STANDARD_LENGTH);
    out.put((byte) peripheral); // PERIPHERAL QUALIFIER, PERIPHERAL DEVICE TYPE
    out.put((byte) (removable ? REMOVABLE : 0)); // RMB
    out.put((byte) VERSION);
    out.put((byte) NORMACA_HISUP_AND_FORMAT);
    out.put((byte) (STANDARD_LENGTH - 5)); // ADDITIONAL LENGTH
    out.put((byte) (peripheral == DISK ? THIRD_PARTY_COPY : 0)); // SCCS, TPGS, 3PC, PROTECT
    out.put((byte) 0); // ENCSERV, MULTIP
    out.put((byte) CMDQUE);
    ParameterData.putAscii(out, identity.vendor(), 8);
    ParameterData.putAscii(out, identity.product(), 16);
    ParameterData.putAscii(out, identity.revision(), 4);
    out.position(VERSION_DESCRIPTORS_AT);
    for (short standard : VERSION_DESCRIPTORS) {
      out.putShort(standard);
    }
    return out.array();
  }
}
