package org.iscsi4j.examples.daemon.http;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Writes Prometheus' text exposition format, version 0.0.4. The samples of a family follow it at
 * once, before the next is begun.
 */
final class MetricsWriter {

  private final Appendable out;
  private final Set<String> begun = new HashSet<>();
  private String family = "";

  MetricsWriter(Appendable out) {
    this.out = out;
  }

  /** Begins a family. */
  void family(String name, Type type, String help) throws IOException {
    if (!begun.add(name)) {
      throw new IllegalStateException("the family " + name + " was begun before");
    }
    family = name;
    out.append("# HELP ").append(name).append(' ').append(escaped(help, false)).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type.word()).append('\n');
  }

  /** A sample of the family. */
  void sample(Labels labels, double value) throws IOException {
    sample("", labels, value);
  }

  /** A sample of the family, under its name with a suffix: of a histogram. */
  void sample(String suffix, Labels labels, double value) throws IOException {
    out.append(family).append(suffix);
    if (!labels.pairs().isEmpty()) {
      out.append('{');
      for (int i = 0; i < labels.pairs().size(); i += 2) {
        out.append(i == 0 ? "" : ",").append(labels.pairs().get(i)).append("=\"");
        out.append(escaped(labels.pairs().get(i + 1), true)).append('"');
      }
      out.append('}');
    }
    out.append(' ').append(number(value)).append('\n');
  }

  /** A number as the format has it: a whole one without a point. */
  static String number(double value) {
    if (value == Double.POSITIVE_INFINITY) {
      return "+Inf";
    }
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1L << 53;
    return whole ? Long.toString((long) value) : Double.toString(value);
  }

  private static String escaped(String text, boolean quoted) {
    String lines = text.replace("\\", "\\\\").replace("\n", "\\n");
    return quoted ? lines.replace("\"", "\\\"") : lines;
  }

  /** What a family is. */
  enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Labels of a sample.
   *
   * @param pairs name and value in turn
   */
  record Labels(List<String> pairs) {

    /** Of a sample that is alone in its family. */
    static final Labels NONE = new Labels(List.of());

    /** Takes a copy. */
    Labels {
      pairs = List.copyOf(pairs);
    }

    static Labels of(String... pairs) {
      return new Labels(List.of(pairs));
    }

    /** The same with one more. */
    Labels and(String name, String value) {
      List<String> more = new ArrayList<>(pairs);
      more.add(name);
      more.add(value);
      return new Labels(more);
    }
  }
}
