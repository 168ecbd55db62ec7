package org.iscsi4j.protocol;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Bytes as tests like to write them: in hexadecimal, with blanks where they help. */
final class Hex {
  private Hex() {}

  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
  }

  static ByteBuffer buffer(String hex) {
    return ByteBuffer.wrap(bytes(hex));
  }

  static String of(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** The {@code length} bytes from absolute index {@code at} on. */
  static String of(ByteBuffer buffer, int at, int length) {
    byte[] bytes = new byte[length];
    buffer.get(at, bytes);
    return of(bytes);
  }
}
