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
          Command.Trait.PASSES_RESERVATIONS,
          Command.Trait.PASSES_UNAVAILABLE);

  /** Peripheral qualifier 1: of this type, and not connected for now. */
  private static final int NOT_CONNECTED = 0x20;

  /** No unit can be behind this LUN, no type known: peripheral qualifier 3, device type 1Fh. */
  static final int NO_UNIT = 0x7f;

  private static final int STANDARD_LENGTH = 96;
  private static final int REMOVABLE = 0x80;

  /** SPC-4: the newest that initiators of today know to be valid. */
  private static final int VERSION = 0x06;

  /** ACA is supported; HISUP announces flat addressing from 256 on; RESPONSE DATA FORMAT is 2. */
  private static final int NORMACA_HISUP_AND_FORMAT = 0x32;

  private static final int NORMACA = 0x20;

  private static final int CMDQUE = 0x02;

  /** TPGS: access states change implicitly; a field of bytes 5 and 6 as one number. */
  private static final int IMPLICITLY = 0x1000;

  /** TPGS: they change explicitly too. */
  private static final int EXPLICITLY = 0x2000;

  private static final int THIRD_PARTY_COPY = 0x0800;
  private static final int MULTIP = 0x0010;
  private static final int VERSION_DESCRIPTORS_AT = 58;

  /** SAM-5, iSCSI and SPC-4, none of them in a certain version. */
  static final short[] PRIMARY_STANDARDS = {0x00a0, 0x0960, 0x0460};

  private Inquiry() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    byte[] data;
    if (vitalProductData(task)) {
      data = unit.commandSet().vpdPages().encode(unit, task.nexus().targetPort(), pageCode(task));
    } else {
      int peripheral = peripheral(unit, task.nexus().targetPort());
      data =
          standardData(
              peripheral,
              unit.unit().removable(),
              features(unit),
              unit.identity(),
              unit.commandSet().versionDescriptors());
    }
    send(task, data);
  }

  /** What is behind a port: PERIPHERAL QUALIFIER and PERIPHERAL DEVICE TYPE. */
  static int peripheral(DeviceServer unit, TargetPort port) {
    int type = unit.unit().type().code();
    return unit.groups().disconnected(port) ? NOT_CONNECTED | type : type;
  }

  /** The bits of bytes 5 and 6. */
  private static int features(DeviceServer unit) {
    boolean severalPorts = unit.groups().groups().size() > 1;
    boolean copies = unit.table().hasServiceActions(ThirdPartyCopy.COPY_OUT);
    boolean sets = unit.table().hasServiceActions(PortGroupCommands.MAINTENANCE_OUT);
    return IMPLICITLY
        | (sets ? EXPLICITLY : 0)
        | (copies ? THIRD_PARTY_COPY : 0)
        | (severalPorts ? MULTIP : 0);
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

  /** Standard INQUIRY data of a unit that knows no ACA conditions. */
  static byte[] withoutAca(byte[] data) {
    data[3] &= ~NORMACA;
    return data;
  }

  /**
   * Standard INQUIRY data.
   *
   * @param features bytes 5 and 6: SCCS, TPGS, 3PC and PROTECT, then ENCSERV and MULTIP
   * @param standards the version descriptors
   */
  static byte[] standardData(
      int peripheral, boolean removable, int features, Identity identity, short... standards) {
    ByteBuffer out = ByteBuffer.allocate(STANDARD_LENGTH);
    out.put((byte) peripheral); // PERIPHERAL QUALIFIER, PERIPHERAL DEVICE TYPE
    out.put((byte) (removable ? REMOVABLE : 0)); // RMB
    out.put((byte) VERSION);
    out.put((byte) NORMACA_HISUP_AND_FORMAT);
    out.put((byte) (STANDARD_LENGTH - 5)); // ADDITIONAL LENGTH
    out.putShort((short) features);
    out.put((byte) CMDQUE);
    ParameterData.putAscii(out, identity.vendor(), 8);
    ParameterData.putAscii(out, identity.product(), 16);
    ParameterData.putAscii(out, identity.revision(), 4);
    out.position(VERSION_DESCRIPTORS_AT);
    for (short standard : standards) {
      out.putShort(standard);
    }
    return out.array();
  }
}
