package org.iscsi4j.examples.daemon.config;

import java.util.List;

/** [PortalGroupN]; N is the target portal group tag. */
public record PortalGroupSection(int tag, List<PortalSpec> portals) {}
