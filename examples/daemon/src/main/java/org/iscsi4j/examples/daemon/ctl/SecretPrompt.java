package org.iscsi4j.examples.daemon.ctl;

import java.io.Console;
import java.util.Optional;
import org.iscsi4j.api.access.Secret;

/** Asks a person for a secret. */
@FunctionalInterface
interface SecretPrompt {

  /** Empty when there is nobody to ask. */
  Optional<Secret> ask(String user);

  /** On the terminal, without an echo. */
  static Optional<Secret> onConsole(String user) {
    Console console = System.console();
    char[] text = console == null ? null : console.readPassword("Secret of %s: ", user);
    return Optional.ofNullable(text).map(Secret::of);
  }
}
