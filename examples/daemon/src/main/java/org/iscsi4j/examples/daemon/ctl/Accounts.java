package org.iscsi4j.examples.daemon.ctl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.examples.daemon.config.Account;

/**
 * As whom to log in: by the options, the configuration file, or what a person is asked for, and
 * that only when a daemon wants to know.
 *
 * @param user -U
 * @param secret where it is by the options
 * @param daemon -M, who the daemon is
 * @param daemonSecret where it is by the options
 * @param configured what the configuration file says
 */
record Accounts(
    Optional<String> user,
    SecretOption secret,
    Optional<String> daemon,
    SecretOption daemonSecret,
    Optional<Account> configured,
    SecretPrompt prompt) {

  /**
   * A secret by the options.
   *
   * @param text what everybody on this machine can read in the list of processes
   * @param file with the secret in its first line
   */
  record SecretOption(Optional<String> text, Optional<Path> file) {
    Optional<Secret> read() throws IOException {
      if (file.isPresent()) {
        String line = Files.readString(file.get()).lines().findFirst().orElse("");
        return Optional.of(Secret.of(line));
      }
      return text.map(Secret::of);
    }

    boolean said() {
      return text.isPresent() || file.isPresent();
    }

    /** Secrets stay out of logs. */
    @Override
    public String toString() {
      return "SecretOption";
    }
  }

  /** Who the client is. */
  Account account() throws IOException {
    String name =
        user.or(() -> configured.map(Account::user))
            .orElseThrow(
                () -> new IOException("the daemon wants to know who you are: say -U USER"));
    return new Account(name, Credential.of(secret(name)));
  }

  private Secret secret(String name) throws IOException {
    Optional<Secret> configuredSecret =
        configured
            .filter(account -> account.user().equalsIgnoreCase(name))
            .map(account -> account.credential().secret());
    return found(name, secret, configuredSecret);
  }

  private Secret found(String name, SecretOption option, Optional<Secret> configuredSecret)
      throws IOException {
    return option
        .read()
        .or(() -> configuredSecret)
        .or(() -> prompt.ask(name))
        .orElseThrow(
            () -> new IOException("no secret of '" + name + "': give a file, or a terminal"));
  }

  /** Whether it is known how the daemon proves itself. */
  boolean knowsDaemon() {
    return daemon.isPresent() || daemonSecret.said() || configuredOwn().isPresent();
  }

  private Optional<Credential.Own> configuredOwn() {
    return configured.flatMap(account -> account.credential().own());
  }

  /** Who the client is, and who the daemon is to it. */
  Account mutual() throws IOException {
    Account account = account();
    Optional<Credential.Own> known = configuredOwn();
    String name =
        daemon
            .or(() -> known.map(Credential.Own::name))
            .orElseThrow(() -> new IOException("it is not known who the daemon is: say -M USER"));
    Optional<Secret> knownSecret =
        known.filter(own -> own.name().equalsIgnoreCase(name)).map(Credential.Own::secret);
    Credential.Own own = new Credential.Own(name, found(name, daemonSecret, knownSecret));
    return new Account(
        account.user(), new Credential(account.credential().secret(), Optional.of(own)));
  }

  /** Names and secrets stay out of logs. */
  @Override
  public String toString() {
    return "Accounts";
  }
}
