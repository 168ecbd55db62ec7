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
  };

  private final int lengthAt;

  BlockCdb(int lengthAt) {
    this.lengthAt = lengthAt;
  }

  /** LOGICAL BLOCK ADDRESS; beyond 2^63 - 1 it is negative. */
  abstract long lba(Cdb cdb);

  /** TRANSFER LENGTH or NUMBER OF LOGICAL BLOCKS, below 2^32. */
  abstract long blocks(Cdb cdb);

  /** Force unit access. */
  boolean fua(Cdb cdb) {
    return cdb.bit(1, 3);
  }

  /** Refuses a length for its value. */
  Sense invalidLength() {
    return Sense.invalidFieldInCdb(lengthAt);
  }
}
