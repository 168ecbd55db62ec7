package org.iscsi4j.examples.daemon.ctl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.iscsi4j.examples.daemon.config.ControlClientConfig;
import org.iscsi4j.examples.daemon.control.ControlServer;
import org.iscsi4j.examples.daemon.ctl.Accounts.SecretOption;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where the daemon is, and how to prove who one is there. */
final class DaemonOptions {

  /** What stands for no limit of time. */
  private static final Duration FOREVER = Duration.ofDays(365);

  private static final String READABLE =
      "; other users of this machine can read it in the list of processes";

  @Option(names = "--socket", paramLabel = "PATH", description = "The daemon's Unix-domain socket.")
  private Optional<Path> socket;

  @Option(names = "-h", paramLabel = "HOST", description = "The daemon's host (localhost).")
  private Optional<String> host;

  @Option(names = "-p", paramLabel = "PORT", description = "Its control channel's port (3261).")
  private Optional<Integer> port;

  @Option(
      names = "-A",
      paramLabel = "METHOD",
      converter = OfMethod.class,
      description = "How to authenticate: Auto, None, CHAP or Mutual (Auto).")
  private Optional<Method> method;

  @Option(names = "-U", paramLabel = "USER", description = "Who you are.")
  private Optional<String> user;

  @Option(names = "-S", paramLabel = "SECRET", description = "Your secret" + READABLE + ".")
  private Optional<String> secret;

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description = "Your secret, in the first line. Without one, or -S, a terminal asks for it.")
  private Optional<Path> secretFile;

  @Option(names = "-M", paramLabel = "USER", description = "Who the daemon is.")
  private Optional<String> daemon;

  @Option(names = "-R", paramLabel = "SECRET", description = "The daemon's secret" + READABLE + ".")
  private Optional<String> daemonSecret;

  @Option(
      names = "--mutual-secret-file",
      paramLabel = "FILE",
      description = "The daemon's secret, in the first line.")
  private Optional<Path> daemonSecretFile;

  /** As istgtcontrol reads -A. */
  static final class OfMethod implements ITypeConverter<Method> {
    @Override
    public Method convert(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "auto" -> Method.AUTO;
        case "none" -> Method.NONE;
        case "chap" -> Method.CHAP;
        case "mutual", "chap mutual", "mutual chap" -> Method.CHAP_MUTUAL;
        default ->
            throw new TypeConversionException("'" + text + "' is none of Auto, None, CHAP, Mutual");
      };
    }
  }

  /**
   * Connects, and proves who one is: over the socket nobody has to.
   *
   * @param config what holds where the options say nothing
   * @param configured whether a file says it, and so where the daemon is
   */
  ControlLink open(ControlClientConfig config, boolean configured, SecretPrompt prompt)
      throws IOException {
    Duration timeout = config.timeout().isZero() ? FOREVER : config.timeout();
    Optional<Path> path = socket(config, configured);
    if (path.isPresent()) {
      return ControlLink.local(path.get(), timeout);
    }
    ControlLink link =
        ControlLink.tcp(host.orElse(config.host()), port.orElse(config.port()), timeout);
    try {
      new Login(link, accounts(config, prompt)).run(method.orElse(config.method()));
      return link;
    } catch (IOException | RuntimeException e) {
      link.close();
      throw e;
    }
  }

  private Optional<Path> socket(ControlClientConfig config, boolean configured) {
    if (socket.isPresent() || host.isPresent() || port.isPresent()) {
      return socket;
    }
    return configured
        ? config.socket()
        : Optional.of(ControlServer.DEFAULT_SOCKET).filter(Files::exists);
  }

  private Accounts accounts(ControlClientConfig config, SecretPrompt prompt) {
    return new Accounts(
        user,
        new SecretOption(secret, secretFile),
        daemon,
        new SecretOption(daemonSecret, daemonSecretFile),
        config.account(),
        prompt);
  }
}
