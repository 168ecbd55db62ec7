package org.iscsi4j.target.session;

/** Bytes that the transfers of a session may hold in buffers at once. */
final class TransferBudget {

  private final long limit;
  private long used;

  TransferBudget(long limit) {
    this.limit = limit;
  }

  /** Takes bytes when they fit; a single transfer always fits. */
  boolean tryTake(int bytes) {
    if (used > 0 && used + bytes > limit) {
      return false;
    }
    used += bytes;
    return true;
  }

  /** Takes bytes that came without being asked for; the command window bounds them. */
  void take(int bytes) {
    used += bytes;
  }

  /** Gives bytes back. */
  void give(int bytes) {
    used -= bytes;
  }

  long used() {
    return used;
  }
}
