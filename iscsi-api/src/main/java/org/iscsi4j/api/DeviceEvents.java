package org.iscsi4j.api;

/**
 * What a {@link BlockDevice} tells those who serve it. Every method may be called from any thread,
 * returns at once, and never throws.
 */
public interface DeviceEvents {

  /** The device's {@link BlockDevice#geometry} is another one now; initiators are told. */
  void geometryChanged();

  /**
   * The device's {@link BlockDevice#space} changed, other than by a call just made to the device,
   * as when others took from its pool.
   */
  default void spaceChanged() {}
}
