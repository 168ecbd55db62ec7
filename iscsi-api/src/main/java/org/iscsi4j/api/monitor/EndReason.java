package org.iscsi4j.api.monitor;

import java.util.Objects;

/**
 * Why a session or a connection ended. Immutable.
 *
 * @param kind for programs
 * @param text for people; never a secret
 */
public record EndReason(Kind kind, String text) {

  /** Who or what ended it. */
  public enum Kind {
    /** The initiator logged out. */
    LOGOUT,
    /** The initiator logged in again with the same ISID, or the same CID (RFC 7143 6.3.5). */
    REINSTATED,
    /** The connection broke, or was closed without a logout. */
    CONNECTION_LOST,
    /** A header digest was wrong: what follows can't be told apart any more (RFC 7143 7.8). */
    DIGEST_ERROR,
    /** The initiator broke the protocol in a way that leaves nothing else. */
    PROTOCOL_ERROR,
    /**
     * The initiator did not do in time what it had to: answer a ping, log out when it was asked to.
     */
    TIMED_OUT,
    /** The server ended it, because the host wanted so or its login was refused. */
    DROPPED,
    /** An initiator reset the target (TARGET COLD RESET, RFC 7143 section 11.5.1). */
    TARGET_RESET,
    /** The server was closed. */
    SERVER_CLOSED,
    /** The server failed in a way that is logged as an error. */
    INTERNAL_ERROR;

    /** Whether neither side wanted the end. */
    public boolean isFault() {
      return switch (this) {
        case CONNECTION_LOST, DIGEST_ERROR, PROTOCOL_ERROR, TIMED_OUT, INTERNAL_ERROR -> true;
        case LOGOUT, REINSTATED, DROPPED, TARGET_RESET, SERVER_CLOSED -> false;
      };
    }
  }

  /** Checks that nothing is missing. */
  public EndReason {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(text, "text");
  }

  /** The text. */
  @Override
  public String toString() {
    return text;
  }
}
