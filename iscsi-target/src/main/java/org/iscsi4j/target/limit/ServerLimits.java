package org.iscsi4j.target.limit;

import org.iscsi4j.api.access.Limits;

/** The limits that hold at this moment, and what is used up of them. Safe from any thread. */
public final class ServerLimits {

  private final Pools pools;
  private volatile Limits current;

  /** The limits of a server that starts. */
  public ServerLimits(Limits limits) {
    current = limits;
    pools = new Pools(limits);
  }

  /** What holds now. */
  public Limits current() {
    return current;
  }

  /** From now on; nothing ends by that. */
  public synchronized void change(Limits limits) {
    current = limits;
    pools.change(limits);
  }

  /** What all sessions have together. */
  public Pools pools() {
    return pools;
  }
}
