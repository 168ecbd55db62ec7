package org.iscsi4j.target.limit;

/**
 * What one session or connection has of a {@link Pool}. It is taken and given back in slices, so
 * that sessions on different loops do not meet at every command, and kept only as long as there is
 * enough for others. Touched by one thread.
 */
public final class Share {

  private final Pool pool;
  private final long own;
  private final long slice;
  private long granted;
  private long used;

  /**
   * A share of which nothing is used.
   *
   * @param own what the owner may use in any case, besides the pool
   * @param slice how much is taken from the pool at once
   */
  public Share(Pool pool, long own, long slice) {
    this.pool = pool;
    this.own = own;
    this.slice = slice;
  }

  /** Uses so much, if it may be had. */
  public boolean tryTake(long amount) {
    long missing = used + amount - own - granted;
    if (missing > 0 && !grow(missing)) {
      return false;
    }
    used += amount;
    return true;
  }

  /** Uses so much in any case. */
  public void take(long amount) {
    long missing = used + amount - own - granted;
    if (missing > 0 && !grow(missing)) {
      pool.take(missing);
      granted += missing;
    }
    used += amount;
  }

  private boolean grow(long missing) {
    if (missing < slice && !pool.isTight() && pool.tryTake(slice)) {
      granted += slice;
      return true;
    }
    if (pool.tryTake(missing)) {
      granted += missing;
      return true;
    }
    return false;
  }

  /** Uses so much less. */
  public void give(long amount) {
    used -= amount;
    long idle = Math.min(granted, own + granted - used);
    if (idle > 0 && (used == 0 || idle >= 2 * slice || pool.isTight())) {
      long kept = used == 0 || pool.isTight() ? 0 : slice;
      granted -= idle - kept;
      pool.give(idle - kept);
    }
  }

  /** Whether {@link #tryTake} would take so much now. */
  public boolean fits(long amount) {
    long missing = used + amount - own - granted;
    return missing <= 0 || pool.hasRoom(missing);
  }

  /** Whether more is taken from the pool than there is, by this owner among others. */
  public boolean isTooMuch() {
    return used > own && !pool.hasRoom(0);
  }

  /** How much of a promise of {@code most} can't be kept at this moment without being greedy. */
  public long doubtful(long most) {
    return pool.isTight() ? Math.max(0, most - own - granted) : 0;
  }

  /** Has something run, once, on any thread, when others have given something back. */
  public void whenOthersGive(Runnable told) {
    pool.whenGiven(told);
  }

  /** What is used. */
  public long used() {
    return used;
  }
}
