package org.iscsi4j.examples.daemon.config;

import java.util.List;

/**
 * [PortalGroupN]; N is the target portal group tag.
 *
 * @param portals in their order; without 0.0.0.0 where :: is there with the same port, which
 *     listens for both
 */
public record PortalGroupSection(int tag, List<PortalSpec> portals) {}
