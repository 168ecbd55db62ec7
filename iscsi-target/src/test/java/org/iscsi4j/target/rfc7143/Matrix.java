package org.iscsi4j.target.rfc7143;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Which test shows which duty, read from the annotations of tests, and as a page for people. */
final class Matrix {

  private static final String HEAD =
      """
      # RFC 7143, duty by duty

      What the RFC asks of a target, in few words, and the tests that show it: each drives the
      server over TCP by a scripted initiator, which also checks every PDU that comes back, or
      tries a rule by value. This page is made from the tests' `@Item` annotations, and the build
      fails when it is not up to date. It says what is tested; the choice of ninety duties is this
      project's own, and no certificate.

      | item | section | duty | tests |
      | ---: | --- | --- | --- |
      """;

  private static final Comparator<Duty> ORDER =
      Comparator.comparingInt(Duty::item)
          .thenComparing(duty -> paddedNumbers(duty.section()))
          .thenComparing(Duty::rule);

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  /** What a row is about; an item may be several duties. */
  record Duty(int item, String section, String rule) {}

  private final Map<Duty, Set<String>> tests = new TreeMap<>(ORDER);

  /** The matrix of some classes. */
  static Matrix of(List<Class<?>> classes) {
    Matrix matrix = new Matrix();
    for (Class<?> each : classes) {
      for (Method method : each.getDeclaredMethods()) {
        for (Item item : method.getAnnotationsByType(Item.class)) {
          matrix.add(item, each.getSimpleName() + "#" + method.getName());
        }
      }
    }
    return matrix;
  }

  /** The classes of a package, of the folder that one of them was loaded from. */
  static List<Class<?>> classesBeside(Class<?> one) {
    Path folder = folderOf(one);
    List<Class<?>> classes = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.matches("[A-Z]\\w*\\.class")) {
          classes.add(load(one, one.getPackageName() + "." + name.replace(".class", "")));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return classes;
  }

  private static Path folderOf(Class<?> one) {
    try {
      URI file = one.getResource(one.getSimpleName() + ".class").toURI();
      return Path.of(file).getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Class<?> load(Class<?> beside, String name) {
    try {
      return Class.forName(name, false, beside.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private void add(Item item, String test) {
    Duty duty = new Duty(item.value(), item.section(), item.rule());
    tests.computeIfAbsent(duty, same -> new TreeSet<>()).add(test);
  }

  /** So that section 11.2 stands before section 11.10. */
  private static String paddedNumbers(String section) {
    return NUMBER
        .matcher(section)
        .replaceAll(found -> "0".repeat(5 - found.group().length()) + found.group());
  }

  /** Items that have a test. */
  Set<Integer> items() {
    Set<Integer> items = new TreeSet<>();
    tests.keySet().forEach(duty -> items.add(duty.item()));
    return items;
  }

  /** Items that have no test, of those from 1 to a number. */
  List<Integer> missing(int last) {
    Set<Integer> items = items();
    return IntStream.rangeClosed(1, last).boxed().filter(item -> !items.contains(item)).toList();
  }

  /** The page. */
  String page() {
    StringBuilder page = new StringBuilder(HEAD);
    tests.forEach((duty, names) -> page.append(row(duty, names)));
    return page.toString();
  }

  private String row(Duty duty, Set<String> names) {
    return String.format(
        "| %d | %s | %s | %s |\n",
        duty.item(),
        cell(duty.section()),
        cell(duty.rule()),
        cell(String.join("<br>", names.stream().map(name -> "`" + name + "`").toList())));
  }

  /** Text that stays in its cell. */
  private static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }
}
