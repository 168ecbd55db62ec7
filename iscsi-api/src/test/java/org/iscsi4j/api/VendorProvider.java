package org.iscsi4j.api;

import java.util.Set;

/** What a vendor ships: a memory disk of as many blocks as the path says. */
public final class VendorProvider implements BlockDeviceProvider {

  /** For the service loader. */
  public VendorProvider() {}

  @Override
  public String scheme() {
    return "vendor";
  }

  @Override
  public Set<String> options() {
    return Set.of("shiny");
  }

  @Override
  public BlockDevice open(DeviceUri uri) {
    return MemoryDevice.of(Geometry.of(512, Long.parseLong(uri.path())));
  }
}
