package org.iscsi4j.api.access;

import java.nio.charset.StandardCharsets;
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

  private static final int MAX_NAME = 255;

  /** Checks that nothing is missing. */
  public Credential {
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(own, "own");
  }

  static String checkedName(String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes < 1 || bytes > MAX_NAME) {
      throw new IllegalArgumentException(
          "CHAP name of " + bytes + " bytes is not within 1.." + MAX_NAME);
    }
    return name;
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

    /** Checks that nothing is missing, and the length of the name. */
    public Own {
      checkedName(name);
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
