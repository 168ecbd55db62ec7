package org.iscsi4j.scsi;

/** What the statistics of a unit count a command as (SPC-4 table 375). */
enum Access {
  /** Neither of the two. */
  NONE,
  READ,
  /** A read command that no logical blocks come of. */
  READ_WITHOUT_BLOCKS,
  WRITE,
  /** A write command that brings no logical blocks. */
  WRITE_WITHOUT_BLOCKS;

  private static final int BLOCKS_OF_32_AT = 28;

  /** The kind of an operation code and service action. Those with CDBs of 6 bytes don't count. */
  static Access of(int opcode, int serviceAction) {
    return switch (opcode) {
      case 0x28, 0xa8, 0x88 -> READ;
      case 0x2a, 0xaa, 0x8a, 0x2e, 0xae, 0x8e -> WRITE;
      case 0x42 -> WRITE_WITHOUT_BLOCKS; // UNMAP
      case 0x83 -> // POPULATE TOKEN, WRITE USING TOKEN
          serviceAction == 0x10
              ? READ_WITHOUT_BLOCKS
              : serviceAction == 0x11 ? WRITE_WITHOUT_BLOCKS : NONE;
      case Command.VARIABLE_LENGTH ->
          switch (serviceAction) {
            case 0x09 -> READ;
            case 0x0b, 0x0c -> WRITE;
            default -> NONE;
          };
      default -> NONE;
    };
  }

  /** Blocks that a command moves which is {@link #READ} or {@link #WRITE}. */
  static long blocks(Cdb cdb) {
    return switch (cdb.opcode() >> 5) {
      case 1 -> BlockCdb.TEN.blocks(cdb);
      case 3 -> cdb.u32(BLOCKS_OF_32_AT);
      case 4 -> BlockCdb.SIXTEEN.blocks(cdb);
      default -> BlockCdb.TWELVE.blocks(cdb);
    };
  }
}
