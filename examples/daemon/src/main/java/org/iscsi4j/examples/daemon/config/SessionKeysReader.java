package org.iscsi4j.examples.daemon.config;

import java.util.Optional;
import java.util.OptionalInt;

/** Reads the keys of login, which [Global] and each [LogicalUnitN] may have. */
final class SessionKeysReader {

  /** istgt's, where [Global] says nothing. */
  static final SessionKeys DEFAULTS =
      new SessionKeys(
          OptionalInt.of(4),
          OptionalInt.of(16),
          OptionalInt.of(2),
          OptionalInt.of(20),
          OptionalInt.of(65_536),
          OptionalInt.of(262_144),
          OptionalInt.of(8192),
          Optional.of(true),
          Optional.of(true),
          Optional.of(true),
          Optional.of(true),
          OptionalInt.of(0));

  private static final String FIRST_BURST = "FirstBurstLength";
  private static final String MAX_BURST = "MaxBurstLength";

  private static final int MAX_COUNT = 0xffff;
  private static final int MAX_SECONDS = 3600;
  private static final int MIN_BYTES = 512;
  private static final int MAX_BYTES = 0xff_ffff;

  private SessionKeysReader() {}

  /** Those that a section names. */
  private static SessionKeys named(SectionReader section) {
    return new SessionKeys(
        section.number("MaxConnections", 1, MAX_COUNT),
        section.number("MaxOutstandingR2T", 1, MAX_COUNT),
        section.number("DefaultTime2Wait", 0, MAX_SECONDS),
        section.number("DefaultTime2Retain", 0, MAX_SECONDS),
        section.number(FIRST_BURST, MIN_BYTES, MAX_BYTES),
        section.number(MAX_BURST, MIN_BYTES, MAX_BYTES),
        section.number("MaxRecvDataSegmentLength", MIN_BYTES, MAX_BYTES),
        section.yesNo("InitialR2T"),
        section.yesNo("ImmediateData"),
        section.yesNo("DataPDUInOrder"),
        section.yesNo("DataSequenceInOrder"),
        section.number("ErrorRecoveryLevel", 0, 2));
  }

  /** Of [Global]: what it does not name has its default. */
  static SessionKeys ofGlobal(SectionReader section) {
    SessionKeys named = named(section);
    SessionKeys keys = named.orElse(DEFAULTS);
    if (named.firstBurstLength().isEmpty()) {
      return keys.withFirstBurstLength(
          Math.min(keys.firstBurstLength().getAsInt(), keys.maxBurstLength().getAsInt()));
    }
    check(section, keys);
    return keys;
  }

  /** Of a unit: together with [Global]'s they must make sense. */
  static SessionKeys ofUnit(SectionReader section, SessionKeys global) {
    SessionKeys named = named(section);
    check(section, named.orElse(global));
    return named;
  }

  /** RFC 7143 section 13.14: FirstBurstLength is at most MaxBurstLength. */
  private static void check(SectionReader section, SessionKeys keys) {
    int first = keys.firstBurstLength().getAsInt();
    int most = keys.maxBurstLength().getAsInt();
    if (first > most) {
      section.error(FIRST_BURST + " " + first + " exceeds " + MAX_BURST + " " + most);
    }
  }
}
