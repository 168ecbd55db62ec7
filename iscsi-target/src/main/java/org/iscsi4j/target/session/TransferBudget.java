package org.iscsi4j.target.session;

import java.util.HashMap;
import java.util.Map;
import org.iscsi4j.target.limit.Share;

/**
 * Bytes that the transfers of a session may hold in buffers at once, of its own limit and of what
 * all sessions have together. One unit gets no more than half of the former, and every unit gets at
 * least one transfer, so that a device that hangs holds up no other: not in this session, and not
 * in another one, however little all have left.
 *
 * <p>Data that comes unasked for a command that waits for more counts for all sessions, but not for
 * this one, where the window bounds it: what those commands wait for must still find room.
 */
final class TransferBudget {

  private final long limit;
  private final Share share;
  private long used;

  /** By the LUN as it came, while something is taken for it. */
  private final Map<Long, OfUnit> byUnit = new HashMap<>();

  /** What the last one that had to wait for was: what other sessions have. */
  private boolean lacksShare;

  private static final class OfUnit {
    private long bytes;
    private long unasked;
  }

  TransferBudget(long limit, Share share) {
    this.limit = limit;
    this.share = share;
  }

  /** Takes bytes for a unit when they fit. */
  boolean tryTake(long lun, int bytes) {
    OfUnit unit = of(lun);
    if (unit.bytes == 0) {
      take(lun, bytes);
      return true;
    }
    boolean fits = used + bytes <= limit && unit.bytes + bytes <= limit / 2;
    lacksShare = fits && !share.tryTake(bytes);
    if (!fits || lacksShare) {
      return false;
    }
    count(unit, bytes);
    return true;
  }

  /** Takes bytes that came without being asked for; the command window bounds them. */
  void take(long lun, int bytes) {
    share.take(bytes);
    count(of(lun), bytes);
  }

  private void count(OfUnit unit, int bytes) {
    used += bytes;
    unit.bytes += bytes;
  }

  /** Gives bytes back. */
  void give(long lun, int bytes) {
    if (bytes > 0) {
      OfUnit unit = of(lun);
      used -= bytes;
      unit.bytes -= bytes;
      share.give(bytes);
      forgetIfIdle(lun, unit);
    }
  }

  // ---- what comes unasked for commands that need more

  /** Whether there is room for data that comes unasked: for one command a unit in any case. */
  boolean admits(long lun, int bytes) {
    return share.fits(bytes) || !byUnit.containsKey(lun);
  }

  void takeUnasked(long lun, int bytes) {
    of(lun).unasked += bytes;
    share.take(bytes);
  }

  void giveUnasked(long lun, int bytes) {
    if (bytes > 0) {
      OfUnit unit = of(lun);
      unit.unasked -= bytes;
      share.give(bytes);
      forgetIfIdle(lun, unit);
    }
  }

  private OfUnit of(long lun) {
    return byUnit.computeIfAbsent(lun, any -> new OfUnit());
  }

  private void forgetIfIdle(long lun, OfUnit unit) {
    if (unit.bytes == 0 && unit.unasked == 0) {
      byUnit.remove(lun);
    }
  }

  // ---- facts

  /** Whether bytes were refused last because all sessions together have too many. */
  boolean lacksShare() {
    return lacksShare;
  }

  /** What is had of the bytes of all sessions. */
  Share share() {
    return share;
  }

  long used() {
    return used;
  }
}
