package org.iscsi4j.scsi;

/** Where a CDB that names a range of blocks keeps it, by its length (SBC-3 clause 5). */
enum BlockCdb {
  SIX(4) {
    @Override
    long lba(Cdb cdb) {
      return cdb.u24(1) & 0x1f_ffff;
    }

    @Override
    long blocks(Cdb cdb) {
      int length = cdb.u8(4);
      // the one length where 0 does not mean none
      return length == 0 ? 256 : length;
    }

    @Override
    boolean fua(Cdb cdb) {
      return false;
    }
  },

  TEN(7) {
    @Override
    long lba(Cdb cdb) {
      return cdb.u32(2);
    }

    @Override
    long blocks(Cdb cdb) {
      return cdb.u16(7);
    }
  },

  TWELVE(6) {
    @Override
    long lba(Cdb cdb) {
      return cdb.u32(2);
    }

    @Override
    long blocks(Cdb cdb) {
      return cdb.u32(6);
    }
  },

  SIXTEEN(10) {
    @Override
    long lba(Cdb cdb) {
      return cdb.i64(2);
    }

    @Override
    long blocks(Cdb cdb) {
      return cdb.u32(10);
    }
  },

  THIRTY_TWO(28, 10) {
    @Override
    long lba(Cdb cdb) {
      return cdb.i64(12);
    }

    @Override
    long blocks(Cdb cdb) {
      return cdb.u32(28);
    }
  },

  COMPARE_AND_WRITE(13) {
    @Override
    long lba(Cdb cdb) {
      return cdb.i64(2);
    }

    @Override
    long blocks(Cdb cdb) {
      return cdb.u8(13);
    }
  },

  WRITE_ATOMIC(12) {
    @Override
    long lba(Cdb cdb) {
      return cdb.i64(2);
    }

    @Override
    long blocks(Cdb cdb) {
      return cdb.u16(12);
    }
  },

  READ_CD(8) {
    @Override
    long lba(Cdb cdb) {
      return cdb.u32(2);
    }

    @Override
    long blocks(Cdb cdb) {
      return cdb.u24(6);
    }
  },

  /**
   * Start and end as times of a CD; the end is behind the last block, and never before the start.
   */
  READ_CD_MSF(8) {
    @Override
    long lba(Cdb cdb) {
      return Msf.lba(cdb, 3);
    }

    @Override
    long blocks(Cdb cdb) {
      return Math.max(0, Msf.lba(cdb, 6) - Msf.lba(cdb, 3));
    }
  };

  private static final int BYTCHK = 1;

  private final int lengthAt;
  private final int flagsAt;

  BlockCdb(int lengthAt) {
    this(lengthAt, 1);
  }

  BlockCdb(int lengthAt, int flagsAt) {
    this.lengthAt = lengthAt;
    this.flagsAt = flagsAt;
  }

  /** Where a command names a range of blocks; null when it names none. */
  static BlockCdb of(int opcode, int serviceAction) {
    return switch (opcode) {
      case 0x08, 0x0a -> SIX;
      case 0x28, 0x2a, 0x2e, 0x2f, 0x34, 0x35, 0x41 -> TEN;
      case 0xa8, 0xaa, 0xae, 0xaf -> TWELVE;
      case 0x88, 0x8a, 0x8b, 0x8e, 0x8f, 0x90, 0x91, 0x93 -> SIXTEEN;
      case 0x89 -> COMPARE_AND_WRITE;
      case 0x9c -> WRITE_ATOMIC;
      case 0xb9 -> READ_CD_MSF;
      case 0xbe -> READ_CD;
      // READ, VERIFY, WRITE, WRITE AND VERIFY, WRITE SAME, ORWRITE
      case Command.VARIABLE_LENGTH ->
          serviceAction >= 0x09 && serviceAction <= 0x0e ? THIRTY_TWO : null;
      default -> null;
    };
  }

  /** LOGICAL BLOCK ADDRESS; beyond 2^63 - 1 it is negative. */
  abstract long lba(Cdb cdb);

  /** TRANSFER LENGTH or NUMBER OF LOGICAL BLOCKS, below 2^32. */
  abstract long blocks(Cdb cdb);

  /** Force unit access. */
  boolean fua(Cdb cdb) {
    return flag(cdb, 3);
  }

  /** A bit of the byte that has DPO, FUA and the like. */
  boolean flag(Cdb cdb, int bit) {
    return cdb.bit(flagsAt, bit);
  }

  /** Byte check, 0 to 3, of the commands that have it. */
  int bytchk(Cdb cdb) {
    return cdb.u8(flagsAt) >> BYTCHK & 3;
  }

  /** Refuses a byte check for its value. */
  Sense invalidBytchk() {
    return Sense.invalidFieldInCdb(flagsAt, BYTCHK + 1);
  }

  /** Refuses a length for its value. */
  Sense invalidLength() {
    return Sense.invalidFieldInCdb(lengthAt);
  }
}
