package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * READ DISC STRUCTURE (MMC-6 clause 6.22): what the lead-in of a DVD tells of the disc. Formats
 * that are not here would tell of protection, of manufacturing or of recording.
 */
final class ReadDiscStructure {

  static final Command ROW =
      Command.of(
          "READ DISC STRUCTURE",
          "ad 0f ffffffff ff ff ffff c0 00",
          ReadDiscStructure::execute,
          Command.Trait.READS);

  private static final int PHYSICAL_FORMAT = 0x00;
  private static final int COPYRIGHT = 0x01;
  private static final int STRUCTURES = 0xff;

  private static final int HEADER_LENGTH = 4;
  private static final int PHYSICAL_LENGTH = HEADER_LENGTH + 2048;
  private static final int COPYRIGHT_LENGTH = HEADER_LENGTH + 4;
  private static final int STRUCTURES_LENGTH = HEADER_LENGTH + 3 * 4;

  /** DVD-ROM by part version 1 of its book. */
  private static final byte DVD_ROM = 0x01;

  /** 120 mm; the maximum rate is not told. */
  private static final byte LARGE_AND_FAST = 0x0f;

  /** One layer, with embossed data. */
  private static final byte EMBOSSED = 0x01;

  private static final int FIRST_SECTOR = 0x03_0000;

  /** Sectors are numbered in 24 bits. */
  private static final long LAST_SECTOR = 0xff_ffff;

  /** RDS: the structure can be read. */
  private static final int READABLE = 0x40_0000;

  private ReadDiscStructure() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    int format = task.cdb().u8(7);
    if (format == STRUCTURES) {
      send(task, structures());
      return;
    }
    Sense refusal = check(unit, task.cdb(), format);
    if (!refusal.isNone()) {
      task.fail(refusal);
    } else if (format == PHYSICAL_FORMAT) {
      send(task, physicalFormat(unit.geometry().blockCount()));
    } else {
      send(task, structure(COPYRIGHT_LENGTH)); // not protected, and all regions
    }
  }

  private static Sense check(DeviceServer unit, Cdb cdb, int format) {
    if (!unit.notReady().isNone()) {
      return unit.notReady();
    }
    if (cdb.u8(1) != 0) {
      return Sense.invalidFieldInCdb(1, 3); // MEDIA TYPE: not a DVD
    }
    if (Profile.of(unit) != Profile.DVD_ROM) {
      return Sense.CANNOT_READ_INCOMPATIBLE_FORMAT;
    }
    if (cdb.u8(6) != 0) {
      return Sense.invalidFieldInCdb(6); // LAYER NUMBER
    }
    return format == PHYSICAL_FORMAT || format == COPYRIGHT
        ? Sense.NONE
        : Sense.invalidFieldInCdb(7);
  }

  private static void send(ScsiTask task, ByteBuffer data) {
    ParameterData.send(task, data.array(), task.cdb().u16(8));
  }

  /** A structure behind its header: its length without the two bytes that tell it. */
  private static ByteBuffer structure(int length) {
    return ByteBuffer.allocate(length).putShort((short) (length - 2)).putShort((short) 0);
  }

  private static ByteBuffer physicalFormat(long blocks) {
    int last = (int) Math.min(FIRST_SECTOR + blocks - 1, LAST_SECTOR);
    ByteBuffer out = structure(PHYSICAL_LENGTH);
    out.put(DVD_ROM).put(LARGE_AND_FAST).put(EMBOSSED).put((byte) 0);
    out.putInt(FIRST_SECTOR);
    out.putInt(last); // the end of the data area
    return out.putInt(0); // the end of layer 0, when there is another
  }

  private static ByteBuffer structures() {
    ByteBuffer out = structure(STRUCTURES_LENGTH);
    out.putInt(PHYSICAL_FORMAT << 24 | READABLE | PHYSICAL_LENGTH);
    out.putInt(COPYRIGHT << 24 | READABLE | COPYRIGHT_LENGTH);
    return out.putInt(STRUCTURES << 24 | READABLE | STRUCTURES_LENGTH);
  }
}
