package org.iscsi4j.examples.daemon.config;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.function.Function;
import org.iscsi4j.examples.daemon.config.MediumSpec.MediumFlags;

/** Reads istgtcontrol.conf. */
final class ControlClientReader {

  private static final ControlClientConfig DEFAULTS = ControlClientConfig.DEFAULTS;

  private static final int MAX_SECONDS = 86_400;
  private static final int MAX_LUN = 0x3fff;

  private ControlClientReader() {}

  static ControlClientConfig read(Problems problems, UnknownKeys unknownKeys) {
    ControlClientConfig config = DEFAULTS;
    for (Section section : Syntax.read(problems, unknownKeys, EnumSet.of(SectionKind.GLOBAL))) {
      SectionReader reader = new SectionReader(section, problems);
      config = read(reader);
      reader.finish(unknownKeys);
    }
    return config;
  }

  private static ControlClientConfig read(SectionReader section) {
    int timeout = (int) DEFAULTS.timeout().toSeconds();
    return new ControlClientConfig(
        Duration.ofSeconds(section.number("Timeout", 0, MAX_SECONDS).orElse(timeout)),
        AuthRules.method(section, "AuthMethod").orElse(DEFAULTS.method()),
        section.entry(AccountReader.KEY).flatMap(entry -> AccountReader.read(section, entry)),
        section.text("Host").orElse(DEFAULTS.host()),
        section.number("Port", 1, 0xffff).orElse(DEFAULTS.port()),
        section.text("TargetName"),
        section.number("Lun", 0, MAX_LUN).orElse(DEFAULTS.lun()),
        checked(section, "Flags", MediumFlags::parse).orElse(DEFAULTS.flags()),
        checked(section, "Size", MediumSize::parse).orElse(DEFAULTS.size()),
        section.path("Socket"));
  }

  /** The text of a value that its parser takes. */
  private static Optional<String> checked(
      SectionReader section, String key, Function<String, ?> parser) {
    return section
        .value(key)
        .filter(token -> section.parsed(key, token, parser).isPresent())
        .map(Token::text);
  }
}
