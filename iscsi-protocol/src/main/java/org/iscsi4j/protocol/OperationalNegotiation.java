package org.iscsi4j.protocol;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * The responder's side of one negotiation of operational keys (RFC 7143 sections 6.2 and 13): a
 * login, or a text exchange in full feature phase. Text in, text out; the caller owns PDUs and
 * stages.
 *
 * <p>For each login request whose text is complete: {@link #answerAll} and {@link #declarations}
 * make up the response; {@link #failed()} ends the login with {@link LoginStatus#INITIATOR_ERROR};
 * while {@link #complete()} is false the response must not go on to the next stage. At the end
 * {@link #result()} tells what holds.
 *
 * <p>Security keys don't belong here. The names, aliases and types that a login declares may be
 * passed through, so that a repetition is noticed.
 *
 * <p>Belongs to one connection and its thread.
 */
public final class OperationalNegotiation {
  /** Keys whose answers hang on those of other keys. */
  private static final Set<String> DEPENDENT =
      Set.of(
          Key.FIRST_BURST_LENGTH.name(),
          Key.MAX_OUTSTANDING_R2T.name(),
          Key.DEFAULT_TIME2RETAIN.name());

  private final OperationalOffer ours;
  private final OperationalParameters base;
  private final int stage;
  private final boolean discovery;
  private final boolean leading;

  private final Set<String> seen = new HashSet<>();
  private final Set<Key<?>> offeredByUs = new HashSet<>();
  private final Map<Key<?>, Object> agreed = new HashMap<>();
  private boolean declared;
  private Optional<String> failure = Optional.empty();

  /** The most that our side may say of a number, after what is agreed of other keys. */
  private final Map<Key<Integer>, IntSupplier> bounds =
      Map.of(
          Key.FIRST_BURST_LENGTH, this::maxBurstLength,
          Key.MAX_OUTSTANDING_R2T, this::mostOutstandingR2ts,
          Key.DEFAULT_TIME2RETAIN, this::longestTime2Retain,
          Key.ERROR_RECOVERY_LEVEL, this::highestErrorRecoveryLevel);

  /**
   * A login.
   *
   * @param discovery whether SessionType is Discovery
   * @param leading whether the connection is the first of its session; for another one, {@link
   *     #joining} knows the session's values
   */
  public OperationalNegotiation(OperationalOffer ours, boolean discovery, boolean leading) {
    this(ours, OperationalParameters.defaults(), LoginStage.OPERATIONAL, discovery, leading);
  }

  private OperationalNegotiation(
      OperationalOffer ours,
      OperationalParameters base,
      int stage,
      boolean discovery,
      boolean leading) {
    this.ours = ours;
    this.base = base;
    this.stage = stage;
    this.discovery = discovery;
    this.leading = leading;
  }

  /**
   * The login of another connection of a normal session: session-wide values are those of its
   * leading connection, and their keys are rejected.
   */
  public static OperationalNegotiation joining(
      OperationalOffer ours, OperationalParameters session) {
    return new OperationalNegotiation(
        ours, session.ofNewConnection(), LoginStage.OPERATIONAL, false, false);
  }

  /**
   * A text exchange in full feature phase. Of the operational keys MaxRecvDataSegmentLength alone
   * may be declared anew; the others are rejected. If it {@link #failed()}, the current values
   * stay.
   */
  public static OperationalNegotiation fullFeature(OperationalParameters current) {
    OperationalOffer nothing = OperationalOffer.builder().build();
    OperationalNegotiation negotiation =
        new OperationalNegotiation(nothing, current, LoginStage.FULL_FEATURE, false, true);
    negotiation.declared = true;
    return negotiation;
  }

  /**
   * Answers the pairs of one complete text, in their order. Better than one {@link #answer} after
   * the other: FirstBurstLength, MaxOutstandingR2T and DefaultTime2Retain, which hang on other
   * keys, are decided after them wherever they stand.
   *
   * @throws ProtocolException for a key that comes twice in this negotiation
   */
  public List<KeyValue> answerAll(List<KeyValue> offers) throws ProtocolException {
    List<Optional<KeyValue>> answers =
        new ArrayList<>(Collections.nCopies(offers.size(), Optional.empty()));
    for (boolean dependent : new boolean[] {false, true}) {
      for (int i = 0; i < offers.size(); i++) {
        if (DEPENDENT.contains(offers.get(i).key()) == dependent) {
          answers.set(i, answer(offers.get(i)));
        }
      }
    }
    return answers.stream().flatMap(Optional::stream).toList();
  }

  /**
   * Answers one pair. There is no answer to a declaration, to a refusal (NotUnderstood, Irrelevant,
   * Reject) and to what is itself the answer to an offer of ours.
   *
   * @throws ProtocolException with {@link RejectReason#PROTOCOL_ERROR} for a key that comes twice
   *     in this negotiation; a login ends with {@link LoginStatus#INITIATOR_ERROR} then
   */
  public Optional<KeyValue> answer(KeyValue offer) throws ProtocolException {
    Optional<Key<?>> key = Key.named(offer.key());
    if (key.isPresent() && offeredByUs.remove(key.get())) {
      settle(key.get(), offer.value());
      return Optional.empty();
    }
    if (offer.isRefusal()) {
      return Optional.empty();
    }
    if (!seen.add(offer.key())) {
      throw new ProtocolException(
          RejectReason.PROTOCOL_ERROR, offer.key() + " comes twice in one negotiation");
    }
    return key.isPresent()
        ? answer(key.get(), offer.value())
        : Optional.of(new KeyValue(offer.key(), KeyValue.NOT_UNDERSTOOD));
  }

  /**
   * What our side says without being asked, each once: its MaxRecvDataSegmentLength, and an offer
   * for a digest that it insists on and that the initiator left out.
   */
  public List<KeyValue> declarations() {
    if (declared) {
      return List.of();
    }
    declared = true;
    List<KeyValue> pairs = new ArrayList<>();
    pairs.add(Key.MAX_RECV_DATA_SEGMENT_LENGTH.pair(ours.maxRecvDataSegmentLength()));
    for (Key<List<String>> digest : List.of(Key.HEADER_DIGEST, Key.DATA_DIGEST)) {
      if (!isAcceptable(digest) && seen.add(digest.name())) {
        offeredByUs.add(digest);
        pairs.add(digest.pair(ours.value(digest)));
      }
    }
    return pairs;
  }

  /** Whether the login can't succeed any more, because no common value of a key exists. */
  public boolean failed() {
    return failure.isPresent();
  }

  /** Why it failed: key, value and limit. */
  public Optional<String> failure() {
    return failure;
  }

  /** What this negotiation has come to for a key; empty when it was not settled here. */
  @SuppressWarnings("unchecked") // declare and negotiate put values in by the same type parameter
  public <T> Optional<T> agreed(Key<T> key) {
    return Optional.ofNullable((T) agreed.get(key));
  }

  /** Whether everything that our side insists on is agreed. */
  public boolean complete() {
    return isAcceptable(Key.HEADER_DIGEST) && isAcceptable(Key.DATA_DIGEST);
  }

  /**
   * What holds with the answers given so far.
   *
   * @throws IllegalStateException unless {@link #complete()}
   */
  public OperationalParameters result() {
    if (!complete()) {
      throw new IllegalStateException("a digest that is insisted on was not agreed");
    }
    return new OperationalParameters(
        agreedOr(Key.HEADER_DIGEST, digests(base.headerDigest())).contains(OperationalOffer.CRC32C),
        agreedOr(Key.DATA_DIGEST, digests(base.dataDigest())).contains(OperationalOffer.CRC32C),
        agreedOr(Key.MAX_CONNECTIONS, base.maxConnections()),
        agreedOr(Key.INITIAL_R2T, base.initialR2t()),
        agreedOr(Key.IMMEDIATE_DATA, base.immediateData()),
        agreedOr(Key.MAX_RECV_DATA_SEGMENT_LENGTH, base.initiatorMaxRecvDataSegmentLength()),
        stage == LoginStage.OPERATIONAL && declared
            ? ours.maxRecvDataSegmentLength()
            : base.targetMaxRecvDataSegmentLength(),
        maxBurstLength(),
        Math.min(agreedOr(Key.FIRST_BURST_LENGTH, base.firstBurstLength()), maxBurstLength()),
        agreedOr(Key.DEFAULT_TIME2WAIT, base.defaultTime2Wait()),
        agreedOr(Key.DEFAULT_TIME2RETAIN, base.defaultTime2Retain()),
        Math.min(
            agreedOr(Key.MAX_OUTSTANDING_R2T, base.maxOutstandingR2t()), mostOutstandingR2ts()),
        agreedOr(Key.DATA_PDU_IN_ORDER, base.dataPduInOrder()),
        dataSequenceInOrder(),
        errorRecoveryLevel(),
        agreedOr(Key.TASK_REPORTING, List.of(base.taskReporting())).get(0),
        agreedOr(Key.ISCSI_PROTOCOL_LEVEL, base.iscsiProtocolLevel()));
  }

  private Optional<KeyValue> answer(Key<?> key, String value) {
    if (!isAllowed(key)) {
      return reply(key, KeyValue.REJECT);
    }
    if (isIrrelevant(key)) {
      return reply(key, KeyValue.IRRELEVANT);
    }
    return switch (key.rule()) {
      case DECLARATIVE -> declare(key, value);
      case OBSOLETE -> refuse(key, value);
      default -> negotiate(key, value);
    };
  }

  private boolean isAllowed(Key<?> key) {
    boolean tooLate = key.leadingOnly() && !leading && key.rule() != Key.Rule.DECLARATIVE;
    return key.allowedIn(stage) && key.sender() != Key.Sender.TARGET && !tooLate;
  }

  private boolean isIrrelevant(Key<?> key) {
    if (discovery && key.normalSessionOnly()) {
      return true;
    }
    return key == Key.FIRST_BURST_LENGTH // section 13.14: without unsolicited data
        && agreedOr(Key.INITIAL_R2T, false)
        && !agreedOr(Key.IMMEDIATE_DATA, true);
  }

  private <T> Optional<KeyValue> declare(Key<T> key, String value) {
    try {
      agreed.put(key, key.parse(value));
      return Optional.empty();
    } catch (ProtocolException e) {
      return fail(key, e.getMessage());
    }
  }

  /**
   * Section 13.25 likes Reject best, but lets a marker be refused as RFC 3720 initiators expect it.
   */
  private static Optional<KeyValue> refuse(Key<?> key, String value) {
    boolean isMarker = key == Key.IF_MARKER || key == Key.OF_MARKER;
    boolean isBoolean = value.equals("Yes") || value.equals("No");
    return reply(key, isMarker && isBoolean ? "No" : KeyValue.REJECT);
  }

  private <T> Optional<KeyValue> negotiate(Key<T> key, String value) {
    T wish = wish(key);
    T common;
    try {
      common = key.combine(key.parse(value), wish);
    } catch (ProtocolException e) {
      return key.rule() == Key.Rule.FIRST_MATCH
          ? fail(key, e.getMessage())
          : reply(key, KeyValue.REJECT);
    }
    if (common instanceof List<?> list && list.isEmpty()) {
      return fail(
          key,
          String.format("%s %s has none of %s", key, TextCodec.quoted(value), key.format(wish)));
    }
    agreed.put(key, common);
    return Optional.of(key.pair(common));
  }

  /** The initiator's answer to an offer of ours, which was a list. */
  private void settle(Key<?> key, String value) {
    if (negotiate(key, value).filter(echo -> echo.value().equals(value)).isEmpty()) {
      fail(key, key + " " + TextCodec.quoted(value) + " is not an answer to our offer");
    }
  }

  private Optional<KeyValue> fail(Key<?> key, String why) {
    failure = failure.or(() -> Optional.of(why));
    return reply(key, KeyValue.REJECT);
  }

  private static Optional<KeyValue> reply(Key<?> key, String value) {
    return Optional.of(new KeyValue(key.name(), value));
  }

  // ---- what hangs on other keys

  @SuppressWarnings("unchecked") // the keys with a bound are those of numbers
  private <T> T wish(Key<T> key) {
    T wish = ours.value(key);
    IntSupplier bound = bounds.get(key);
    return bound == null ? wish : (T) (Integer) Math.min((Integer) wish, bound.getAsInt());
  }

  private int maxBurstLength() {
    return agreedOr(Key.MAX_BURST_LENGTH, base.maxBurstLength());
  }

  /** Sections 13.17 and 13.19: of sequences in order only the last R2T can be sent again. */
  private int mostOutstandingR2ts() {
    boolean sentAgain = errorRecoveryLevel() > 0;
    return sentAgain && dataSequenceInOrder() ? 1 : Key.MAX_OUTSTANDING_R2T.maximum();
  }

  /** Nothing is kept for a connection that is gone, unless its tasks may change connections. */
  private int longestTime2Retain() {
    return errorRecoveryLevel() == 2 ? Key.DEFAULT_TIME2RETAIN.maximum() : 0;
  }

  /** Discovery has no tasks, and so nothing to recover. */
  private int highestErrorRecoveryLevel() {
    return discovery ? 0 : Key.ERROR_RECOVERY_LEVEL.maximum();
  }

  private int errorRecoveryLevel() {
    return agreedOr(Key.ERROR_RECOVERY_LEVEL, base.errorRecoveryLevel());
  }

  private boolean dataSequenceInOrder() {
    return agreedOr(Key.DATA_SEQUENCE_IN_ORDER, base.dataSequenceInOrder());
  }

  private boolean isAcceptable(Key<List<String>> digest) {
    return ours.value(digest).containsAll(agreedOr(digest, digest.defaultValue()));
  }

  private static List<String> digests(boolean on) {
    return List.of(on ? OperationalOffer.CRC32C : OperationalOffer.NONE);
  }

  private <T> T agreedOr(Key<T> key, T otherwise) {
    return agreed(key).orElse(otherwise);
  }
}
