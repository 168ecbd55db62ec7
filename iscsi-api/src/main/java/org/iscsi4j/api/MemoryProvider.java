package org.iscsi4j.api;

import java.util.OptionalLong;
import java.util.Set;

/** {@code mem:64m}: a {@link MemoryDevice} of that size. */
final class MemoryProvider implements BlockDeviceProvider {

  @Override
  public String scheme() {
    return "mem";
  }

  @Override
  public Set<String> options() {
    return Set.of("blocksize", "physical", "limit");
  }

  @Override
  public BlockDevice open(DeviceUri uri) {
    int blockSize = uri.intBytes("blocksize").orElse(Geometry.MIN_BLOCK_SIZE);
    int physical = uri.intBytes("physical").orElse(blockSize);
    Geometry geometry =
        Geometry.ofSize(DeviceUri.parseBytes(uri.path()), blockSize)
            .withPhysicalBlockSize(physical);
    OptionalLong limit = uri.bytes("limit");
    return limit.isPresent()
        ? MemoryDevice.limited(geometry, limit.getAsLong())
        : MemoryDevice.of(geometry);
  }
}
