package org.iscsi4j.examples.daemon.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.iscsi4j.api.IscsiName;

/** Reads [Global]. The defaults are those of istgt's last release. */
final class GlobalReader {

  private static final String NODE_BASE = "iqn.2007-09.jp.ne.peach.istgt";

  private static final Path PID_FILE = Path.of("/var/run/istgt.pid");
  private static final Path AUTH_FILE = Path.of("/etc/istgt/auth.conf");
  private static final Path MEDIA_DIRECTORY = Path.of("/var/istgt");
  private static final String NO_FILE = "None";

  private static final Map<String, String> FACILITIES =
      Stream.concat(
              Stream.of("daemon", "auth", "authpriv"),
              IntStream.rangeClosed(0, 7).mapToObj(n -> "local" + n))
          .collect(Collectors.toMap(Function.identity(), Function.identity()));

  private static final int MAX_SECONDS = 86_400;

  private GlobalReader() {}

  static GlobalSection read(SectionReader section, AuthRules authRules) {
    return new GlobalSection(
        nodeBase(section),
        pidFile(section),
        section.path("AuthFile").orElse(AUTH_FILE),
        section.path("MediaDirectory").orElse(MEDIA_DIRECTORY),
        section.choice("LogFacility", FACILITIES).orElse("local7"),
        Duration.ofSeconds(section.number("Timeout", 0, MAX_SECONDS).orElse(60)),
        Duration.ofSeconds(section.number("NopInInterval", 0, MAX_SECONDS).orElse(20)),
        authRules.read(section, "DiscoveryAuthMethod", "DiscoveryAuthGroup"),
        section.number("MaxSessions", 1, 0xffff).orElse(32),
        section.number("MaxR2T", 0, 256).orElse(16),
        SessionKeysReader.ofGlobal(section));
  }

  private static String nodeBase(SectionReader section) {
    String key = "NodeBase";
    return section
        .value(key)
        .flatMap(token -> section.parsed(key, token, IscsiName::of))
        .map(IscsiName::toString)
        .orElse(NODE_BASE);
  }

  private static Optional<Path> pidFile(SectionReader section) {
    String key = "PidFile";
    Optional<Token> value = section.value(key);
    return value.filter(token -> token.is(NO_FILE)).isPresent()
        ? Optional.empty()
        : value.flatMap(token -> section.path(key, token)).or(() -> Optional.of(PID_FILE));
  }
}
