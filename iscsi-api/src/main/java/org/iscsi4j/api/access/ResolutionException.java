package org.iscsi4j.api.access;

import java.util.Objects;

/** Something that was looked for on behalf of an initiator is not to be had. */
public final class ResolutionException extends Exception {

  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Kind {
    /** There is no such thing. */
    NOT_FOUND,
    /** It was there and has been removed for good. */
    REMOVED,
    /** It is there, but not for this initiator. */
    FORBIDDEN,
    /** It can't be had for now; trying again may help. */
    UNAVAILABLE
  }

  private final Kind kind;

  /**
   * A failure.
   *
   * @param message for the log; the initiator is told the kind alone
   */
  public ResolutionException(Kind kind, String message) {
    this(kind, message, null);
  }

  /** A failure with the cause, which may be null. */
  public ResolutionException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind, "kind");
  }

  /** Why it is not to be had. */
  public Kind kind() {
    return kind;
  }
}
