package org.iscsi4j.examples.daemon.config;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Secret;

/** Reads Auth lines. Nothing of them is repeated in a message. */
final class AccountReader {

  static final String KEY = "Auth";

  private static final int MAX_NAME_BYTES = 255;

  private AccountReader() {}

  static Optional<Account> read(SectionReader section, Entry entry) {
    List<Token> values = entry.values();
    section.noMoreThan(4, KEY, entry);
    if (values.size() != 2 && values.size() < 4) {
      refuse(
          section, entry, "needs a user and a secret, and for mutual CHAP a name and its secret");
      return Optional.empty();
    }
    boolean mutual = values.size() >= 4;
    if (!isName(values.get(0)) || mutual && !isName(values.get(2))) {
      refuse(section, entry, "names are 1 to " + MAX_NAME_BYTES + " bytes long");
      return Optional.empty();
    }
    if (values.get(1).text().isEmpty() || mutual && values.get(3).text().isEmpty()) {
      refuse(section, entry, "a secret is empty");
      return Optional.empty();
    }
    Optional<Credential.Own> own =
        mutual
            ? Optional.of(new Credential.Own(values.get(2).text(), secret(values.get(3))))
            : Optional.empty();
    return Optional.of(
        new Account(values.get(0).text(), new Credential(secret(values.get(1)), own)));
  }

  private static void refuse(SectionReader section, Entry entry, String why) {
    section.problems().error(entry.key(), KEY + ": " + why);
  }

  private static boolean isName(Token token) {
    int bytes = token.text().getBytes(StandardCharsets.UTF_8).length;
    return bytes >= 1 && bytes <= MAX_NAME_BYTES;
  }

  private static Secret secret(Token token) {
    return Secret.of(token.text());
  }
}
