package org.iscsi4j.scsi;

/** Told what becomes of the units of a server. */
@FunctionalInterface
public interface UnitListener {

  /** Hears nothing. */
  UnitListener NONE = (unit, condition) -> {};

  /**
   * The condition of a unit has changed, by the host or by an initiator. Called on the thread that
   * changed it, so it must not block; what it throws is logged. When two threads change it at the
   * same time their calls may come in either order; {@link DeviceServer#condition} has the last.
   */
  void changed(DeviceServer unit, UnitCondition condition);
}
