package org.iscsi4j.api.access;

import java.time.Duration;
import org.iscsi4j.api.SessionSettings;

/**
 * How much of a server its peers may have: what an initiator costs stays bounded, whoever it is. A
 * value; {@link #defaults()} serves a disk to a few hundred hosts, and {@link #toBuilder()} changes
 * what is different elsewhere.
 *
 * <pre>{@code
 * Limits.builder().sessionsPerInitiator(4).transferBytes(1L << 30).build()
 * }</pre>
 *
 * <p>An <em>address</em> is an IPv4 address, or the 64-bit prefix of an IPv6 address, within which
 * a host chooses freely.
 *
 * <p>Changed while a server runs, limits hold for what comes from then on: to lower one ends
 * nothing that exists. The limit of one session, {@link #transferBytesPerSession}, holds for
 * sessions that begin afterwards. How many commands and connections one session may have is said by
 * {@link SessionSettings}.
 *
 * @param sessions see {@link Builder#sessions}
 * @param sessionsPerTarget see {@link Builder#sessionsPerTarget}
 * @param sessionsPerInitiator see {@link Builder#sessionsPerInitiator}
 * @param sessionsPerAddress see {@link Builder#sessionsPerAddress}
 * @param connections see {@link Builder#connections}
 * @param connectionsPerAddress see {@link Builder#connectionsPerAddress}
 * @param logins see {@link Builder#logins}
 * @param loginsPerAddress see {@link Builder#loginsPerAddress}
 * @param loginTimeout see {@link Builder#loginTimeout}
 * @param authenticationFailures see {@link Builder#authenticationFailures}
 * @param authenticationPeriod see {@link Builder#authenticationFailures}
 * @param commands see {@link Builder#commands}
 * @param transferBytes see {@link Builder#transferBytes}
 * @param transferBytesPerSession see {@link Builder#transferBytesPerSession}
 * @param heldBytes see {@link Builder#heldBytes}
 * @param recoveryBytes see {@link Builder#recoveryBytes}
 */
public record Limits(
    int sessions,
    int sessionsPerTarget,
    int sessionsPerInitiator,
    int sessionsPerAddress,
    int connections,
    int connectionsPerAddress,
    int logins,
    int loginsPerAddress,
    Duration loginTimeout,
    int authenticationFailures,
    Duration authenticationPeriod,
    int commands,
    long transferBytes,
    long transferBytesPerSession,
    long heldBytes,
    long recoveryBytes) {

  /** Handles of sessions are 16-bit numbers other than 0. */
  private static final int MAX_SESSIONS = 0xffff;

  private static final int MAX_COUNT = Integer.MAX_VALUE;
  private static final long MAX_BYTES = Long.MAX_VALUE / 2; // sums of it don't overflow
  private static final Duration MAX_TIME = Duration.ofDays(1);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException for a value out of its range, naming both
   */
  public Limits {
    within("sessions", sessions, MAX_SESSIONS);
    within("sessionsPerTarget", sessionsPerTarget, MAX_SESSIONS);
    within("sessionsPerInitiator", sessionsPerInitiator, MAX_SESSIONS);
    within("sessionsPerAddress", sessionsPerAddress, MAX_SESSIONS);
    within("connections", connections, MAX_COUNT);
    within("connectionsPerAddress", connectionsPerAddress, MAX_COUNT);
    within("logins", logins, MAX_COUNT);
    within("loginsPerAddress", loginsPerAddress, MAX_COUNT);
    within("loginTimeout", loginTimeout);
    within("authenticationFailures", authenticationFailures, MAX_COUNT);
    within("authenticationPeriod", authenticationPeriod);
    within("commands", commands, MAX_COUNT);
    within("transferBytes", transferBytes, MAX_BYTES);
    within("transferBytesPerSession", transferBytesPerSession, MAX_BYTES);
    within("heldBytes", heldBytes, MAX_BYTES);
    within("recoveryBytes", recoveryBytes, MAX_BYTES);
  }

  private static void within(String what, long value, long most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException(what + " " + value + " is not within 1.." + most);
    }
  }

  private static void within(String what, Duration value) {
    if (value.isNegative() || value.isZero() || value.compareTo(MAX_TIME) > 0) {
      throw new IllegalArgumentException(
          what + " " + value + " is not more than 0 and at most " + MAX_TIME.toHours() + " h");
    }
  }

  /** Every default. */
  public static Limits defaults() {
    return builder().build();
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts with these limits. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Collects limits. Not thread-safe. */
  public static final class Builder {

    private static final long HEAP = Runtime.getRuntime().maxMemory();

    /** What the heap should have for each command that may be outstanding. */
    private static final int BYTES_PER_COMMAND = 16 << 10;

    private static final int FEWEST_COMMANDS = 1024;

    private int sessions = 4096;
    private int sessionsPerTarget = 2048;
    private int sessionsPerInitiator = 1024;
    private int sessionsPerAddress = 1024;
    private int connections = 4096;
    private int connectionsPerAddress = 1024;
    private int logins = 1024;
    private int loginsPerAddress = 128;
    private Duration loginTimeout = Duration.ofSeconds(15);
    private int authenticationFailures = 20;
    private Duration authenticationPeriod = Duration.ofMinutes(1);
    private int commands =
        (int) Math.min(MAX_COUNT, Math.max(FEWEST_COMMANDS, HEAP / BYTES_PER_COMMAND));
    private long transferBytes = HEAP / 4;
    private long transferBytesPerSession = 64L << 20;
    private long heldBytes = HEAP / 8;
    private long recoveryBytes = HEAP / 8;

    private Builder() {}

    private Builder(Limits from) {
      sessions = from.sessions;
      sessionsPerTarget = from.sessionsPerTarget;
      sessionsPerInitiator = from.sessionsPerInitiator;
      sessionsPerAddress = from.sessionsPerAddress;
      connections = from.connections;
      connectionsPerAddress = from.connectionsPerAddress;
      logins = from.logins;
      loginsPerAddress = from.loginsPerAddress;
      loginTimeout = from.loginTimeout;
      authenticationFailures = from.authenticationFailures;
      authenticationPeriod = from.authenticationPeriod;
      commands = from.commands;
      transferBytes = from.transferBytes;
      transferBytesPerSession = from.transferBytesPerSession;
      heldBytes = from.heldBytes;
      recoveryBytes = from.recoveryBytes;
    }

    // ---- sessions

    /**
     * Sessions of the whole server, discovery included, 1 to 65,535; 4,096 unless set. One more is
     * refused by login status 0302h (out of resources), after which initiators try again. A session
     * that reinstates another stands in its place and counts once, here and below.
     */
    public Builder sessions(int count) {
      sessions = count;
      return this;
    }

    /**
     * Sessions of one target, 1 to 65,535; 2,048 unless set, so that no target takes all. One more
     * is refused by login status 0302h (out of resources).
     */
    public Builder sessionsPerTarget(int count) {
      sessionsPerTarget = count;
      return this;
    }

    /**
     * Sessions of one initiator name with all targets, discovery included, 1 to 65,535; 1,024
     * unless set. One more is refused by login status 0206h (too many connections), which
     * initiators take as their own doing.
     */
    public Builder sessionsPerInitiator(int count) {
      sessionsPerInitiator = count;
      return this;
    }

    /**
     * Sessions of one address, whatever their names, 1 to 65,535; 1,024 unless set. One more is
     * refused by login status 0302h (out of resources): others behind the address may be who took
     * them.
     */
    public Builder sessionsPerAddress(int count) {
      sessionsPerAddress = count;
      return this;
    }

    // ---- connections

    /**
     * TCP connections of the whole server, those that have not logged in included, 1 or more; 4,096
     * unless set. One more is closed at once. As many more may be lost and wait to be recovered at
     * ErrorRecoveryLevel 2.
     */
    public Builder connections(int count) {
      connections = count;
      return this;
    }

    /** TCP connections of one address, 1 or more; 1,024 unless set. One more is closed at once. */
    public Builder connectionsPerAddress(int count) {
      connectionsPerAddress = count;
      return this;
    }

    /**
     * Connections of the whole server that have not logged in yet, 1 or more; 1,024 unless set. One
     * more is closed at once. An address has no more of them than are left for others, so that
     * somebody who is there for the first time finds room however many a few others hold: one
     * address alone gets half. Each costs less than 128 KiB: 16 KiB each of what came in part, what
     * goes out and the text of a request, and that text once more as keys.
     */
    public Builder logins(int count) {
      logins = count;
      return this;
    }

    /**
     * Connections of one address that have not logged in yet, 1 or more; 128 unless set. One more
     * is closed at once.
     */
    public Builder loginsPerAddress(int count) {
      loginsPerAddress = count;
      return this;
    }

    /**
     * How long a login may take, more than 0 and at most 24 h; 15 s unless set. Then the connection
     * is closed. It may take 64 requests with 64 KiB of text, whatever is set.
     */
    public Builder loginTimeout(Duration time) {
      loginTimeout = time;
      return this;
    }

    /**
     * Wrong proofs of identity (CHAP) that an address may give at once, 1 or more, and the time in
     * which it is forgiven as many, more than 0 and at most 24 h; 20 and a minute unless set. After
     * that its tries are refused by login status 0301h (service unavailable), right or wrong. A
     * right one forgives nothing: whoever has one secret could try others' for ever.
     */
    public Builder authenticationFailures(int count, Duration period) {
      authenticationFailures = count;
      authenticationPeriod = period;
      return this;
    }

    // ---- commands and memory

    /**
     * Commands outstanding in all sessions together, besides the first 8 of each session, 1 or
     * more; one for each 16 KiB of the greatest size of the heap unless set. When few are left,
     * command windows (MaxCmdSN) stop growing; a command that comes nevertheless ends with TASK SET
     * FULL.
     */
    public Builder commands(int count) {
      commands = count;
      return this;
    }

    /**
     * Bytes of data that the transfers of all sessions together hold in direct buffers, 1 or more;
     * a quarter of the greatest size of the heap unless set, which is also that of direct memory
     * unless {@code -XX:MaxDirectMemorySize} says otherwise. Buffers come in powers of two, so that
     * up to twice as much is taken. When it is used up, data of writes is not asked for (R2T) and
     * reads are not begun until others have ended, and a write that brings its data unasked ends
     * with TASK SET FULL. Every session may have one transfer a unit nevertheless: whoever hangs
     * holds up nobody else.
     */
    public Builder transferBytes(long bytes) {
      transferBytes = bytes;
      return this;
    }

    /**
     * Bytes of data that the transfers of one session hold in buffers, 1 or more; 64 MiB unless
     * set. One unit has half of them. Transfers beyond that wait.
     */
    public Builder transferBytesPerSession(long bytes) {
      transferBytesPerSession = bytes;
      return this;
    }

    /**
     * Bytes of requests of all sessions that came before their turn, because those before them take
     * another connection or were lost, 1 or more; an eighth of the greatest size of the heap unless
     * set. Of a command beyond that the data is thrown away, and it ends with TASK SET FULL in its
     * turn.
     */
    public Builder heldBytes(long bytes) {
      heldBytes = bytes;
      return this;
    }

    /**
     * Bytes that are kept in all to be sent again at ErrorRecoveryLevel 1 and 2, 1 or more; an
     * eighth of the greatest size of the heap unless set. A connection keeps 8 MiB. Beyond that the
     * oldest is let go, and a SNACK for it is rejected.
     */
    public Builder recoveryBytes(long bytes) {
      recoveryBytes = bytes;
      return this;
    }

    /**
     * The limits.
     *
     * @throws IllegalArgumentException for a value out of its range, naming both
     */
    public Limits build() {
      return new Limits(
          sessions,
          sessionsPerTarget,
          sessionsPerInitiator,
          sessionsPerAddress,
          connections,
          connectionsPerAddress,
          logins,
          loginsPerAddress,
          loginTimeout,
          authenticationFailures,
          authenticationPeriod,
          commands,
          transferBytes,
          transferBytesPerSession,
          heldBytes,
          recoveryBytes);
    }
  }
}
