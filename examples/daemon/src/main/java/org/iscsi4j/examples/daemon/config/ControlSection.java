package org.iscsi4j.examples.daemon.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.access.Network;

/**
 * [UnitControl].
 *
 * @param portals where to listen
 * @param netmasks who may connect; empty for everybody
 * @param socket our own key Socket: a Unix-domain socket to listen on as well
 */
public record ControlSection(
    AuthRule auth, List<PortalSpec> portals, List<Network> netmasks, Optional<Path> socket) {}
