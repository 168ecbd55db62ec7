package org.iscsi4j.protocol;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.BinaryOperator;

/**
 * The text keys of RFC 7143: those of section 13, the obsolete markers of section 13.25, and those
 * of CHAP in section 12.1. Each knows its syntax, range, default, and the rule by which two sides
 * come to one value.
 *
 * @param <T> what a value is in Java
 */
public final class Key<T> {
  /** How the value that both sides use comes about. */
  public enum Rule {
    /** One side says, the other does not answer. */
    DECLARATIVE,
    /** Number: the lower of both. */
    MINIMUM,
    /** Number: the higher of both. */
    MAXIMUM,
    /** Boolean: Yes if both say so. */
    AND,
    /** Boolean: Yes if one says so. */
    OR,
    /** List: the first of the offered values that the other side supports. */
    FIRST_MATCH,
    /** Refused whatever is offered (section 13.25). */
    OBSOLETE
  }

  /** What a value applies to. */
  public enum Scope {
    SESSION,
    CONNECTION
  }

  /** Who may send a key without being asked. */
  public enum Sender {
    INITIATOR,
    TARGET,
    BOTH
  }

  private static final Map<String, Key<?>> BY_NAME = new LinkedHashMap<>();

  private static final int MAX_24_BITS = (1 << 24) - 1;
  private static final int MAX_16_BITS = (1 << 16) - 1;
  private static final int MAX_NAME_LENGTH = 223;
  private static final int MAX_CHAP_BINARY = 1024;

  private static final int SECURITY = 1 << LoginStage.SECURITY;
  private static final int OPERATIONAL = 1 << LoginStage.OPERATIONAL;
  private static final int FULL_FEATURE = 1 << LoginStage.FULL_FEATURE;
  private static final int LOGIN = SECURITY | OPERATIONAL;
  private static final int ANY_STAGE = LOGIN | FULL_FEATURE;

  // section 12: security

  public static final Key<List<String>> AUTH_METHOD =
      list("AuthMethod").in(SECURITY).rule(Rule.FIRST_MATCH, Key::firstMatch).key();

  public static final Key<List<Integer>> CHAP_A =
      of("CHAP_A", KeyType.NUMBERS, 0, 255)
          .in(SECURITY)
          .rule(Rule.FIRST_MATCH, Key::firstMatch)
          .key();

  public static final Key<Integer> CHAP_I = of("CHAP_I", KeyType.NUMBER, 0, 255).in(SECURITY).key();

  public static final Key<byte[]> CHAP_C =
      of("CHAP_C", KeyType.BINARY, 1, MAX_CHAP_BINARY).in(SECURITY).key();

  public static final Key<String> CHAP_N = text("CHAP_N", 1, 255).in(SECURITY).key();

  public static final Key<byte[]> CHAP_R =
      of("CHAP_R", KeyType.BINARY, 1, MAX_CHAP_BINARY).in(SECURITY).key();

  // section 13: names, addresses, session type

  public static final Key<List<String>> HEADER_DIGEST =
      list("HeaderDigest").byDefault(List.of("None")).rule(Rule.FIRST_MATCH, Key::firstMatch).key();

  public static final Key<List<String>> DATA_DIGEST =
      list("DataDigest").byDefault(List.of("None")).rule(Rule.FIRST_MATCH, Key::firstMatch).key();

  public static final Key<Integer> MAX_CONNECTIONS =
      number("MaxConnections", 1, MAX_16_BITS, 1)
          .ofNormalSession()
          .rule(Rule.MINIMUM, Math::min)
          .key();

  public static final Key<String> SEND_TARGETS =
      text("SendTargets", 0, MAX_NAME_LENGTH)
          .ofSession()
          .in(FULL_FEATURE)
          .by(Sender.INITIATOR)
          .key();

  public static final Key<String> TARGET_NAME =
      text("TargetName", 1, MAX_NAME_LENGTH).ofSession().in(LOGIN).key();

  public static final Key<String> INITIATOR_NAME =
      text("InitiatorName", 1, MAX_NAME_LENGTH).ofSession().in(LOGIN).by(Sender.INITIATOR).key();

  public static final Key<String> TARGET_ALIAS =
      text("TargetAlias", 0, 255).ofSession().in(ANY_STAGE).by(Sender.TARGET).key();

  public static final Key<String> INITIATOR_ALIAS =
      text("InitiatorAlias", 0, 255).ofSession().in(ANY_STAGE).by(Sender.INITIATOR).key();

  public static final Key<String> TARGET_ADDRESS =
      text("TargetAddress", 1, 255).ofSession().in(ANY_STAGE).by(Sender.TARGET).key();

  public static final Key<Integer> TARGET_PORTAL_GROUP_TAG =
      of("TargetPortalGroupTag", KeyType.NUMBER, 0, MAX_16_BITS)
          .ofSession()
          .in(LOGIN)
          .by(Sender.TARGET)
          .key();

  public static final Key<String> SESSION_TYPE =
      of("SessionType", KeyType.oneOf("Discovery", "Normal"), 0, 0)
          .byDefault("Normal")
          .leadingOnly()
          .in(LOGIN)
          .by(Sender.INITIATOR)
          .key();

  // section 13: data transfer

  public static final Key<Boolean> INITIAL_R2T =
      bool("InitialR2T", true).ofNormalSession().rule(Rule.OR, Boolean::logicalOr).key();

  public static final Key<Boolean> IMMEDIATE_DATA =
      bool("ImmediateData", true).ofNormalSession().rule(Rule.AND, Boolean::logicalAnd).key();

  /** In bytes; each side declares its own, per connection. */
  public static final Key<Integer> MAX_RECV_DATA_SEGMENT_LENGTH =
      number("MaxRecvDataSegmentLength", 512, MAX_24_BITS, 8192)
          .in(OPERATIONAL | FULL_FEATURE)
          .key();

  /** In bytes. */
  public static final Key<Integer> MAX_BURST_LENGTH =
      number("MaxBurstLength", 512, MAX_24_BITS, 262_144)
          .ofNormalSession()
          .rule(Rule.MINIMUM, Math::min)
          .key();

  /**
   * In bytes; not more than MaxBurstLength. Irrelevant with InitialR2T=Yes and ImmediateData=No.
   */
  public static final Key<Integer> FIRST_BURST_LENGTH =
      number("FirstBurstLength", 512, MAX_24_BITS, 65_536)
          .ofNormalSession()
          .rule(Rule.MINIMUM, Math::min)
          .key();

  /** In seconds. */
  public static final Key<Integer> DEFAULT_TIME2WAIT =
      number("DefaultTime2Wait", 0, 3600, 2).leadingOnly().rule(Rule.MAXIMUM, Math::max).key();

  /** In seconds. */
  public static final Key<Integer> DEFAULT_TIME2RETAIN =
      number("DefaultTime2Retain", 0, 3600, 20).leadingOnly().rule(Rule.MINIMUM, Math::min).key();

  public static final Key<Integer> MAX_OUTSTANDING_R2T =
      number("MaxOutstandingR2T", 1, MAX_16_BITS, 1)
          .ofNormalSession()
          .rule(Rule.MINIMUM, Math::min)
          .key();

  public static final Key<Boolean> DATA_PDU_IN_ORDER =
      bool("DataPDUInOrder", true).ofNormalSession().rule(Rule.OR, Boolean::logicalOr).key();

  public static final Key<Boolean> DATA_SEQUENCE_IN_ORDER =
      bool("DataSequenceInOrder", true).ofNormalSession().rule(Rule.OR, Boolean::logicalOr).key();

  public static final Key<Integer> ERROR_RECOVERY_LEVEL =
      number("ErrorRecoveryLevel", 0, 2, 0).leadingOnly().rule(Rule.MINIMUM, Math::min).key();

  // section 13: the rest

  public static final Key<List<String>> TASK_REPORTING =
      list("TaskReporting")
          .byDefault(List.of("RFC3720"))
          .ofNormalSession()
          .rule(Rule.FIRST_MATCH, Key::firstMatch)
          .key();

  public static final Key<Integer> ISCSI_PROTOCOL_LEVEL =
      number("iSCSIProtocolLevel", 0, 31, 1).ofNormalSession().rule(Rule.MINIMUM, Math::min).key();

  public static final Key<List<String>> NODE_ARCHITECTURE =
      of("X#NodeArchitecture", KeyType.LIST, 0, KeyType.MAX_VALUE_LENGTH).leadingOnly().key();

  public static final Key<Boolean> IF_MARKER = bool("IFMarker", false).obsolete().key();

  public static final Key<Boolean> OF_MARKER = bool("OFMarker", false).obsolete().key();

  public static final Key<TextNumber.Range> IF_MARK_INT =
      markInterval("IFMarkInt").obsolete().key();

  public static final Key<TextNumber.Range> OF_MARK_INT =
      markInterval("OFMarkInt").obsolete().key();

  private final String name;
  private final KeyType<T> type;
  private final int minimum;
  private final int maximum;
  private final Optional<T> defaultValue;
  private final int stages;
  private final Rule rule;
  private final BinaryOperator<T> combination;
  private final Scope scope;
  private final Sender sender;
  private final boolean leadingOnly;
  private final boolean normalSessionOnly;

  private Key(Builder<T> row) {
    name = row.name;
    type = row.type;
    minimum = row.minimum;
    maximum = row.maximum;
    defaultValue = row.defaultValue;
    stages = row.stages;
    rule = row.rule;
    combination = row.combination;
    scope = row.scope;
    sender = row.sender;
    leadingOnly = row.leadingOnly;
    normalSessionOnly = row.normalSessionOnly;
  }

  /** The key of that exact name. */
  public static Optional<Key<?>> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** All keys. */
  public static Collection<Key<?>> all() {
    return Collections.unmodifiableCollection(BY_NAME.values());
  }

  /** The name on the wire. */
  public String name() {
    return name;
  }

  /** Whether a key that is not negotiated has a value all the same. */
  public boolean hasDefault() {
    return defaultValue.isPresent();
  }

  /**
   * The value while nothing else is agreed.
   *
   * @throws NoSuchElementException unless {@link #hasDefault()}
   */
  public T defaultValue() {
    return defaultValue.orElseThrow(() -> new NoSuchElementException(name + " has no default"));
  }

  /** The lowest number; of texts, and of the members of lists, the least bytes. */
  public int minimum() {
    return minimum;
  }

  /**
   * The highest number; of texts, of binary values, and of the members of lists, the most bytes.
   */
  public int maximum() {
    return maximum;
  }

  public Rule rule() {
    return rule;
  }

  public Scope scope() {
    return scope;
  }

  public Sender sender() {
    return sender;
  }

  /** Whether the key belongs to the login of a session's first connection alone ("LO"). */
  public boolean leadingOnly() {
    return leadingOnly;
  }

  /** Whether the key is irrelevant in discovery sessions. */
  public boolean normalSessionOnly() {
    return normalSessionOnly;
  }

  /**
   * Whether the key may be sent in a stage without being asked for.
   *
   * @param stage one of {@link LoginStage}
   */
  public boolean allowedIn(int stage) {
    return (stages >> stage & 1) != 0;
  }

  /**
   * Reads a value.
   *
   * @throws ProtocolException with {@link RejectReason#PROTOCOL_ERROR} for an illegal value; the
   *     message has key, value and limit, but never a binary value
   */
  public T parse(String value) throws ProtocolException {
    try {
      return type.parse(value, minimum, maximum);
    } catch (ProtocolException e) {
      throw new ProtocolException(e.reason(), name + " " + e.getMessage());
    }
  }

  /** Writes a value, so that {@link #parse} reads it again. */
  public String format(T value) {
    return type.format(value);
  }

  /**
   * What an offer and our own wish come to by the key's {@link #rule()}. Of lists it is a list of
   * the one agreed value, or empty when nothing is in common; a declared value is simply the
   * offered one.
   */
  public T combine(T offered, T ours) {
    return combination.apply(offered, ours);
  }

  /** The pair of this key and a value. */
  public KeyValue pair(T value) {
    return new KeyValue(name, format(value));
  }

  @Override
  public String toString() {
    return name;
  }

  private static <E> List<E> firstMatch(List<E> offered, List<E> ours) {
    return offered.stream().filter(ours::contains).limit(1).toList();
  }

  private static <T> Builder<T> of(String name, KeyType<T> type, int minimum, int maximum) {
    return new Builder<>(name, type, minimum, maximum);
  }

  private static Builder<Integer> number(String name, int minimum, int maximum, int byDefault) {
    return of(name, KeyType.NUMBER, minimum, maximum).byDefault(byDefault);
  }

  private static Builder<Boolean> bool(String name, boolean byDefault) {
    return of(name, KeyType.BOOLEAN, 0, 1).byDefault(byDefault);
  }

  private static Builder<List<String>> list(String name) {
    return of(name, KeyType.LIST, 1, KeyType.MAX_VALUE_LENGTH);
  }

  private static Builder<String> text(String name, int minimum, int maximum) {
    return of(name, KeyType.TEXT, minimum, maximum);
  }

  private static Builder<TextNumber.Range> markInterval(String name) {
    return of(name, KeyType.RANGE, 1, MAX_16_BITS).byDefault(new TextNumber.Range(2048, 2048));
  }

  /** A row of the table: of a connection, operational stage, both senders, declarative. */
  private static final class Builder<T> {
    private final String name;
    private final KeyType<T> type;
    private final int minimum;
    private final int maximum;
    private Optional<T> defaultValue = Optional.empty();
    private int stages = OPERATIONAL;
    private Rule rule = Rule.DECLARATIVE;
    private BinaryOperator<T> combination = (offered, ours) -> offered;
    private Scope scope = Scope.CONNECTION;
    private Sender sender = Sender.BOTH;
    private boolean leadingOnly;
    private boolean normalSessionOnly;

    Builder(String name, KeyType<T> type, int minimum, int maximum) {
      this.name = name;
      this.type = type;
      this.minimum = minimum;
      this.maximum = maximum;
    }

    Builder<T> byDefault(T value) {
      defaultValue = Optional.of(value);
      return this;
    }

    Builder<T> in(int stages) {
      this.stages = stages;
      return this;
    }

    Builder<T> by(Sender sender) {
      this.sender = sender;
      return this;
    }

    Builder<T> rule(Rule rule, BinaryOperator<T> combination) {
      this.rule = rule;
      this.combination = combination;
      return this;
    }

    Builder<T> obsolete() {
      return rule(Rule.OBSOLETE, combination);
    }

    Builder<T> ofSession() {
      scope = Scope.SESSION;
      return this;
    }

    Builder<T> leadingOnly() {
      leadingOnly = true;
      return ofSession();
    }

    Builder<T> ofNormalSession() {
      normalSessionOnly = true;
      return leadingOnly();
    }

    Key<T> key() {
      Key<T> key = new Key<>(this);
      BY_NAME.put(name, key);
      return key;
    }
  }
}
