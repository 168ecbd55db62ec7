package org.iscsi4j.examples.daemon.config;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** Collects the Option lines of a LUN, which begin with the defaults of its type. */
final class LunOptions {

  private static final int MAX_SERIAL = 32;
  private static final int DISK_RPM = 7200;
  private static final int DISK_FORM_FACTOR = 2; // 3.5 inch
  private static final Map<String, Boolean> SWITCH = Map.of("Enable", true, "Disable", false);
  private static final Set<String> KEYS =
      new TreeSet<>(Set.of("Serial", "RPM", "FormFactor", "ReadCache", "WriteCache"));

  private final SectionReader section;
  private final UnknownKeys unknownKeys;
  private final UnitType type;
  private String serial;
  private OptionalInt rpm = OptionalInt.empty();
  private OptionalInt formFactor = OptionalInt.empty();
  private boolean readCache = true;
  private boolean writeCache = true;

  LunOptions(SectionReader section, UnknownKeys unknownKeys, UnitType type, String serial) {
    this.section = section;
    this.unknownKeys = unknownKeys;
    this.type = type;
    this.serial = serial;
    if (type == UnitType.DISK) {
      rpm = OptionalInt.of(DISK_RPM);
      formFactor = OptionalInt.of(DISK_FORM_FACTOR);
    }
  }

  /** Takes {@code LUNn Option KEY VALUE}. */
  void take(Entry entry) {
    if (entry.values().size() < 3) {
      section
          .problems()
          .error(entry.key(), entry.key().text() + " Option needs a name and a value");
      return;
    }
    Token name = entry.values().get(1);
    String key = entry.key().text() + " Option " + name.text();
    section.noMoreThan(3, key, entry);
    set(key, name, entry.values().get(2));
    if (type != UnitType.DISK && isKnown(name) && !name.is("Serial")) {
      section.problems().warning(name, key + " has a meaning for disks only");
    }
  }

  private void set(String key, Token name, Token value) {
    if (name.is("Serial")) {
      serial = new InquiryReader(section).ascii(key, value, MAX_SERIAL).orElse(serial);
    } else if (name.is("RPM")) {
      rpm = forDisk(section.number(key, value, 0, 0xfffe));
    } else if (name.is("FormFactor")) {
      formFactor = forDisk(section.number(key, value, 0, 15));
    } else if (name.is("ReadCache")) {
      readCache = enabled(key, value);
    } else if (name.is("WriteCache")) {
      writeCache = enabled(key, value);
    } else {
      section.unknown("unknown option", name, KEYS, unknownKeys);
    }
  }

  private static boolean isKnown(Token name) {
    return KEYS.stream().anyMatch(name::is);
  }

  private OptionalInt forDisk(OptionalInt value) {
    return type == UnitType.DISK ? value : OptionalInt.empty();
  }

  private boolean enabled(String key, Token value) {
    Optional<Boolean> enabled = section.choice(key, value, SWITCH);
    return type != UnitType.DISK || enabled.orElse(true);
  }

  LunSection of(int number, MediumSpec medium) {
    return new LunSection(number, medium, serial, rpm, formFactor, readCache, writeCache);
  }
}
