package org.iscsi4j.target.session;

/**
 * When a silent peer is asked whether it is there, and when it is given up (RFC 7143 section
 * 11.19). Whatever the peer sends proves that it lives. Times are nanoseconds.
 */
final class KeepAlive {

  private final long interval;
  private final long timeout;
  private long pinged;
  private boolean waiting;

  /** What to do now. */
  enum Action {
    WAIT,
    PING,
    GIVE_UP
  }

  /**
   * A rule.
   *
   * @param interval silence after which the peer is asked
   * @param timeout further silence after which it is given up
   */
  KeepAlive(long interval, long timeout) {
    this.interval = interval;
    this.timeout = timeout;
  }

  /** What to do, when something came last at {@code lastReceived}. */
  Action check(long now, long lastReceived) {
    if (waiting && lastReceived - pinged >= 0) {
      waiting = false;
    }
    if (waiting) {
      return now - pinged >= timeout ? Action.GIVE_UP : Action.WAIT;
    }
    if (now - lastReceived < interval) {
      return Action.WAIT;
    }
    waiting = true;
    pinged = now;
    return Action.PING;
  }

  /** Nanoseconds until {@link #check} has something to say, if nothing comes before. */
  long nextCheck(long now, long lastReceived) {
    if (waiting) {
      // an answer may come at any time, and the interval counts anew from there
      return Math.max(0, Math.min(pinged + timeout - now, interval));
    }
    return Math.max(0, lastReceived + interval - now);
  }
}
