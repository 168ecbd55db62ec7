package org.iscsi4j.examples.daemon;

import java.util.function.Function;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.SessionSettings;
import org.iscsi4j.examples.daemon.config.UnknownKeys;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** From an argument to its value; what the value's own parser says is what the user reads. */
final class Converters {

  private Converters() {}

  private static <T> T convert(String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /** A portal. */
  static final class OfPortal implements ITypeConverter<Portal> {
    @Override
    public Portal convert(String text) {
      return Converters.convert(text, Portal::parse);
    }
  }

  /** An iSCSI name. */
  static final class OfName implements ITypeConverter<IscsiName> {
    @Override
    public IscsiName convert(String text) {
      return Converters.convert(text, IscsiName::of);
    }
  }

  /** A logical unit. */
  static final class OfLun implements ITypeConverter<LunSpec> {
    @Override
    public LunSpec convert(String text) {
      return Converters.convert(text, LunSpec::parse);
    }
  }

  /** A CHAP account. */
  static final class OfAccount implements ITypeConverter<ChapAccount> {
    @Override
    public ChapAccount convert(String text) {
      return Converters.convert(text, ChapAccount::parse);
    }
  }

  /** A digest rule. */
  static final class OfDigest implements ITypeConverter<DigestRule> {
    @Override
    public DigestRule convert(String text) {
      return Converters.convert(text, DigestRule::parse);
    }
  }

  /** What unknown keys are. */
  static final class OfUnknownKeys implements ITypeConverter<UnknownKeys> {
    @Override
    public UnknownKeys convert(String text) {
      return Converters.convert(text, UnknownKeys::parse);
    }
  }

  /** A number of commands. */
  static final class OfCommands implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return Converters.convert(text, OfCommands::parse);
    }

    private static int parse(String text) {
      try {
        int count = Integer.parseInt(text);
        return SessionSettings.builder().queueDepth(count).build().queueDepth().orElseThrow();
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("'" + text + "' is no number of commands", e);
      }
    }
  }
}
