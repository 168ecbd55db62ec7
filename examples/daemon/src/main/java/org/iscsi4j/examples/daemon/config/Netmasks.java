package org.iscsi4j.examples.daemon.config;

import java.util.List;
import org.iscsi4j.api.access.Network;

/** Reads Netmask lines. */
final class Netmasks {

  private static final String KEY = "Netmask";

  private Netmasks() {}

  static List<Network> read(SectionReader section) {
    return section.entries(KEY).stream()
        .flatMap(entry -> section.first(KEY, entry).stream())
        .flatMap(token -> section.parsed(KEY, token, Network::parse).stream())
        .toList();
  }
}
