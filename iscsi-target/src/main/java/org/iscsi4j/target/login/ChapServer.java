package org.iscsi4j.target.login;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the CHAP exchanges of one server have in common. Its challenges are half random and half a
 * seal of that: it knows each of them again, on whatever connection it comes back, and remembers
 * none (RFC 7143 section 9.2.1). Safe from any thread.
 */
final class ChapServer {

  private static final Logger log = LoggerFactory.getLogger(ChapServer.class);

  private static final int NONCE = 16;
  private static final int SEAL = 16;
  private static final String MAC = "HmacSHA256";

  private final SecureRandom random = new SecureRandom();
  private final SecretKeySpec sealingKey;
  private final Hash hash;
  private final AtomicBoolean warned = new AtomicBoolean();

  /** The arithmetic. */
  @FunctionalInterface
  interface Hash {
    byte[] response(ChapAlgorithm algorithm, int identifier, byte[] secret, byte[] challenge);
  }

  ChapServer() {
    this(org.iscsi4j.protocol.Chap::response);
  }

  ChapServer(Hash hash) {
    this.hash = hash;
    byte[] key = new byte[32];
    random.nextBytes(key);
    sealingKey = new SecretKeySpec(key, MAC);
    Arrays.fill(key, (byte) 0);
  }

  /** A new CHAP_C. */
  byte[] challenge() {
    byte[] nonce = new byte[NONCE];
    random.nextBytes(nonce);
    byte[] challenge = Arrays.copyOf(nonce, NONCE + SEAL);
    System.arraycopy(seal(nonce), 0, challenge, NONCE, SEAL);
    return challenge;
  }

  /** A new CHAP_I. */
  int identifier() {
    return random.nextInt(256);
  }

  /** Whether a challenge was made here. */
  boolean isOurs(byte[] challenge) {
    return challenge.length == NONCE + SEAL
        && MessageDigest.isEqual(
            Arrays.copyOf(seal(Arrays.copyOf(challenge, NONCE)), SEAL),
            Arrays.copyOfRange(challenge, NONCE, NONCE + SEAL));
  }

  private byte[] seal(byte[] nonce) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(sealingKey);
      return mac.doFinal(nonce);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(MAC + " is missing from this Java run-time", e);
    }
  }

  /**
   * CHAP_R.
   *
   * @throws IllegalStateException when the secret has been wiped
   */
  byte[] response(ChapAlgorithm algorithm, int identifier, Secret secret, byte[] challenge) {
    byte[] bytes = secret.toByteArray();
    try {
      return hash.response(algorithm, identifier, bytes, challenge);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** Warns of short secrets that are known beforehand, once for each who has them. */
  void hasShortSecrets(String whose) {
    warned.set(true);
    warn(whose);
  }

  /** A short secret is in use: the first one is worth a warning, as others are. */
  void usesShortSecret(String whose) {
    if (warned.compareAndSet(false, true)) {
      warn(whose);
    }
  }

  private static void warn(String whose) {
    log.warn(
        "{} takes CHAP secrets of less than {} bytes, which can be guessed by whoever listens",
        whose,
        Chap.MIN_SECRET_BYTES);
  }
}
