package org.iscsi4j.api.access;

import java.util.Objects;
import java.util.Optional;

/**
 * How a user proves who it is, and the target to it.
 *
 * @param secret what the user knows
 * @param own who the target is to this user, when it asks for that (mutual CHAP); empty when the
 *     {@linkplain Chap#own target's} holds
 */
public record Credential(Secret secret, Optional<Own> own) {

  /** Checks that nothing is missing. */
  public Credential {
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(own, "own");
  }

  /** A user's secret alone. */
  public static Credential of(Secret secret) {
    return new Credential(secret, Optional.empty());
  }

  /** The same with secrets of its own, to be wiped by themselves. */
  public Credential copy() {
    return new Credential(
        secret.copy(), own.map(self -> new Own(self.name(), self.secret().copy())));
  }

  /** Wipes the secrets. Idempotent. */
  public void destroy() {
    secret.destroy();
    own.ifPresent(self -> self.secret().destroy());
  }

  /**
   * The target's own name and secret.
   *
   * @param name CHAP_N of the target, 1 to 255 bytes in UTF-8
   * @param secret what it knows
   */
  public record Own(String name, Secret secret) {

    /** Checks that nothing is missing. */
    public Own {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(secret, "secret");
    }

    /** The secret stays out of logs. */
    @Override
    public String toString() {
      return name;
    }
  }

  /** Names stay out of logs as secrets do. */
  @Override
  public String toString() {
    return "Credential";
  }
}
