package org.iscsi4j.api;

/**
 * How much storage stands behind a thin {@link BlockDevice}, and how much more it could take.
 * Initiators read it, and are warned when it runs low.
 *
 * @param used bytes behind the blocks of this device
 * @param available bytes that deallocated blocks of this device may still take before writes fail
 *     with {@link BlockDeviceException.Kind#OUT_OF_SPACE}
 * @param shared whether the available bytes come from a pool that others take from too
 */
public record Space(long used, long available, boolean shared) {

  /** Checks that nothing is negative. */
  public Space {
    if (used < 0 || available < 0) {
      throw new IllegalArgumentException(
          "used " + used + " or available " + available + " is less than 0 bytes");
    }
  }

  /** Of a device whose available bytes are its own. */
  public static Space of(long used, long available) {
    return new Space(used, available, false);
  }
}
