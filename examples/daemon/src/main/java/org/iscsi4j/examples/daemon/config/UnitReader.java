package org.iscsi4j.examples.daemon.config;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.examples.daemon.config.UnitSection.Mapping;
import org.iscsi4j.examples.daemon.config.UnitSection.UnitInquiry;

/** Reads [LogicalUnitN]. */
final class UnitReader {

  private static final String NAME = "TargetName";
  private static final String ALIAS = "TargetAlias";
  private static final String TYPE = "UnitType";
  private static final String BLOCKS = "BlockLength";
  private static final String DIGEST = "UseDigest";
  private static final Map<String, String> DIGESTS =
      Map.of("Auto", "Auto", "Header", "Header", "Data", "Data");
  private static final Map<String, UnitType> TYPES =
      Map.of("Disk", UnitType.DISK, "DVD", UnitType.DVD, "Tape", UnitType.TAPE);

  private static final Pattern FULL = Pattern.compile("(?i)(iqn|eui|naa)\\.");

  private static final int MAX_ALIAS_BYTES = 255;
  private static final int MAX_QUEUE = 4096;
  private static final int DISK_QUEUE = 32;
  private static final int MIN_BLOCK = 512;
  private static final int MAX_BLOCK = 65_536;
  private static final int DVD_BLOCK = 2048;

  private final SectionReader section;
  private final GlobalSection global;
  private final UnknownKeys unknownKeys;

  UnitReader(SectionReader section, GlobalSection global, UnknownKeys unknownKeys) {
    this.section = section;
    this.global = global;
    this.unknownKeys = unknownKeys;
  }

  /** Empty when it has no name or no type: then the rest makes no unit. */
  Optional<UnitSection> read(int number, AuthRules authRules, Groups groups) {
    Optional<IscsiName> name = name();
    Optional<UnitType> type = type();
    Optional<String> alias = section.value(ALIAS).flatMap(this::alias);
    List<Mapping> mappings = groups.mappings(section);
    AuthRule auth = authRules.read(section, "AuthMethod", "AuthGroup");
    List<String> digests = digests();
    boolean readOnly = section.yesNo("ReadOnly").orElse(false);
    boolean online = section.yesNo("UnitOnline").orElse(true);
    SessionKeys keys = SessionKeysReader.ofUnit(section, global.keys());
    UnitType as = type.orElse(UnitType.DISK);
    UnitInquiry inquiry = new InquiryReader(section).read(as, number);
    int blockLength = blockLength(as);
    int queueDepth =
        section.number("QueueDepth", 0, MAX_QUEUE).orElse(as == UnitType.DISK ? DISK_QUEUE : 0);
    SortedMap<Integer, LunSection> luns = luns(type, blockLength, inquiry);
    if (name.isEmpty() || type.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new UnitSection(
            number,
            name.get(),
            alias,
            mappings,
            auth,
            digests.contains("Header"),
            digests.contains("Data"),
            readOnly,
            as,
            online,
            inquiry,
            blockLength,
            queueDepth,
            keys,
            luns));
  }

  private Optional<IscsiName> name() {
    Optional<Token> value = section.value(NAME);
    if (section.entries(NAME).isEmpty()) {
      section.error(NAME + " is missing");
    }
    return value.flatMap(token -> section.parsed(NAME, token, this::fullName));
  }

  private IscsiName fullName(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("a name is expected");
    }
    return IscsiName.of(FULL.matcher(text).lookingAt() ? text : global.nodeBase() + ":" + text);
  }

  private Optional<String> alias(Token token) {
    if (token.text().getBytes(StandardCharsets.UTF_8).length > MAX_ALIAS_BYTES) {
      section.refuse(ALIAS, token, "is longer than " + MAX_ALIAS_BYTES + " bytes");
      return Optional.empty();
    }
    return token.text().isEmpty() ? Optional.empty() : Optional.of(token.text());
  }

  private Optional<UnitType> type() {
    Optional<Token> value = section.value(TYPE);
    if (section.entries(TYPE).isEmpty()) {
      section.error(TYPE + " is missing; accepted: Disk, DVD, Tape");
    }
    if (value.filter(token -> token.is("Pass")).isPresent()) {
      section.refuse(
          TYPE,
          value.get(),
          "is refused: commands are passed through to a device by FreeBSD's kernel only;"
              + " accepted: Disk, DVD, Tape");
      return Optional.empty();
    }
    return value.flatMap(token -> section.choice(TYPE, token, TYPES));
  }

  /** The words behind UseDigest. */
  private List<String> digests() {
    Optional<Entry> entry = section.entry(DIGEST);
    if (entry.isPresent() && entry.get().values().isEmpty()) {
      section.first(DIGEST, entry.get());
    }
    return entry.stream()
        .flatMap(line -> line.values().stream())
        .flatMap(word -> section.choice(DIGEST, word, DIGESTS).stream())
        .toList();
  }

  private int blockLength(UnitType type) {
    return switch (type) {
      case DISK -> section.value(BLOCKS).flatMap(this::diskBlock).orElse(MIN_BLOCK);
      case DVD -> section.number(BLOCKS, DVD_BLOCK, DVD_BLOCK).orElse(DVD_BLOCK);
      case TAPE -> section.number(BLOCKS, MIN_BLOCK, MIN_BLOCK).orElse(MIN_BLOCK);
    };
  }

  private Optional<Integer> diskBlock(Token token) {
    OptionalInt length = section.number(BLOCKS, token, MIN_BLOCK, MAX_BLOCK);
    if (length.isPresent() && Integer.bitCount(length.getAsInt()) != 1) {
      section.refuse(BLOCKS, token, "is no power of two");
      return Optional.empty();
    }
    return length.stream().boxed().findFirst();
  }

  private SortedMap<Integer, LunSection> luns(
      Optional<UnitType> type, int blockLength, UnitInquiry inquiry) {
    LunReader reader = new LunReader(section, unknownKeys);
    if (type.isEmpty()) {
      reader.skip();
      return new TreeMap<>();
    }
    return reader.read(type.get(), blockLength, inquiry.serial());
  }
}
