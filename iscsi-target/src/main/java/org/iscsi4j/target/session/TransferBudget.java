package org.iscsi4j.target.session;

import java.util.HashMap;
import java.util.Map;

/**
 * Bytes that the transfers of a session may hold in buffers at once. One unit gets no more than
 * half of them, and every unit gets at least one transfer, so that a device that hangs holds up no
 * other.
 */
final class TransferBudget {

  private final long limit;
  private final Map<Long, Long> byUnit = new HashMap<>();
  private long used;

  TransferBudget(long limit) {
    this.limit = limit;
  }

  /** Takes bytes for a unit when they fit. */
  boolean tryTake(long lun, int bytes) {
    long ofUnit = byUnit.getOrDefault(lun, 0L);
    boolean fits = used + bytes <= limit && ofUnit + bytes <= limit / 2;
    if (ofUnit > 0 && !fits) {
      return false;
    }
    take(lun, bytes);
    return true;
  }

  /** Takes bytes that came without being asked for; the command window bounds them. */
  void take(long lun, int bytes) {
    used += bytes;
    byUnit.merge(lun, (long) bytes, Long::sum);
  }

  /** Gives bytes back. */
  void give(long lun, int bytes) {
    if (bytes > 0) {
      used -= bytes;
      byUnit.merge(lun, (long) -bytes, (before, less) -> before + less == 0 ? null : before + less);
    }
  }

  long used() {
    return used;
  }
}
