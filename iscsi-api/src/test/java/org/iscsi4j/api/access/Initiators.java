package org.iscsi4j.api.access;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;

/** Initiators of tests. */
final class Initiators {

  static final String PREFIX = "iqn.2001-04.com.example:";

  private static final InetSocketAddress PORTAL = new InetSocketAddress("192.0.2.2", 3260);

  private Initiators() {}

  /** One that calls itself so, from 192.0.2.1 at portal group 1. */
  static Initiator named(String name) {
    return at(1, name, "192.0.2.1");
  }

  /** One that comes from an address, at portal group 1. */
  static Initiator from(String address) {
    return at(1, "host", address);
  }

  static Initiator at(int portalGroup, String name, String address) {
    return new Initiator(
        IscsiName.of(PREFIX + name),
        Optional.empty(),
        new InetSocketAddress(address, 50_000),
        PORTAL,
        portalGroup);
  }
}
