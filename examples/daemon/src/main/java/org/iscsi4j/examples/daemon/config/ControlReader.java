package org.iscsi4j.examples.daemon.config;

/** Reads [UnitControl]. */
final class ControlReader {

  private ControlReader() {}

  static ControlSection read(SectionReader section, AuthRules authRules, PortalReader portals) {
    return new ControlSection(
        authRules.read(section, "AuthMethod", "AuthGroup"),
        portals.read(section),
        Netmasks.read(section),
        section.path("Socket"));
  }
}
