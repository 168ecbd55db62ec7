package org.iscsi4j.examples.daemon.service;

import java.util.OptionalLong;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.examples.daemon.config.MediumSpec;
import org.iscsi4j.examples.daemon.config.UnitType;

/**
 * A unit as it is served at one moment.
 *
 * @param medium what is in it, or was put in last
 * @param size bytes; empty when there is no medium
 * @param present whether its medium is in
 * @param locked whether an initiator keeps the medium from being taken out
 * @param unit by which the server knows it
 */
public record ServedLun(
    IscsiName target,
    int number,
    UnitType type,
    MediumSpec medium,
    OptionalLong size,
    boolean present,
    boolean locked,
    LogicalUnit unit) {}
