package org.iscsi4j.api.access;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.security.auth.Destroyable;

/**
 * A secret: bytes that are never printed, and that can be wiped. Two are equal when their bytes
 * are. Safe from any thread.
 */
public final class Secret implements Destroyable, AutoCloseable {

  private static final int RANDOM_BYTES = 16;

  private final byte[] bytes;
  private boolean destroyed;

  private Secret(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A secret of bytes, which are copied. */
  public static Secret of(byte[] bytes) {
    return new Secret(bytes.clone());
  }

  /**
   * A secret of text in UTF-8, which is copied: the caller may wipe his own.
   *
   * @throws IllegalArgumentException for half of a character that takes two
   */
  public static Secret of(char[] text) {
    CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    // large enough at once: what it grew out of would not be wiped
    byte[] room = new byte[(int) (text.length * encoder.maxBytesPerChar())];
    try {
      ByteBuffer encoded = ByteBuffer.wrap(room);
      if (encoder.encode(CharBuffer.wrap(text), encoded, true).isError()) {
        throw new IllegalArgumentException("the secret is no text: half of a character is missing");
      }
      return new Secret(Arrays.copyOf(room, encoded.position()));
    } finally {
      Arrays.fill(room, (byte) 0);
    }
  }

  /** A secret of text in UTF-8. A string can't be wiped: better not for secrets that matter. */
  public static Secret of(String text) {
    return new Secret(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A new secret of 128 bits that nobody can guess, as the RFC recommends (RFC 7143 section 9.2.1).
   * It is not text: show it to people in hexadecimal.
   */
  public static Secret random() {
    byte[] bytes = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new Secret(bytes);
  }

  /** Bytes of the secret. */
  public int length() {
    return bytes.length;
  }

  /**
   * A copy of the bytes, for the caller to wipe.
   *
   * @throws IllegalStateException when the secret has been wiped
   */
  public synchronized byte[] toByteArray() {
    if (destroyed) {
      throw new IllegalStateException("the secret has been wiped");
    }
    return bytes.clone();
  }

  /** The same secret, to be wiped by itself. */
  public Secret copy() {
    return new Secret(toByteArray());
  }

  /** Wipes the secret. Idempotent. */
  @Override
  public synchronized void destroy() {
    Arrays.fill(bytes, (byte) 0);
    destroyed = true;
  }

  @Override
  public synchronized boolean isDestroyed() {
    return destroyed;
  }

  /** As {@link #destroy}. */
  @Override
  public void close() {
    destroy();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(bytes, secret.bytes);
  }

  @Override
  public int hashCode() {
    return bytes.length; // nothing of the content
  }

  @Override
  public String toString() {
    return "Secret";
  }
}
