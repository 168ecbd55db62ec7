package org.iscsi4j.api;

import java.io.IOException;
import java.util.Objects;

/** A storage fault with the kind that the initiator is told. */
public class BlockDeviceException extends IOException {

  private static final long serialVersionUID = 1L;

  /** The offset of a fault whose place is not known. */
  public static final long UNKNOWN_OFFSET = -1;

  /** What went wrong. */
  public enum Kind {
    /** The medium lost data or can't take it; {@link #offset} tells where. */
    MEDIUM_ERROR,
    /** No storage is left behind a thin device. */
    OUT_OF_SPACE,
    /** The device takes no writes. */
    WRITE_PROTECTED,
    /** The device can't be reached for now. */
    NOT_READY,
    /** The device can't take the call now, and trying again soon will help. */
    BUSY,
    /** The device can't do this at all. */
    NOT_SUPPORTED,
    /** The device itself is broken. */
    HARDWARE_ERROR
  }

  private final Kind kind;
  private final long offset;

  /** A fault whose place is not known. */
  public BlockDeviceException(Kind kind, String message) {
    this(kind, UNKNOWN_OFFSET, message, null);
  }

  /**
   * A fault at a known place.
   *
   * @param offset the first byte that failed, from the start of the device, or {@link
   *     #UNKNOWN_OFFSET}
   * @param cause the exception behind this one, or null
   */
  public BlockDeviceException(Kind kind, long offset, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind, "kind");
    this.offset = offset;
  }

  /** What went wrong. */
  public final Kind kind() {
    return kind;
  }

  /** The first byte that failed, from the start of the device, or {@link #UNKNOWN_OFFSET}. */
  public final long offset() {
    return offset;
  }
}
