package org.iscsi4j.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Key=value text, the data segment of login and text PDUs (RFC 7143 section 6.1): UTF-8, a NUL
 * behind each pair.
 */
public final class TextCodec {
  /** The most pairs that {@link #decode} takes from one negotiation step. */
  public static final int MAX_PAIRS = 256;

  private static final int MAX_KEY_LENGTH = 63;
  private static final int MAX_QUOTED = 64;

  /**
   * A standard label, or the prefix {@code X#}, {@code Y#}, {@code Z#} and what goes on like one.
   * The RFC's own iSCSIProtocolLevel is the one exception.
   */
  private static final Pattern KEY_NAME =
      Pattern.compile("[A-Z][A-Za-z0-9.+@_-]*|[XYZ]#[A-Za-z0-9.+@_-]+|iSCSIProtocolLevel");

  private TextCodec() {}

  /** The pairs' text; empty for no pairs. */
  public static byte[] encode(List<KeyValue> pairs) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (KeyValue pair : pairs) {
      text.writeBytes((pair.key() + "=" + pair.value()).getBytes(StandardCharsets.UTF_8));
      text.write(0);
    }
    return text.toByteArray();
  }

  /**
   * The pairs of a complete text, in their order. Several NULs in a row count as one.
   *
   * @throws ProtocolException with {@link RejectReason#PROTOCOL_ERROR} for a pair without {@code =}
   *     or without a NUL behind it, an illegal key name, bytes that are not UTF-8, or more than
   *     {@value #MAX_PAIRS} pairs
   */
  public static List<KeyValue> decode(byte[] text) throws ProtocolException {
    List<KeyValue> pairs = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < text.length; i++) {
      if (text[i] != 0) {
        continue;
      }
      if (i > start) {
        if (pairs.size() == MAX_PAIRS) {
          throw illegal("text has more than " + MAX_PAIRS + " pairs");
        }
        pairs.add(decodePair(text, start, i - start));
      }
      start = i + 1;
    }
    if (start < text.length) {
      throw illegal("text ends without a NUL");
    }
    return pairs;
  }

  /** A peer's text for a message: in quotes, on one line, not longer than a line. */
  static String quoted(String text) {
    String shown = text.length() > MAX_QUOTED ? text.substring(0, MAX_QUOTED) + "..." : text;
    return "'" + shown.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?") + "'";
  }

  private static KeyValue decodePair(byte[] text, int from, int length) throws ProtocolException {
    String pair = utf8(text, from, length);
    int equals = pair.indexOf('=');
    if (equals < 0) {
      throw illegal("text has a pair without '='");
    }
    String key = pair.substring(0, equals);
    if (key.length() > MAX_KEY_LENGTH) {
      throw illegal("key name of " + key.length() + " bytes exceeds " + MAX_KEY_LENGTH);
    }
    if (!KEY_NAME.matcher(key).matches()) {
      throw illegal("illegal key name " + quoted(key));
    }
    return new KeyValue(key, pair.substring(equals + 1));
  }

  private static String utf8(byte[] text, int from, int length) throws ProtocolException {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(text, from, length);
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw illegal("text is not UTF-8");
    }
  }

  private static ProtocolException illegal(String problem) {
    return new ProtocolException(RejectReason.PROTOCOL_ERROR, problem);
  }
}
