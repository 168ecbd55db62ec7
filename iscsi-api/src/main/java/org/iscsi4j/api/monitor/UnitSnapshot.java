package org.iscsi4j.api.monitor;

import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.PeripheralDeviceType;

/**
 * A logical unit at one moment, whatever targets it stands in. Immutable.
 *
 * @param identity who the unit says it is; its serial tells it from others
 * @param type what kind of device it is
 * @param geometry block size in bytes, and how many blocks
 * @param availability whether the medium can be used
 * @param readOnly whether the host or the device keeps every initiator from writing
 * @param removalPrevented whether an initiator keeps the medium of a removable unit where it is
 *     (PREVENT ALLOW MEDIUM REMOVAL, SBC-3 clause 5.10)
 * @param nexuses initiator ports that have addressed the unit and whose sessions are there
 * @param outstandingCommands commands of all of them that have come and not ended
 * @param statistics what was done with the unit so far
 * @param reservations who has it for itself
 */
public record UnitSnapshot(
    Identity identity,
    PeripheralDeviceType type,
    Geometry geometry,
    UnitAvailability availability,
    boolean readOnly,
    boolean removalPrevented,
    int nexuses,
    int outstandingCommands,
    UnitStatistics statistics,
    ReservationSnapshot reservations) {}
