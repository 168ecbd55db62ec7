package org.iscsi4j.examples.daemon.http;

/** A row of a table. What is given is text, unless a method says otherwise. */
final class Row {

  private static final String INDENT = "            ";

  private final StringBuilder cells = new StringBuilder();
  private final String key;
  private int span = 1;

  /**
   * A row.
   *
   * @param key by which the script finds it again
   */
  Row(String key) {
    this.key = key;
  }

  /** Cells from now on span so many rows. */
  Row spanning(int rows) {
    span = rows;
    return this;
  }

  /** The head of the row, in HTML. */
  Row head(String html) {
    return add("th scope=\"" + (span > 1 ? "rowgroup" : "row") + "\"", html, "th");
  }

  /** A cell that does not change. */
  Row text(String text) {
    return add("td", Html.escaped(text), "td");
  }

  /** A name that may be long. */
  Row name(String text) {
    return add("td", "<span class=\"name\">" + Html.escaped(text) + "</span>", "td");
  }

  /** A number that does not change. */
  Row number(String text) {
    return add("td class=\"n\"", Html.escaped(text), "td");
  }

  /** A cell that the script keeps fresh. */
  Row live(String value, String text) {
    return add("td data-v=\"" + value + "\"", Html.escaped(text), "td");
  }

  /** A number that the script keeps fresh. */
  Row liveNumber(String value, String text) {
    return add("td class=\"n\" data-v=\"" + value + "\"", Html.escaped(text), "td");
  }

  /** A cell for a small plot. */
  Row spark() {
    return add("td class=\"spark\"", "", "td");
  }

  private Row add(String open, String html, String close) {
    cells.append(INDENT).append("  <").append(open);
    if (span > 1) {
      cells.append(" rowspan=\"").append(span).append('"');
    }
    cells.append('>').append(html).append("</").append(close).append(">\n");
    return this;
  }

  /** The row. */
  String html() {
    return INDENT + "<tr data-key=\"" + Html.escaped(key) + "\">\n" + cells + INDENT + "</tr>\n";
  }
}
