package org.iscsi4j.protocol;

import java.security.MessageDigest;

/** The arithmetic of CHAP (RFC 1994 section 4.1, RFC 7143 section 12.1.3). */
public final class Chap {
  private Chap() {}

  /**
   * The response to a challenge: the hash of identifier, secret and challenge, in that order.
   *
   * @param identifier CHAP_I, 0 to 255
   * @param challenge CHAP_C, decoded
   * @return CHAP_R, decoded: {@link ChapAlgorithm#digestLength()} bytes
   */
  public static byte[] response(
      ChapAlgorithm algorithm, int identifier, byte[] secret, byte[] challenge) {
    MessageDigest digest = algorithm.newDigest();
    digest.update((byte) identifier);
    digest.update(secret);
    return digest.digest(challenge);
  }

  /** Whether two responses are equal, in a time that does not depend on their contents. */
  public static boolean matches(byte[] expected, byte[] received) {
    return MessageDigest.isEqual(expected, received);
  }
}
