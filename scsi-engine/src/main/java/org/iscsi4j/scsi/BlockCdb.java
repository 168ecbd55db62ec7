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
