package org.iscsi4j.examples.daemon.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Takes the values of a section out by their keys, checked. What is asked for is what is known: the
 * rest is unknown in the {@linkplain #finish end}. A mistake is told and counts as absent, so that
 * reading goes on.
 */
final class SectionReader {

  private final Section section;
  private final Problems problems;
  private final Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  SectionReader(Section section, Problems problems) {
    this.section = section;
    this.problems = problems;
    known.add("Comment");
  }

  Problems problems() {
    return problems;
  }

  /** Something that no single line is to blame for. */
  void error(String message) {
    problems.error(section.line(), "[" + section.title() + "]: " + message);
  }

  void warning(String message) {
    problems.warning(section.line(), "[" + section.title() + "]: " + message);
  }

  /** All lines of a key that may be repeated. */
  List<Entry> entries(String key) {
    known.add(key);
    return section.entries().stream().filter(entry -> entry.key().is(key)).toList();
  }

  /** All lines whose keys match. */
  List<Entry> matching(Pattern keys) {
    List<Entry> entries =
        section.entries().stream()
            .filter(entry -> keys.matcher(entry.key().text()).matches())
            .toList();
    entries.forEach(entry -> known.add(entry.key().text()));
    return entries;
  }

  /** The line of a key that may stand once; the first of several, as istgt does. */
  Optional<Entry> entry(String key) {
    List<Entry> entries = entries(key);
    entries.stream()
        .skip(1)
        .forEach(
            again ->
                problems.warning(
                    again.key(), key + " is in line " + entries.get(0).line() + ", which counts"));
    return entries.stream().findFirst();
  }

  /** The value of a key. */
  Optional<Token> value(String key) {
    return entry(key).flatMap(entry -> first(key, entry));
  }

  /** The first value in a line, which should be the only one. */
  Optional<Token> first(String key, Entry entry) {
    if (entry.values().isEmpty()) {
      problems.error(entry.key(), key + " has no value");
    }
    noMoreThan(1, key, entry);
    return entry.value(0);
  }

  /** Tells of values that have no meaning. */
  void noMoreThan(int count, String key, Entry entry) {
    if (entry.values().size() > count) {
      Token first = entry.values().get(count);
      problems.warning(
          first,
          key
              + ": "
              + problems.quote(first)
              + " and what follows it is left out; put words that belong together in quotes, and"
              + " comments in a line of their own");
    }
  }

  /** Text that is not empty. */
  Optional<String> text(String key) {
    return value(key).map(Token::text).filter(text -> !text.isEmpty());
  }

  /** A number in its range. */
  OptionalInt number(String key, int least, int most) {
    return value(key).map(token -> number(key, token, least, most)).orElseGet(OptionalInt::empty);
  }

  OptionalInt number(String key, Token token, int least, int most) {
    try {
      int number = Integer.parseInt(token.text());
      if (number >= least && number <= most) {
        return OptionalInt.of(number);
      }
    } catch (NumberFormatException e) {
      // told as a number out of range is
    }
    refuse(key, token, "is not within " + least + ".." + most);
    return OptionalInt.empty();
  }

  /** Yes or No. */
  Optional<Boolean> yesNo(String key) {
    return choice(key, Map.of("Yes", true, "No", false));
  }

  /** One of some words. */
  <T> Optional<T> choice(String key, Map<String, T> words) {
    return value(key).flatMap(token -> choice(key, token, words));
  }

  <T> Optional<T> choice(String key, Token token, Map<String, T> words) {
    Optional<T> chosen =
        words.entrySet().stream()
            .filter(word -> token.is(word.getKey()))
            .map(Map.Entry::getValue)
            .findFirst();
    if (chosen.isEmpty()) {
      String accepted = String.join(", ", new TreeSet<>(words.keySet()));
      refuse(key, token, "is not accepted; accepted: " + accepted);
    }
    return chosen;
  }

  /** A path; a relative one begins where the file is. */
  Optional<Path> path(String key) {
    return value(key).flatMap(token -> path(key, token));
  }

  Optional<Path> path(String key, Token token) {
    return parsed(key, token, this::resolve);
  }

  private Path resolve(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("a path is expected");
    }
    try {
      return problems.file().toAbsolutePath().resolveSibling(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("no path: " + e.getReason(), e);
    }
  }

  /** What a parser makes of a value; what it throws tells what is wrong. */
  <T> Optional<T> parsed(String key, Token token, Function<String, T> parser) {
    try {
      return Optional.of(parser.apply(token.text()));
    } catch (IllegalArgumentException e) {
      refuse(key, token, "is refused: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Tells what is wrong with a value. */
  void refuse(String key, Token token, String why) {
    problems.error(token, key + ": " + problems.quote(token) + " " + why);
  }

  /** Tells of keys that were not asked for. */
  void finish(UnknownKeys unknownKeys) {
    for (Entry entry : section.entries()) {
      if (!known.contains(entry.key().text())) {
        unknown("unknown key", entry.key(), known, unknownKeys);
      }
    }
  }

  /** Tells of a word that is not known, and what may have been meant. */
  void unknown(String what, Token word, Set<String> accepted, UnknownKeys unknownKeys) {
    String message = what + " " + problems.quote(word) + Nearest.hint(word.text(), accepted);
    if (unknownKeys == UnknownKeys.WARN) {
      problems.warning(word, message);
    } else {
      problems.error(word, message);
    }
  }
}
