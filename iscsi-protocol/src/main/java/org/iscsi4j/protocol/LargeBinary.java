package org.iscsi4j.protocol;

import java.util.Base64;
import java.util.HexFormat;

/**
 * Binary values in text (RFC 7143 section 6.1): hexadecimal after {@code 0x} or {@code 0X}, base64
 * after {@code 0b} or {@code 0B}.
 *
 * <p>Messages of its exceptions never show the value, which may be part of an authentication.
 */
public final class LargeBinary {
  private static final HexFormat HEX = HexFormat.of();

  private LargeBinary() {}

  /**
   * Decodes a value. An odd number of hexadecimal digits is read with a zero in front, as a number
   * would be. Base64 comes in whole groups of four characters, padded with {@code =}.
   *
   * @param maxLength the most bytes that the result may have; checked before anything is decoded
   * @throws ProtocolException for another prefix, no digits, an illegal character or a value that
   *     is too long
   */
  public static byte[] decode(String text, int maxLength) throws ProtocolException {
    String prefix = text.substring(0, Math.min(2, text.length()));
    String digits = text.substring(prefix.length());
    if (digits.isEmpty()) {
      throw illegal("binary value has no digits");
    }
    try {
      return switch (prefix) {
        case "0x", "0X" -> decodeHex(digits, maxLength);
        case "0b", "0B" -> decodeBase64(digits, maxLength);
        default -> throw illegal("binary value starts with neither 0x nor 0b");
      };
    } catch (IllegalArgumentException e) {
      throw illegal("binary value has a character that is no digit, or wrong padding");
    }
  }

  /** Encodes in hexadecimal, with {@code 0x} in front and two digits a byte. */
  public static String encode(byte[] bytes) {
    return "0x" + HEX.formatHex(bytes);
  }

  private static byte[] decodeHex(String digits, int maxLength) throws ProtocolException {
    checkLength((digits.length() + 1) / 2, maxLength);
    return HEX.parseHex(digits.length() % 2 == 0 ? digits : "0" + digits);
  }

  private static byte[] decodeBase64(String digits, int maxLength) throws ProtocolException {
    if (digits.length() % 4 != 0) {
      throw illegal("base64 value of " + digits.length() + " characters is not a multiple of 4");
    }
    int padding = digits.endsWith("==") ? 2 : digits.endsWith("=") ? 1 : 0;
    checkLength(digits.length() / 4 * 3 - padding, maxLength);
    return Base64.getDecoder().decode(digits);
  }

  private static void checkLength(int length, int maxLength) throws ProtocolException {
    if (length > maxLength) {
      throw illegal("binary value of " + length + " bytes exceeds " + maxLength);
    }
  }

  private static ProtocolException illegal(String problem) {
    return new ProtocolException(RejectReason.PROTOCOL_ERROR, problem);
  }
}
