package org.iscsi4j.examples.daemon.config;

/**
 * A Portal line.
 *
 * @param label what its writer calls it
 * @param host an address without brackets; a wildcard is 0.0.0.0 or ::
 * @param port 0 for any free one
 */
public record PortalSpec(String label, String host, int port) {}
