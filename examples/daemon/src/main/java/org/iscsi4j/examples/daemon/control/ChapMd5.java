package org.iscsi4j.examples.daemon.control;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.iscsi4j.api.access.Secret;

/** CHAP with MD5 (RFC 1994), the one algorithm of the control channel, and its binary values. */
public final class ChapMd5 {

  /** CHAP_A of MD5. */
  public static final String ALGORITHM = "5";

  /** Bytes of a challenge; istgt's are as long. */
  public static final int CHALLENGE_BYTES = 1024;

  static final int RESPONSE_BYTES = 16;

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private ChapMd5() {}

  /** The response to a challenge: MD5 over identifier, secret, challenge. */
  public static byte[] response(int id, Secret secret, byte[] challenge) {
    byte[] bytes = secret.toByteArray();
    try {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      md5.update((byte) id);
      md5.update(bytes);
      return md5.digest(challenge);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no MD5", e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** Bytes as {@code 0xHEX}. */
  public static String encode(byte[] bytes) {
    return "0x" + HEX.formatHex(bytes);
  }

  /**
   * Reads {@code 0xHEX}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static byte[] decode(String text) {
    if (!text.toLowerCase(Locale.ROOT).startsWith("0x")) {
      throw new IllegalArgumentException("no hexadecimal value");
    }
    return HEX.parseHex(text, 2, text.length());
  }

  /**
   * Reads an identifier.
   *
   * @throws IllegalArgumentException when it is not 0 to 255
   */
  public static int decodeId(String text) {
    int id = Integer.parseInt(text);
    if (id < 0 || id > 0xff) {
      throw new IllegalArgumentException("identifier " + id + " is not within 0..255");
    }
    return id;
  }
}
