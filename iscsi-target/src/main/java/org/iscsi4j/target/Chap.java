package org.iscsi4j.target;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.target.login.ChapPolicy;

/**
 * Authentication by CHAP (RFC 7143 section 12.1.3): the users that may log in and, for mutual
 * authentication, who the target is to them. Immutable.
 */
public final class Chap {

  /** The shortest secret that the RFC lets be used, in bytes (section 9.2.1). */
  public static final int MIN_SECRET_BYTES = 12;

  private static final int RANDOM_SECRET_BYTES = 16;

  private static final List<ChapAlgorithm> ALGORITHMS =
      List.of(ChapAlgorithm.SHA3_256, ChapAlgorithm.SHA256, ChapAlgorithm.SHA1, ChapAlgorithm.MD5);

  private final ChapPolicy policy;

  private Chap(ChapPolicy policy) {
    this.policy = policy;
  }

  /**
   * A new secret of 128 bits that nobody can guess, as the RFC recommends. It is not text: show it
   * to people in hexadecimal.
   */
  public static byte[] randomSecret() {
    byte[] secret = new byte[RANDOM_SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    return secret;
  }

  /** Starts without users. */
  public static Builder builder() {
    return new Builder();
  }

  ChapPolicy policy() {
    return policy;
  }

  /** Names stay out of logs as secrets do. */
  @Override
  public String toString() {
    return "Chap";
  }

  /** Collects users and secrets. Not thread-safe. */
  public static final class Builder {
    private final Map<String, byte[]> users = new HashMap<>();
    private Optional<ChapPolicy.Self> self = Optional.empty();
    private boolean shortSecrets;

    private Builder() {}

    /**
     * Lets an initiator in that knows the secret.
     *
     * @param name CHAP_N, 1 to 255 bytes in UTF-8
     * @param secret at least {@link #MIN_SECRET_BYTES} bytes in UTF-8, unless short ones are
     *     allowed
     */
    public Builder user(String name, String secret) {
      return user(name, bytes(secret));
    }

    /** As {@link #user(String, String)}, with a secret that need not be text; it is copied. */
    public Builder user(String name, byte[] secret) {
      if (users.putIfAbsent(checked(name), secret.clone()) != null) {
        throw new IllegalArgumentException("CHAP user '" + name + "' stands twice");
      }
      return this;
    }

    /** Lets the target prove itself to initiators that ask for it (mutual CHAP). */
    public Builder mutual(String name, String secret) {
      return mutual(name, bytes(secret));
    }

    /** As {@link #mutual(String, String)}, with a secret that need not be text; it is copied. */
    public Builder mutual(String name, byte[] secret) {
      self = Optional.of(new ChapPolicy.Self(checked(name), secret.clone()));
      return this;
    }

    /** Takes secrets that are shorter than the RFC allows, for old set-ups and tests. */
    public Builder allowShortSecrets() {
      shortSecrets = true;
      return this;
    }

    /**
     * The authentication.
     *
     * @throws IllegalArgumentException without a user, for a short secret, or for one secret used
     *     in both directions (RFC 7143 section 9.2.1)
     */
    public Chap build() {
      if (users.isEmpty()) {
        throw new IllegalArgumentException("CHAP without a user would let nobody in");
      }
      users.forEach(this::checkLength);
      self.ifPresent(own -> checkLength(own.user(), own.secret()));
      self.ifPresent(this::checkDifferent);
      return new Chap(new StaticPolicy(Map.copyOf(users), self));
    }

    private void checkLength(String name, byte[] secret) {
      if (!shortSecrets && secret.length < MIN_SECRET_BYTES) {
        throw new IllegalArgumentException(
            "the secret of '"
                + name
                + "' has "
                + secret.length
                + " bytes and needs at least "
                + MIN_SECRET_BYTES);
      }
    }

    private void checkDifferent(ChapPolicy.Self own) {
      if (users.values().stream().anyMatch(secret -> Arrays.equals(secret, own.secret()))) {
        throw new IllegalArgumentException(
            "the mutual secret of '" + own.user() + "' is also the secret of a user");
      }
    }

    private static String checked(String name) {
      Objects.requireNonNull(name, "name");
      int bytes = bytes(name).length;
      if (bytes < 1 || bytes > 255) {
        throw new IllegalArgumentException("CHAP name of " + bytes + " bytes is not within 1..255");
      }
      return name;
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  private record StaticPolicy(Map<String, byte[]> users, Optional<ChapPolicy.Self> self)
      implements ChapPolicy {

    @Override
    public Optional<byte[]> secret(String user) {
      return Optional.ofNullable(users.get(user));
    }

    @Override
    public List<ChapAlgorithm> algorithms() {
      return ALGORITHMS;
    }
  }
}
