package org.iscsi4j.scsi;

import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The condition of a unit, and how it changes. May be used from any thread; commands read it
 * without a lock.
 */
final class UnitSwitches {

  private static final Logger log = LoggerFactory.getLogger(UnitSwitches.class);

  private final DeviceServer unit;
  private final boolean alwaysReadOnly;
  private final UnitListener listener;

  /** Written under this. */
  private volatile UnitCondition condition;

  UnitSwitches(DeviceServer unit, boolean alwaysReadOnly, boolean loaded, UnitListener listener) {
    this.unit = unit;
    this.alwaysReadOnly = alwaysReadOnly;
    this.listener = listener;
    condition = UnitCondition.atStart(alwaysReadOnly, loaded);
  }

  UnitCondition condition() {
    return condition;
  }

  void readOnly(boolean on) {
    change(null, now -> now.readOnly(on || alwaysReadOnly));
  }

  void online(boolean on) {
    change(null, now -> now.online(on));
  }

  /**
   * Puts the medium in or takes it out.
   *
   * @param by the nexus that did it, which is not told; null when it was the host
   */
  void loaded(Nexus by, boolean in) {
    change(by, now -> now.loaded(in));
  }

  private void change(Nexus by, UnaryOperator<UnitCondition> rule) {
    UnitCondition before;
    UnitCondition now;
    synchronized (this) {
      before = condition;
      now = rule.apply(before);
      condition = now;
    }
    if (!now.equals(before)) {
      log.debug("{}: {}", unit, now);
      tellInitiators(by, before, now);
      tellListener(now);
    }
  }

  /** Of a medium that goes they learn when they need it. */
  private void tellInitiators(Nexus by, UnitCondition before, UnitCondition now) {
    if (now.ready() && !before.ready()) {
      unit.raiseForOthers(by, UnitAttention.MEDIUM_MAY_HAVE_CHANGED);
    }
    if (now.readOnly() != before.readOnly()) {
      unit.raiseForOthers(by, UnitAttention.MODE_PARAMETERS_CHANGED);
    }
  }

  private void tellListener(UnitCondition now) {
    try {
      listener.changed(unit, unit.availability(now), now.readOnly());
    } catch (Throwable e) {
      log.error("the listener of {} failed", unit, e);
    }
  }
}
