package org.iscsi4j.examples.daemon.http;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads Prometheus' text format, 0.0.4, and minds every rule of it and those of promtool: help and
 * type before the samples, families in one piece, no sample twice, counters called so, histograms
 * whole and growing, base units, no comments of other kinds.
 */
final class MetricsText {

  private static final Pattern HELP = Pattern.compile("# HELP ([a-zA-Z_:][\\w:]*) (\\S.*)");
  private static final Pattern TYPE =
      Pattern.compile("# TYPE ([a-zA-Z_:][\\w:]*) (counter|gauge|histogram)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)\\})? ([-+]?[0-9.]+(?:E-?[0-9]+)?|[+]Inf)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_]\\w*)=\"((?:[^\"\\\\]|\\\\[\\\\n\"])*)\"(,|$)");

  private final Map<String, Double> samples = new LinkedHashMap<>();
  private final Map<String, String> types = new HashMap<>();
  private final Map<String, TreeMap<Double, Double>> buckets = new HashMap<>();
  private final Set<String> helped = new HashSet<>();
  private String family = "";

  /**
   * Reads a text.
   *
   * @throws IllegalArgumentException with what breaks a rule
   */
  static MetricsText of(String text) {
    check(text.endsWith("\n"), "the last line does not end");
    MetricsText read = new MetricsText();
    text.lines().forEach(read::line);
    read.histograms();
    return read;
  }

  /** The value of a sample, by its name and its labels as {@code a="b"}, sorted. */
  double value(String name, String... labels) {
    String key = name + new TreeSet<>(List.of(labels));
    check(samples.containsKey(key), "there is no " + key);
    return samples.get(key);
  }

  /** The names of all families. */
  Set<String> families() {
    return types.keySet();
  }

  private void line(String line) {
    Matcher help = HELP.matcher(line);
    Matcher type = TYPE.matcher(line);
    if (help.matches()) {
      check(helped.add(help.group(1)), "help twice: " + line);
      family = help.group(1);
    } else if (type.matches()) {
      check(type.group(1).equals(family), "type without its help: " + line);
      check(types.put(family, type.group(2)) == null, "type twice: " + line);
      check(family.endsWith("_total") == type.group(2).equals("counter"), "name: " + line);
    } else {
      sample(line);
    }
  }

  private void sample(String line) {
    Matcher sample = SAMPLE.matcher(line);
    check(sample.matches(), "no sample: " + line);
    Map<String, String> labels = labels(sample.group(2) == null ? "" : sample.group(2));
    String name = sample.group(1);
    check(types.containsKey(family), "no type before " + line);
    boolean histogram = types.get(family).equals("histogram");
    String suffix = name.startsWith(family) ? name.substring(family.length()) : "another";
    check(
        histogram ? Set.of("_bucket", "_sum", "_count").contains(suffix) : suffix.isEmpty(),
        "not of the family " + family + ": " + line);
    double value = Double.parseDouble(sample.group(3));
    String key = key(name, labels);
    check(samples.put(key, value) == null, "twice: " + line);
    check(types.get(family).equals("gauge") || value >= 0, "negative: " + line);
    if (suffix.equals("_bucket")) {
      String le = labels.remove("le");
      double bound = le.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(le);
      buckets.computeIfAbsent(key(family, labels), any -> new TreeMap<>()).put(bound, value);
    }
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text);
    int end = 0;
    while (end < text.length()) {
      check(label.find(end) && label.start() == end, "no label: " + text.substring(end));
      check(labels.put(label.group(1), label.group(2)) == null, "label twice: " + text);
      end = label.end();
    }
    check(!text.endsWith(","), "a label is missing: " + text);
    return labels;
  }

  private static String key(String name, Map<String, String> labels) {
    return name
        + labels.entrySet().stream().map(e -> e.getKey() + "=\"" + e.getValue() + '"').toList();
  }

  private void histograms() {
    buckets.forEach(
        (key, counts) -> {
          String count = key.replaceFirst("\\[", "_count[");
          check(counts.lastKey().isInfinite(), key + " has no bucket +Inf");
          check(counts.lastEntry().getValue().equals(samples.get(count)), key + " has another sum");
          check(samples.containsKey(key.replaceFirst("\\[", "_sum[")), key + " has no sum");
          double before = 0;
          for (double each : counts.values()) {
            check(each >= before, key + " shrinks");
            before = each;
          }
        });
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException(what);
    }
  }
}
