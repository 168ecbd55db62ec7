package org.iscsi4j.examples.daemon.config;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Splits a file into lines: without comments and empty ones, and joined where a backslash ends one.
 * A comment is a line that begins with {@code #}; it may be of any encoding.
 */
final class Lines {

  private static final String BYTE_ORDER_MARK = "\ufeff";

  private final Problems problems;
  private final List<LogicalLine> lines = new ArrayList<>();
  private Optional<LogicalLine> open = Optional.empty();

  private Lines(Problems problems) {
    this.problems = problems;
  }

  static List<LogicalLine> of(byte[] content, Problems problems) {
    Lines lines = new Lines(problems);
    int number = 0;
    int start = 0;
    while (start < content.length) {
      int end = endOfLine(content, start);
      lines.take(ByteBuffer.wrap(content, start, end - start), ++number);
      start = end + 1;
    }
    lines.close();
    return lines.lines;
  }

  private static int endOfLine(byte[] content, int start) {
    int end = start;
    while (end < content.length && content[end] != '\n') {
      end++;
    }
    return end;
  }

  private void take(ByteBuffer bytes, int number) {
    if (open.isEmpty() && isComment(bytes)) {
      return;
    }
    String text = decode(bytes, number);
    if (open.isPresent()) {
      open.get().join(text);
    } else {
      open = Optional.of(new LogicalLine(text.stripLeading(), number));
    }
    if (!open.get().continues()) {
      close();
    }
  }

  private static boolean isComment(ByteBuffer bytes) {
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      if (!Character.isWhitespace(bytes.get(i))) {
        return bytes.get(i) == '#';
      }
    }
    return true; // an empty line says as much
  }

  private String decode(ByteBuffer bytes, int number) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      return number == 1 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      problems.error(number, "this line is no text in UTF-8");
      return "";
    }
  }

  /** At the end of the file there is no next line, whatever the last one says. */
  private void close() {
    open.ifPresent(
        line -> {
          if (line.continues()) {
            line.join("");
          }
          if (!line.text().isEmpty()) {
            lines.add(line);
          }
        });
    open = Optional.empty();
  }
}
