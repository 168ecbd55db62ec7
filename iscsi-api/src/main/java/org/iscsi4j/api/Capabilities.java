package org.iscsi4j.api;

import java.util.Objects;

/**
 * What a {@link BlockDevice} can do and how its calls behave, known before the first command. All
 * that an initiator reads of a disk's abilities is derived from this, so that a vendor can't
 * contradict himself. Made from {@link #DEFAULT} with the {@code with…} methods.
 *
 * @param blocking how long a call may keep its thread
 * @param concurrency how many calls may be under way at once
 * @param readOnly whether every write is refused before it reaches the device
 * @param volatileCache whether a write may be lost in a power failure until {@link
 *     BlockDevice#flush}
 * @param deallocate whether {@link BlockDevice#deallocate} works, which makes the disk a thin one
 * @param deallocatedReadsZero whether blocks read as zeroes after they were deallocated, and before
 *     they were first written
 * @param extents whether {@link BlockDevice#extent} knows allocated from deallocated
 * @param rotationRate 0 when not reported, 1 for a medium that does not rotate, else revolutions a
 *     minute (1,025 to 65,534)
 */
public record Capabilities(
    Blocking blocking,
    Concurrency concurrency,
    boolean readOnly,
    boolean volatileCache,
    boolean deallocate,
    boolean deallocatedReadsZero,
    boolean extents,
    int rotationRate) {

  /** The cautious assumption: slow, parallel, writable, with a volatile cache, nothing optional. */
  public static final Capabilities DEFAULT =
      new Capabilities(Blocking.LONG, Concurrency.PARALLEL, false, true, false, false, false, 0);

  /** Checks that the components agree with each other. */
  public Capabilities {
    Objects.requireNonNull(blocking, "blocking");
    Objects.requireNonNull(concurrency, "concurrency");
    if (deallocatedReadsZero && !deallocate) {
      throw new IllegalArgumentException("deallocatedReadsZero needs deallocate");
    }
    checkedRotationRate(rotationRate);
  }

  static int checkedRotationRate(int rate) {
    if (rate < 0 || (rate > 1 && rate < 1025) || rate > 65_534) {
      throw new IllegalArgumentException(
          "rotationRate " + rate + " is neither 0, 1 nor within 1025..65534");
    }
    return rate;
  }

  /** The same with another promise of how long calls take. */
  public Capabilities withBlocking(Blocking value) {
    return new Capabilities(
        value,
        concurrency,
        readOnly,
        volatileCache,
        deallocate,
        deallocatedReadsZero,
        extents,
        rotationRate);
  }

  /** The same with another number of calls at once. */
  public Capabilities withConcurrency(Concurrency value) {
    return new Capabilities(
        blocking,
        value,
        readOnly,
        volatileCache,
        deallocate,
        deallocatedReadsZero,
        extents,
        rotationRate);
  }

  /** The same, read-only or not. */
  public Capabilities withReadOnly(boolean value) {
    return new Capabilities(
        blocking,
        concurrency,
        value,
        volatileCache,
        deallocate,
        deallocatedReadsZero,
        extents,
        rotationRate);
  }

  /** The same with a volatile cache or without. */
  public Capabilities withVolatileCache(boolean value) {
    return new Capabilities(
        blocking,
        concurrency,
        readOnly,
        value,
        deallocate,
        deallocatedReadsZero,
        extents,
        rotationRate);
  }

  /**
   * The same for a device that can deallocate.
   *
   * @param readsZero whether deallocated blocks read as zeroes
   */
  public Capabilities withDeallocate(boolean readsZero) {
    return new Capabilities(
        blocking, concurrency, readOnly, volatileCache, true, readsZero, extents, rotationRate);
  }

  /** The same for a device that knows its extents or not. */
  public Capabilities withExtents(boolean value) {
    return new Capabilities(
        blocking,
        concurrency,
        readOnly,
        volatileCache,
        deallocate,
        deallocatedReadsZero,
        value,
        rotationRate);
  }

  /** The same with another rotation rate, in the values of the component. */
  public Capabilities withRotationRate(int value) {
    return new Capabilities(
        blocking,
        concurrency,
        readOnly,
        volatileCache,
        deallocate,
        deallocatedReadsZero,
        extents,
        value);
  }
}
