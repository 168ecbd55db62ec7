package org.iscsi4j.examples.daemon.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;

/** Reads AuthMethod and AuthGroup of sections, and remembers which groups there have to be. */
final class AuthRules {

  private static final String NO_GROUP = "None";

  private final List<Reference> references = new ArrayList<>();

  /** A rule and the line that names its group. */
  record Reference(AuthRule rule, int line) {}

  /** Rules whose group is used, in the order in which they were read. */
  List<Reference> references() {
    return references;
  }

  AuthRule read(SectionReader section, String methodKey, String groupKey) {
    Method method = method(section, methodKey).orElse(Method.AUTO);
    Optional<Token> word = section.value(groupKey);
    OptionalInt group =
        word.map(token -> group(section, groupKey, token)).orElseGet(OptionalInt::empty);
    AuthRule rule = new AuthRule(method, group);
    if (group.isPresent() && method != Method.NONE) {
      references.add(new Reference(rule, word.get().line()));
    }
    boolean demanded = method == Method.CHAP || method == Method.CHAP_MUTUAL;
    if (demanded && word.filter(token -> !token.is(NO_GROUP)).isEmpty()) {
      section.warning(methodKey + " CHAP lets nobody in without " + groupKey);
    }
    return rule;
  }

  /** AuthMethod, of a daemon or of its client. */
  static Optional<Method> method(SectionReader section, String key) {
    Optional<Entry> entry = section.entry(key);
    if (entry.isPresent() && entry.get().values().isEmpty()) {
      return section.first(key, entry.get()).map(any -> Method.AUTO);
    }
    return entry.flatMap(line -> method(section, key, line));
  }

  private static Optional<Method> method(SectionReader section, String key, Entry entry) {
    String words =
        entry.values().stream()
            .map(token -> token.text().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(" "));
    Optional<Method> method =
        switch (words) {
          case "auto" -> Optional.of(Method.AUTO);
          case "none" -> Optional.of(Method.NONE);
          case "chap" -> Optional.of(Method.CHAP);
          case "chap mutual", "mutual chap" -> Optional.of(Method.CHAP_MUTUAL);
          default -> Optional.empty();
        };
    if (method.isEmpty()) {
      section.refuse(
          key,
          new Token(words, entry.values().get(0).line()),
          "is not accepted; accepted: Auto, None, CHAP, CHAP Mutual");
    }
    return method;
  }

  private static OptionalInt group(SectionReader section, String key, Token token) {
    if (token.is(NO_GROUP)) {
      return OptionalInt.empty();
    }
    OptionalInt group = GroupNumber.ofReference(SectionKind.AUTH_GROUP, token.text());
    if (group.isEmpty()) {
      section.refuse(key, token, "is not accepted; accepted: None, AuthGroupN with N from 1");
    }
    return group;
  }
}
