package org.iscsi4j.api;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a session is offered at its login, and what it is held to afterwards. Each setting is there
 * or left to others: what a {@linkplain Target#sessionSettings target} does not say is as the
 * server has it, and what the server is not told is as {@linkplain #defaults() it is by default}. A
 * value: immutable, and equal to another that says the same.
 *
 * <pre>{@code
 * SessionSettings.builder().dataDigest(Digests.CRC32C).maxBurstLength(256 << 10).build()
 * }</pre>
 *
 * <p>Changed while a server runs, settings hold for sessions that log in from then on.
 */
public final class SessionSettings {

  /** The most commands that a session may have outstanding, see {@link Builder#queueDepth}. */
  public static final int MAX_QUEUE_DEPTH = 4096;

  /** A PDU that comes in pieces is gathered in one buffer. */
  private static final int MAX_SEGMENT = 8 << 20;

  private static final int MAX_16_BITS = (1 << 16) - 1;
  private static final int MAX_24_BITS = (1 << 24) - 1;
  private static final Duration MAX_TIME2 = Duration.ofHours(1);
  private static final Duration MAX_SILENCE = Duration.ofHours(24);

  private static final SessionSettings EMPTY = builder().build();

  private static final SessionSettings DEFAULTS =
      builder()
          .headerDigest(Digests.OPTIONAL)
          .dataDigest(Digests.OPTIONAL)
          .maxConnections(8)
          .initialR2t(false)
          .immediateData(true)
          .maxRecvDataSegmentLength(256 << 10)
          .maxBurstLength(1 << 20)
          .firstBurstLength(256 << 10)
          .maxOutstandingR2t(4)
          .defaultTime2Wait(Duration.ofSeconds(2))
          .defaultTime2Retain(Duration.ofSeconds(20))
          .dataPduInOrder(false)
          .dataSequenceInOrder(false)
          .errorRecoveryLevel(0)
          .taskReporting(TaskReporting.FAST_ABORT)
          .iscsiProtocolLevel(2)
          .queueDepth(128)
          .keepAliveInterval(Duration.ofSeconds(60))
          .keepAliveTimeout(Duration.ofSeconds(30))
          .build();

  private final Map<Setting, Object> values;

  /** What can be set; the name is that of the builder's method. */
  private enum Setting {
    HEADER_DIGEST("headerDigest"),
    DATA_DIGEST("dataDigest"),
    MAX_CONNECTIONS("maxConnections"),
    INITIAL_R2T("initialR2t"),
    IMMEDIATE_DATA("immediateData"),
    MAX_RECV_DATA_SEGMENT_LENGTH("maxRecvDataSegmentLength"),
    MAX_BURST_LENGTH("maxBurstLength"),
    FIRST_BURST_LENGTH("firstBurstLength"),
    MAX_OUTSTANDING_R2T("maxOutstandingR2t"),
    DEFAULT_TIME2_WAIT("defaultTime2Wait"),
    DEFAULT_TIME2_RETAIN("defaultTime2Retain"),
    DATA_PDU_IN_ORDER("dataPduInOrder"),
    DATA_SEQUENCE_IN_ORDER("dataSequenceInOrder"),
    ERROR_RECOVERY_LEVEL("errorRecoveryLevel"),
    TASK_REPORTING("taskReporting"),
    ISCSI_PROTOCOL_LEVEL("iscsiProtocolLevel"),
    QUEUE_DEPTH("queueDepth"),
    KEEP_ALIVE_INTERVAL("keepAliveInterval"),
    KEEP_ALIVE_TIMEOUT("keepAliveTimeout");

    private final String text;

    Setting(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private SessionSettings(Map<Setting, Object> values) {
    this.values = Collections.unmodifiableMap(new EnumMap<>(values));
  }

  /** Leaves everything to others. */
  public static SessionSettings empty() {
    return EMPTY;
  }

  /** Every setting with the value that a server has unless it is told another. */
  public static SessionSettings defaults() {
    return DEFAULTS;
  }

  /** Starts with nothing set. */
  public static Builder builder() {
    return new Builder(Map.of());
  }

  /** Starts with what is set here. */
  public Builder toBuilder() {
    return new Builder(values);
  }

  /** What is set here, and for the rest what is set there. */
  public SessionSettings or(SessionSettings others) {
    Builder both = others.toBuilder();
    both.values.putAll(values);
    return both.build();
  }

  /** See {@link Builder#headerDigest}; empty when it is left to others. */
  public Optional<Digests> headerDigest() {
    return value(Setting.HEADER_DIGEST, Digests.class);
  }

  /** See {@link Builder#dataDigest}; empty when it is left to others. */
  public Optional<Digests> dataDigest() {
    return value(Setting.DATA_DIGEST, Digests.class);
  }

  /** See {@link Builder#maxConnections}; empty when it is left to others. */
  public Optional<Integer> maxConnections() {
    return value(Setting.MAX_CONNECTIONS, Integer.class);
  }

  /** See {@link Builder#initialR2t}; empty when it is left to others. */
  public Optional<Boolean> initialR2t() {
    return value(Setting.INITIAL_R2T, Boolean.class);
  }

  /** See {@link Builder#immediateData}; empty when it is left to others. */
  public Optional<Boolean> immediateData() {
    return value(Setting.IMMEDIATE_DATA, Boolean.class);
  }

  /** See {@link Builder#maxRecvDataSegmentLength}; empty when it is left to others. */
  public Optional<Integer> maxRecvDataSegmentLength() {
    return value(Setting.MAX_RECV_DATA_SEGMENT_LENGTH, Integer.class);
  }

  /** See {@link Builder#maxBurstLength}; empty when it is left to others. */
  public Optional<Integer> maxBurstLength() {
    return value(Setting.MAX_BURST_LENGTH, Integer.class);
  }

  /** See {@link Builder#firstBurstLength}; empty when it is left to others. */
  public Optional<Integer> firstBurstLength() {
    return value(Setting.FIRST_BURST_LENGTH, Integer.class);
  }

  /** See {@link Builder#maxOutstandingR2t}; empty when it is left to others. */
  public Optional<Integer> maxOutstandingR2t() {
    return value(Setting.MAX_OUTSTANDING_R2T, Integer.class);
  }

  /** See {@link Builder#defaultTime2Wait}; empty when it is left to others. */
  public Optional<Duration> defaultTime2Wait() {
    return value(Setting.DEFAULT_TIME2_WAIT, Duration.class);
  }

  /** See {@link Builder#defaultTime2Retain}; empty when it is left to others. */
  public Optional<Duration> defaultTime2Retain() {
    return value(Setting.DEFAULT_TIME2_RETAIN, Duration.class);
  }

  /** See {@link Builder#dataPduInOrder}; empty when it is left to others. */
  public Optional<Boolean> dataPduInOrder() {
    return value(Setting.DATA_PDU_IN_ORDER, Boolean.class);
  }

  /** See {@link Builder#dataSequenceInOrder}; empty when it is left to others. */
  public Optional<Boolean> dataSequenceInOrder() {
    return value(Setting.DATA_SEQUENCE_IN_ORDER, Boolean.class);
  }

  /** See {@link Builder#errorRecoveryLevel}; empty when it is left to others. */
  public Optional<Integer> errorRecoveryLevel() {
    return value(Setting.ERROR_RECOVERY_LEVEL, Integer.class);
  }

  /** See {@link Builder#taskReporting}; empty when it is left to others. */
  public Optional<TaskReporting> taskReporting() {
    return value(Setting.TASK_REPORTING, TaskReporting.class);
  }

  /** See {@link Builder#iscsiProtocolLevel}; empty when it is left to others. */
  public Optional<Integer> iscsiProtocolLevel() {
    return value(Setting.ISCSI_PROTOCOL_LEVEL, Integer.class);
  }

  /** See {@link Builder#queueDepth}; empty when it is left to others. */
  public Optional<Integer> queueDepth() {
    return value(Setting.QUEUE_DEPTH, Integer.class);
  }

  /** See {@link Builder#keepAliveInterval}; empty when it is left to others. */
  public Optional<Duration> keepAliveInterval() {
    return value(Setting.KEEP_ALIVE_INTERVAL, Duration.class);
  }

  /** See {@link Builder#keepAliveTimeout}; empty when it is left to others. */
  public Optional<Duration> keepAliveTimeout() {
    return value(Setting.KEEP_ALIVE_TIMEOUT, Duration.class);
  }

  private <T> Optional<T> value(Setting setting, Class<T> type) {
    return Optional.ofNullable(type.cast(values.get(setting)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SessionSettings settings && values.equals(settings.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** Only what is set. */
  @Override
  public String toString() {
    return "SessionSettings" + values;
  }

  /**
   * Collects settings. A value out of its range is refused by {@link IllegalArgumentException},
   * which names setting, value and range. Not thread-safe.
   */
  public static final class Builder {

    private final Map<Setting, Object> values = new EnumMap<>(Setting.class);

    private Builder(Map<Setting, Object> values) {
      this.values.putAll(values);
    }

    /**
     * Which header digests are accepted (HeaderDigest, RFC 7143 section 13.1); {@link
     * Digests#OPTIONAL} by default.
     */
    public Builder headerDigest(Digests value) {
      return set(Setting.HEADER_DIGEST, value);
    }

    /**
     * Which data digests are accepted (DataDigest, RFC 7143 section 13.1); {@link Digests#OPTIONAL}
     * by default.
     */
    public Builder dataDigest(Digests value) {
      return set(Setting.DATA_DIGEST, value);
    }

    /**
     * Connections of one session, 1 to 65,535; 8 by default. An initiator that asks for fewer gets
     * fewer (MaxConnections, RFC 7143 section 13.2). {@link
     * org.iscsi4j.api.access.Limits#connections} bounds those of all sessions together.
     */
    public Builder maxConnections(int count) {
      return set(Setting.MAX_CONNECTIONS, within(Setting.MAX_CONNECTIONS, count, 1, MAX_16_BITS));
    }

    /**
     * Whether write data must be asked for (InitialR2T, RFC 7143 section 13.10); not by default.
     */
    public Builder initialR2t(boolean required) {
      return set(Setting.INITIAL_R2T, required);
    }

    /**
     * Whether write data may come with its command (ImmediateData, RFC 7143 section 13.11); it may
     * by default.
     */
    public Builder immediateData(boolean allowed) {
      return set(Setting.IMMEDIATE_DATA, allowed);
    }

    /**
     * The most data that an initiator may send in one PDU, 512 bytes to 8 MiB; 256 KiB by default
     * (MaxRecvDataSegmentLength, RFC 7143 section 13.12). What the initiator takes in one PDU it
     * says itself.
     */
    public Builder maxRecvDataSegmentLength(int bytes) {
      return set(
          Setting.MAX_RECV_DATA_SEGMENT_LENGTH,
          within(Setting.MAX_RECV_DATA_SEGMENT_LENGTH, bytes, 512, MAX_SEGMENT));
    }

    /**
     * The most data of one R2T or Data-In sequence, 512 to 2^24-1 bytes; 1 MiB by default
     * (MaxBurstLength, RFC 7143 section 13.13).
     */
    public Builder maxBurstLength(int bytes) {
      return set(
          Setting.MAX_BURST_LENGTH, within(Setting.MAX_BURST_LENGTH, bytes, 512, MAX_24_BITS));
    }

    /**
     * The most unsolicited data of a command, 512 to 2^24-1 bytes; 256 KiB by default
     * (FirstBurstLength, RFC 7143 section 13.14). More than {@link #maxBurstLength} is taken as
     * that.
     */
    public Builder firstBurstLength(int bytes) {
      return set(
          Setting.FIRST_BURST_LENGTH, within(Setting.FIRST_BURST_LENGTH, bytes, 512, MAX_24_BITS));
    }

    /**
     * R2Ts outstanding for one command, 1 to 65,535; 4 by default. Only one is with an initiator
     * that asks for error recovery and for {@linkplain #dataSequenceInOrder sequences in order}
     * (MaxOutstandingR2T, RFC 7143 sections 13.17 and 13.19).
     */
    public Builder maxOutstandingR2t(int count) {
      return set(
          Setting.MAX_OUTSTANDING_R2T, within(Setting.MAX_OUTSTANDING_R2T, count, 1, MAX_16_BITS));
    }

    /**
     * How long an initiator waits at least before it comes back from a lost connection, in whole
     * seconds from 0 to 3,600; 2 s by default. The longer wish of both sides holds
     * (DefaultTime2Wait, RFC 7143 section 13.15).
     */
    public Builder defaultTime2Wait(Duration time) {
      return set(Setting.DEFAULT_TIME2_WAIT, time2(Setting.DEFAULT_TIME2_WAIT, time));
    }

    /**
     * How long the commands of a lost connection are kept for an initiator that comes back, counted
     * from the end of {@link #defaultTime2Wait}, in whole seconds from 0 to 3,600; 20 s by default.
     * The shorter wish of both sides holds. Below {@linkplain #errorRecoveryLevel level 2} nothing
     * is kept, and the initiator is told 0 (DefaultTime2Retain, RFC 7143 section 13.16).
     */
    public Builder defaultTime2Retain(Duration time) {
      return set(Setting.DEFAULT_TIME2_RETAIN, time2(Setting.DEFAULT_TIME2_RETAIN, time));
    }

    /**
     * Whether the data PDUs of a sequence must come in the order of their offsets. They need not by
     * default, but do when the initiator asks for it (DataPDUInOrder, RFC 7143 section 13.18).
     */
    public Builder dataPduInOrder(boolean required) {
      return set(Setting.DATA_PDU_IN_ORDER, required);
    }

    /**
     * Whether the sequences of a command's data must come in the order of their offsets. They need
     * not by default, but do when the initiator asks for it (DataSequenceInOrder, RFC 7143 section
     * 13.19).
     */
    public Builder dataSequenceInOrder(boolean required) {
      return set(Setting.DATA_SEQUENCE_IN_ORDER, required);
    }

    /**
     * The highest level of error recovery: 0 ends the session when something goes wrong, 1 has lost
     * and damaged PDUs sent again, 2 lets commands go on over another connection when theirs is
     * lost. 0 by default, since from 1 on a copy is kept of all data that is read until the
     * initiator has it, which costs speed, and some initiators ask for all that they can have; one
     * that asks for less gets less (ErrorRecoveryLevel, RFC 7143 section 13.20).
     */
    public Builder errorRecoveryLevel(int level) {
      return set(Setting.ERROR_RECOVERY_LEVEL, within(Setting.ERROR_RECOVERY_LEVEL, level, 0, 2));
    }

    /**
     * The most that an initiator may ask for of how ended tasks are reported; {@link
     * TaskReporting#FAST_ABORT} by default (TaskReporting, RFC 7143 section 13.23).
     */
    public Builder taskReporting(TaskReporting most) {
      return set(Setting.TASK_REPORTING, most);
    }

    /**
     * The latest version of the protocol's features: 1 for those of RFC 7143, 2 for those of RFC
     * 7144 too, among them the task management functions QUERY TASK, QUERY TASK SET, I_T NEXUS
     * RESET and QUERY ASYNCHRONOUS EVENT. 2 by default; an initiator that asks for less gets less
     * (iSCSIProtocolLevel, RFC 7143 section 13.24).
     */
    public Builder iscsiProtocolLevel(int level) {
      return set(Setting.ISCSI_PROTOCOL_LEVEL, within(Setting.ISCSI_PROTOCOL_LEVEL, level, 1, 2));
    }

    /**
     * Commands outstanding in one session, 1 to 4,096; 128 by default, and 1 for one at a time. The
     * command window (MaxCmdSN) lets no more come; what comes outside of it is ignored (RFC 7143
     * section 4.2.2.1).
     */
    public Builder queueDepth(int commands) {
      return set(Setting.QUEUE_DEPTH, within(Setting.QUEUE_DEPTH, commands, 1, MAX_QUEUE_DEPTH));
    }

    /**
     * After how long a silence of a connection its initiator is asked whether it lives, up to 24 h;
     * 0 for never. 60 s by default (NOP-In, RFC 7143 section 11.19).
     */
    public Builder keepAliveInterval(Duration silence) {
      return set(
          Setting.KEEP_ALIVE_INTERVAL,
          silence(Setting.KEEP_ALIVE_INTERVAL, silence, Duration.ZERO));
    }

    /**
     * How long a connection may stay silent after that before it is ended, more than 0 and up to 24
     * h; 30 s by default.
     */
    public Builder keepAliveTimeout(Duration silence) {
      return set(
          Setting.KEEP_ALIVE_TIMEOUT,
          silence(Setting.KEEP_ALIVE_TIMEOUT, silence, Duration.ofNanos(1)));
    }

    /** The settings. */
    public SessionSettings build() {
      return new SessionSettings(values);
    }

    private Builder set(Setting setting, Object value) {
      values.put(setting, Objects.requireNonNull(value, setting.text));
      return this;
    }

    private static int within(Setting setting, int value, int least, int most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            setting + " " + value + " is not within " + least + ".." + most);
      }
      return value;
    }

    private static Duration time2(Setting setting, Duration time) {
      if (time.getNano() != 0 || time.isNegative() || time.compareTo(MAX_TIME2) > 0) {
        throw new IllegalArgumentException(
            setting + " " + time + " is not whole seconds within 0.." + MAX_TIME2.toSeconds());
      }
      return time;
    }

    private static Duration silence(Setting setting, Duration time, Duration least) {
      if (time.compareTo(least) < 0 || time.compareTo(MAX_SILENCE) > 0) {
        String range = least.isZero() ? "not within 0..24 h" : "not more than 0 and up to 24 h";
        throw new IllegalArgumentException(setting + " " + time + " is " + range);
      }
      return time;
    }
  }
}
