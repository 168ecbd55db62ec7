package org.iscsi4j.examples.daemon.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalLong;

/**
 * An answer.
 *
 * @param status of HTTP
 * @param type its media type
 * @param length bytes; empty when they are counted while they are sent
 * @param headers beyond those that every answer has
 * @param body writes them
 */
record Reply(int status, String type, OptionalLong length, Map<String, String> headers, Body body) {

  private static final String TEXT = "text/plain; charset=utf-8";

  /** Writes a body. */
  @FunctionalInterface
  interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Bytes that are there. */
  static Reply of(String type, byte[] body) {
    return of(200, type, body);
  }

  private static Reply of(int status, String type, byte[] body) {
    return new Reply(status, type, OptionalLong.of(body.length), Map.of(), out -> out.write(body));
  }

  /** What is made while it is sent. */
  static Reply streamed(String type, Body body) {
    return new Reply(200, type, OptionalLong.empty(), Map.of(), body);
  }

  /** A line of plain text. */
  static Reply text(int status, String line) {
    return of(status, TEXT, (line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** The same with one more header. */
  Reply with(String header, String value) {
    return new Reply(status, type, length, Map.of(header, value), body);
  }
}
