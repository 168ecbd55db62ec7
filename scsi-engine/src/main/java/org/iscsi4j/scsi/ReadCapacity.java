package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.PASSES_RESERVATIONS;
import static org.iscsi4j.scsi.Command.Trait.PASSES_STANDBY;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.api.Geometry;

/** READ CAPACITY(10) and (16). */
final class ReadCapacity {

  static final Command TEN =
      Command.of(
          "READ CAPACITY(10)",
          "25 00 00000000 0000 00 00",
          ReadCapacity::ten,
          NEEDS_MEDIUM,
          PASSES_RESERVATIONS,
          PASSES_STANDBY);

  static final List<Command> ROWS =
      List.of(
          TEN,
          Command.ofAction(
              "READ CAPACITY(16)",
              0x10,
              "9e 10 0000000000000000 ffffffff 00 00",
              ReadCapacity::sixteen,
              NEEDS_MEDIUM,
              PASSES_RESERVATIONS,
              PASSES_STANDBY));

  private static final long TOO_LARGE = 0xffff_ffffL;
  private static final int LBPME = 0x8000;
  private static final int LBPRZ = 0x4000;

  private ReadCapacity() {}

  private static void ten(DeviceServer unit, ScsiTask task) {
    Geometry geometry = unit.geometry();
    long lastLba = geometry.blockCount() - 1;
    ByteBuffer out = ByteBuffer.allocate(8);
    out.putInt((int) Math.min(lastLba, TOO_LARGE)); // RETURNED LOGICAL BLOCK ADDRESS
    out.putInt(geometry.blockSize()); // LOGICAL BLOCK LENGTH IN BYTES
    ParameterData.send(task, out.array(), out.capacity());
  }

  private static void sixteen(DeviceServer unit, ScsiTask task) {
    Geometry geometry = unit.geometry();
    ByteBuffer out = ByteBuffer.allocate(32);
    out.putLong(geometry.blockCount() - 1); // RETURNED LOGICAL BLOCK ADDRESS
    out.putInt(geometry.blockSize()); // LOGICAL BLOCK LENGTH IN BYTES
    out.put((byte) 0); // P_TYPE, PROT_EN
    out.put((byte) physicalBlockExponent(geometry)); // LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT
    out.putShort((short) provisioning(unit)); // LOWEST ALIGNED LBA is 0
    ParameterData.send(task, out.array(), task.cdb().u32(10));
  }

  private static int physicalBlockExponent(Geometry geometry) {
    return Integer.numberOfTrailingZeros(geometry.physicalBlockSize() / geometry.blockSize());
  }

  private static int provisioning(DeviceServer unit) {
    return (unit.capabilities().deallocate() ? LBPME : 0) | (unit.promisesZeroes() ? LBPRZ : 0);
  }
}
