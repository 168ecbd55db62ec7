package org.iscsi4j.scsi;

import java.util.function.ToLongFunction;
import org.iscsi4j.api.Geometry;

/**
 * What a command moves from or to the medium, as its CDB tells: what rate limits count. Commands
 * that move none are not limited, and neither are flushes, FORMAT UNIT and SANITIZE, which mind
 * their own pace. A copy is counted as it goes, see {@link CopyStream}.
 *
 * @param lba first block
 * @param blocks their number
 * @param open whether no blocks stands for all up to the end of the medium
 */
record Traffic(ToLongFunction<Cdb> lba, ToLongFunction<Cdb> blocks, boolean open) {

  private static final Traffic SIX = of(BlockCdb.SIX, false);
  private static final Traffic TEN = of(BlockCdb.TEN, false);
  private static final Traffic TWELVE = of(BlockCdb.TWELVE, false);
  private static final Traffic SIXTEEN = of(BlockCdb.SIXTEEN, false);
  private static final Traffic THIRTY_TWO = of(BlockCdb.THIRTY_TWO, false);

  private static final Traffic OPEN_TEN = of(BlockCdb.TEN, true);
  private static final Traffic OPEN_SIXTEEN = of(BlockCdb.SIXTEEN, true);
  private static final Traffic OPEN_THIRTY_TWO = of(BlockCdb.THIRTY_TWO, true);

  private static final Traffic COMPARE_AND_WRITE = of(BlockCdb.COMPARE_AND_WRITE, false);
  private static final Traffic WRITE_ATOMIC = of(BlockCdb.WRITE_ATOMIC, false);
  private static final Traffic READ_CD = of(BlockCdb.READ_CD, false);
  private static final Traffic READ_CD_MSF = of(BlockCdb.READ_CD_MSF, false);

  /** An operation without bytes: its list is no data of the medium. */
  private static final Traffic UNMAP = new Traffic(cdb -> 0, cdb -> 0, false);

  private static Traffic of(BlockCdb layout, boolean open) {
    return new Traffic(layout::lba, layout::blocks, open);
  }

  /** Of an operation code and service action; null when it is not limited. */
  static Traffic of(int opcode, int serviceAction) {
    return switch (opcode) {
      case 0x08, 0x0a -> SIX; // READ, WRITE
      case 0x28, 0x2a, 0x2e, 0x2f -> TEN; // and WRITE AND VERIFY, VERIFY
      case 0xa8, 0xaa, 0xae, 0xaf -> TWELVE;
      case 0x88, 0x8a, 0x8b, 0x8e, 0x8f -> SIXTEEN; // and ORWRITE
      case 0x34, 0x41 -> OPEN_TEN; // PRE-FETCH, WRITE SAME
      case 0x90, 0x93 -> OPEN_SIXTEEN;
      case 0x89 -> COMPARE_AND_WRITE;
      case 0x9c -> WRITE_ATOMIC;
      case 0xb9 -> READ_CD_MSF;
      case 0xbe -> READ_CD;
      case 0x42 -> UNMAP;
      case Command.VARIABLE_LENGTH ->
          switch (serviceAction) {
            case 0x09, 0x0a, 0x0b, 0x0c, 0x0e -> THIRTY_TWO;
            case 0x0d -> OPEN_THIRTY_TWO; // WRITE SAME
            default -> null;
          };
      default -> null;
    };
  }

  /**
   * Bytes that a command counts as. None where its range is not on the medium, since it fails; and
   * never more than a READ or WRITE may move, so that a VERIFY or WRITE SAME of all of the medium
   * does not keep others waiting for hours.
   */
  long bytes(Cdb cdb, Geometry geometry) {
    long first = lba.applyAsLong(cdb);
    long count = blocks.applyAsLong(cdb);
    if (!BlockRange.check(geometry, first, count).isNone()) {
      return 0;
    }
    long reach = count == 0 && open ? geometry.blockCount() - first : count;
    return Math.min(reach, Limits.transferBlocks(geometry)) * geometry.blockSize();
  }
}
