package org.iscsi4j.protocol;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What our side wishes of each operational key, for {@link OperationalNegotiation}. Immutable.
 *
 * <p>A key that isn't set has the RFC's default, apart from the digests: both {@code CRC32C} and
 * {@code None} are accepted then, as either side has to support them (RFC 7143 section 13.1).
 */
public final class OperationalOffer {
  static final String NONE = "None";
  static final String CRC32C = "CRC32C";

  private final Map<Key<?>, Object> values;

  private OperationalOffer(Map<Key<?>, Object> values) {
    this.values = Map.copyOf(values);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** What is wished of an operational key. */
  @SuppressWarnings("unchecked") // only Builder.set puts values in, by the same type parameter
  public <T> T value(Key<T> key) {
    Object value = values.get(key);
    return value == null ? key.defaultValue() : (T) value;
  }

  /** What our side receives in one PDU, in bytes. */
  public int maxRecvDataSegmentLength() {
    return value(Key.MAX_RECV_DATA_SEGMENT_LENGTH);
  }

  /** Sets wishes; each setter throws {@link IllegalArgumentException} for a value out of range. */
  public static final class Builder {
    private final Map<Key<?>, Object> values = new HashMap<>();

    private Builder() {
      headerDigests(List.of(CRC32C, NONE));
      dataDigests(List.of(CRC32C, NONE));
    }

    /**
     * The header digests that are accepted: {@code CRC32C}, {@code None} or both. Without {@code
     * None} a login without digest fails.
     */
    public Builder headerDigests(List<String> accepted) {
      return digests(Key.HEADER_DIGEST, accepted);
    }

    /** The data digests that are accepted, like {@link #headerDigests}. */
    public Builder dataDigests(List<String> accepted) {
      return digests(Key.DATA_DIGEST, accepted);
    }

    /** The most connections of a session, 1 to 65535. */
    public Builder maxConnections(int connections) {
      return set(Key.MAX_CONNECTIONS, connections);
    }

    /** Whether unsolicited Data-Out is to be off; it is on only if both sides say No. */
    public Builder initialR2t(boolean required) {
      return set(Key.INITIAL_R2T, required);
    }

    /** Whether write data may come in the command's PDU; it may if both sides say Yes. */
    public Builder immediateData(boolean allowed) {
      return set(Key.IMMEDIATE_DATA, allowed);
    }

    /** What our side receives in one PDU: 512 to 2<sup>24</sup>-1 bytes. */
    public Builder maxRecvDataSegmentLength(int bytes) {
      return set(Key.MAX_RECV_DATA_SEGMENT_LENGTH, bytes);
    }

    /** The most data of a Data-In sequence or an R2T: 512 to 2<sup>24</sup>-1 bytes. */
    public Builder maxBurstLength(int bytes) {
      return set(Key.MAX_BURST_LENGTH, bytes);
    }

    /** The most unsolicited data of a command: 512 to 2<sup>24</sup>-1 bytes. */
    public Builder firstBurstLength(int bytes) {
      return set(Key.FIRST_BURST_LENGTH, bytes);
    }

    /** 0 to 3600 seconds; the higher wish wins. */
    public Builder defaultTime2Wait(int seconds) {
      return set(Key.DEFAULT_TIME2WAIT, seconds);
    }

    /** 0 to 3600 seconds; the lower wish wins. */
    public Builder defaultTime2Retain(int seconds) {
      return set(Key.DEFAULT_TIME2RETAIN, seconds);
    }

    /** The most R2Ts of one command that are open at a time, 1 to 65535. */
    public Builder maxOutstandingR2t(int r2ts) {
      return set(Key.MAX_OUTSTANDING_R2T, r2ts);
    }

    /** Whether the data PDUs of a sequence have to come in order. */
    public Builder dataPduInOrder(boolean required) {
      return set(Key.DATA_PDU_IN_ORDER, required);
    }

    /** Whether the sequences of a command have to come in order. */
    public Builder dataSequenceInOrder(boolean required) {
      return set(Key.DATA_SEQUENCE_IN_ORDER, required);
    }

    /** The highest level that is supported, 0 to 2. */
    public Builder errorRecoveryLevel(int level) {
      return set(Key.ERROR_RECOVERY_LEVEL, level);
    }

    /**
     * The values that are supported, of {@code RFC3720}, {@code ResponseFence}, {@code FastAbort}.
     */
    public Builder taskReporting(List<String> supported) {
      return set(Key.TASK_REPORTING, List.copyOf(supported));
    }

    /** The highest level that is supported, 0 to 31: 1 for RFC 7143, 2 for RFC 7144 too. */
    public Builder iscsiProtocolLevel(int level) {
      return set(Key.ISCSI_PROTOCOL_LEVEL, level);
    }

    public OperationalOffer build() {
      return new OperationalOffer(values);
    }

    private Builder digests(Key<List<String>> key, List<String> accepted) {
      if (!List.of(CRC32C, NONE).containsAll(accepted)) {
        throw new IllegalArgumentException(
            key + " " + accepted + " has another value than " + CRC32C + " and " + NONE);
      }
      return set(key, List.copyOf(accepted));
    }

    private <T> Builder set(Key<T> key, T value) {
      try { // the key's own syntax knows what is legal
        if (!key.parse(key.format(value)).equals(value)) {
          throw new IllegalArgumentException(key + " " + value + " can't be written as text");
        }
      } catch (ProtocolException e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
      values.put(key, value);
      return this;
    }
  }
}
