package org.iscsi4j.scsi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts the commands of one I_T_L nexus. Written by the owner of the nexus alone, so that counting
 * costs no more than an addition; read from any thread, which may see it a moment later.
 */
final class AccessCounters {

  private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

  private static final int READS = 0;
  private static final int WRITES = 1;
  private static final int BLOCKS_READ = 2;
  private static final int BLOCKS_WRITTEN = 3;

  private final long[] counts = new long[4];

  /** Counts a command that ended; of one that failed no blocks. */
  void count(Access access, Cdb cdb, Status status) {
    boolean good = status == Status.GOOD;
    switch (access) {
      case READ -> {
        add(READS, 1);
        add(BLOCKS_READ, good ? Access.blocks(cdb) : 0);
      }
      case WRITE -> {
        add(WRITES, 1);
        add(BLOCKS_WRITTEN, good ? Access.blocks(cdb) : 0);
      }
      case READ_WITHOUT_BLOCKS -> add(READS, 1);
      case WRITE_WITHOUT_BLOCKS -> add(WRITES, 1);
      case NONE -> {}
    }
  }

  private void add(int which, long value) {
    COUNT.setOpaque(counts, which, counts[which] + value);
  }

  AccessTotals totals() {
    return new AccessTotals(get(READS), get(WRITES), get(BLOCKS_READ), get(BLOCKS_WRITTEN));
  }

  private long get(int which) {
    return (long) COUNT.getOpaque(counts, which);
  }
}
