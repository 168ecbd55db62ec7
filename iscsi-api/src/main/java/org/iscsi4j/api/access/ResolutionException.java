package org.iscsi4j.api.access;

import java.util.Objects;

/**
 * Something that was looked for on behalf of an initiator is not to be had. Resolvers complete
 * their stage with it, or throw it in the work that completes the stage.
 */
public final class ResolutionException extends RuntimeException {

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

  /** There is no such thing. */
  public static ResolutionException notFound(String message) {
    return new ResolutionException(Kind.NOT_FOUND, message);
  }

  /** It was there and has been removed for good. */
  public static ResolutionException removed(String message) {
    return new ResolutionException(Kind.REMOVED, message);
  }

  /** It is there, but not for this initiator. */
  public static ResolutionException forbidden(String message) {
    return new ResolutionException(Kind.FORBIDDEN, message);
  }

  /** It can't be had for now; trying again may help. */
  public static ResolutionException unavailable(String message, Throwable cause) {
    return new ResolutionException(Kind.UNAVAILABLE, message, cause);
  }

  /** Why it is not to be had. */
  public Kind kind() {
    return kind;
  }
}
