package org.iscsi4j.examples.daemon.config;

import java.util.Optional;
import java.util.SortedMap;

/**
 * What istgt.conf says, checked. Groups and units by the number in their section's name; every
 * number that one of them names is there.
 *
 * @param global [Global]
 * @param control [UnitControl]
 */
public record DaemonConfig(
    GlobalSection global,
    Optional<ControlSection> control,
    SortedMap<Integer, PortalGroupSection> portalGroups,
    SortedMap<Integer, InitiatorGroupSection> initiatorGroups,
    SortedMap<Integer, UnitSection> units) {}
