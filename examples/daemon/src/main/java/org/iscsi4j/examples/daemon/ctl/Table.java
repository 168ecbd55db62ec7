package org.iscsi4j.examples.daemon.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Rows of a document as a table: columns as wide as they have to be, numbers to the right. */
record Table(List<Column> columns) {

  private static final String GAP = "  ";
  private static final String NOTHING = "-";

  /**
   * A column.
   *
   * @param pointer where its value is in a row (RFC 6901)
   */
  record Column(String title, String pointer) {
    String text(JsonNode row) {
      JsonNode value = row.at(pointer);
      if (value.isArray()) {
        return Integer.toString(value.size());
      }
      if (value.isBoolean()) {
        return value.booleanValue() ? "yes" : "no";
      }
      return value.asText().isEmpty() ? NOTHING : value.asText();
    }
  }

  /** Pairs of title and pointer. */
  static Table of(String... pairs) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < pairs.length; i += 2) {
      columns.add(new Column(pairs[i], pairs[i + 1]));
    }
    return new Table(columns);
  }

  /** The lines, the head first; a row that is no object of ours is its text. */
  List<String> lines(JsonNode rows) {
    int[] widths = columns.stream().mapToInt(column -> width(column, rows)).toArray();
    List<String> lines = new ArrayList<>();
    lines.add(head(widths));
    for (JsonNode row : rows) {
      lines.add(row.has("text") ? row.get("text").asText() : line(row, widths));
    }
    return lines;
  }

  private static int width(Column column, JsonNode rows) {
    int width = column.title().length();
    for (JsonNode row : rows) {
      width = Math.max(width, column.text(row).length());
    }
    return width;
  }

  private String head(int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      append(line, columns.get(i).title(), widths[i], false);
    }
    return line.toString().stripTrailing();
  }

  private String line(JsonNode row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      boolean number = row.at(columns.get(i).pointer()).isNumber();
      append(line, columns.get(i).text(row), widths[i], number);
    }
    return line.toString().stripTrailing();
  }

  private static void append(StringBuilder line, String text, int width, boolean right) {
    String padding = " ".repeat(width - text.length());
    line.append(line.isEmpty() ? "" : GAP).append(right ? padding + text : text + padding);
  }
}
