package org.iscsi4j.scsi;

import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.monitor.UnitAvailability;

/** Told what becomes of the units of a server. */
public interface UnitListener {

  /** Hears nothing. */
  UnitListener NONE = new UnitListener() {};

  /**
   * The condition of a unit has changed, by the host or by an initiator. Called on the thread that
   * changed it, so it must not block; what it throws is logged. When two threads change it at the
   * same time their calls may come in either order; {@link DeviceServer#snapshot} has the last.
   *
   * @param readOnly whether the host or the device keeps every initiator from writing
   */
  default void changed(DeviceServer unit, UnitAvailability availability, boolean readOnly) {}

  /**
   * The device of a unit has become larger or smaller, and initiators were told. Called on the
   * thread that learned of it, so it must not block; what it throws is logged.
   */
  default void resized(DeviceServer unit, Geometry geometry) {}
}
