package org.iscsi4j.target;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.StateStore;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Limits;
import org.iscsi4j.api.access.TargetResolver;
import org.iscsi4j.api.monitor.CommandListener;
import org.iscsi4j.protocol.OperationalOffer;
import org.iscsi4j.target.limit.ServerLimits;
import org.iscsi4j.target.session.SessionLimits;

/** Collects the settings of a server. Not thread-safe. */
public final class IscsiServerBuilder {

  /** A PDU that comes in pieces is gathered in one buffer. */
  private static final int MAX_SEGMENT = 8 << 20;

  private static final Duration MAX_TIME2 = Duration.ofHours(1);

  /** The highest that is defined: RFC 7144. */
  private static final int MAX_PROTOCOL_LEVEL = 2;

  private final List<Portal> portals = new ArrayList<>();
  private final List<Target> targets = new ArrayList<>();
  private final List<ServerListener> listeners = new ArrayList<>();

  private final OperationalOffer.Builder offer =
      OperationalOffer.builder()
          .initialR2t(false)
          .immediateData(true)
          .maxRecvDataSegmentLength(256 * 1024)
          .maxBurstLength(1 << 20)
          .firstBurstLength(256 * 1024)
          .maxOutstandingR2t(4)
          .defaultTime2Wait(2)
          .defaultTime2Retain(20)
          .maxConnections(8)
          .dataPduInOrder(false)
          .dataSequenceInOrder(false)
          .errorRecoveryLevel(0)
          .taskReporting(TaskReporting.FAST_ABORT.accepted())
          .iscsiProtocolLevel(2);

  private Optional<CommandListener> commandListener = Optional.empty();
  private String name = "iscsi4j";
  private Optional<Chap> chap = Optional.empty();
  private LoginRedirect redirect = (initiator, target) -> Optional.empty();
  private Optional<Executor> executor = Optional.empty();
  private StateStore stateStore = StateStore.inMemory();
  private int eventLoops = Runtime.getRuntime().availableProcessors();
  private LoginRules.Discovering discovering =
      new LoginRules.Discovering(AccessPolicy.OPEN, Optional.empty());
  private Optional<TargetResolver> resolver = Optional.empty();
  private Duration drainTimeout = Duration.ofSeconds(10);
  private Limits limits = Limits.defaults();
  private Duration keepAliveInterval = Duration.ofSeconds(60);
  private Duration keepAliveTimeout = Duration.ofSeconds(30);
  private Duration abortTimeout = Duration.ofSeconds(10);
  private boolean reportUnitAttentions;

  IscsiServerBuilder() {}

  /** What the server's threads are named after; {@code iscsi4j} unless set. */
  public IscsiServerBuilder name(String value) {
    name = Objects.requireNonNull(value, "name");
    return this;
  }

  /** Listens there too. Without a portal it is {@link Portal#loopback()}. */
  public IscsiServerBuilder portal(Portal portal) {
    portals.add(Objects.requireNonNull(portal, "portal"));
    return this;
  }

  /**
   * Serves a target through all portals.
   *
   * @throws IllegalArgumentException when there is one of that name
   */
  public IscsiServerBuilder target(Target target) {
    IscsiName wanted = target.name();
    if (targets.stream().anyMatch(other -> other.name().equals(wanted))) {
      throw new IllegalArgumentException("target " + wanted + " stands twice");
    }
    targets.add(target);
    return this;
  }

  /** Is told what happens, as others that were given before are. */
  public IscsiServerBuilder listener(ServerListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  /** Is told of each command when it has ended, which costs every command; nobody unless set. */
  public IscsiServerBuilder commandListener(CommandListener listener) {
    commandListener = Optional.of(listener);
    return this;
  }

  /**
   * What initiators have to prove, at targets that do not {@linkplain Target#chap say themselves}
   * and at discovery; nothing unless set.
   */
  public IscsiServerBuilder chap(Chap value) {
    chap = Optional.of(value);
    return this;
  }

  /** Who may discover targets; everybody unless set, who proves what {@link #chap} demands. */
  public IscsiServerBuilder discovery(AccessPolicy access) {
    discovering = new LoginRules.Discovering(access, discovering.chap());
    return this;
  }

  /** Who may discover targets, with other proof than {@link #chap} demands. */
  public IscsiServerBuilder discovery(AccessPolicy access, Chap value) {
    discovering = new LoginRules.Discovering(access, Optional.of(value));
    return this;
  }

  /** Finds targets that were not {@linkplain #target given}; none are found unless set. */
  public IscsiServerBuilder targetResolver(TargetResolver value) {
    resolver = Optional.of(value);
    return this;
  }

  /** Sends initiators that log in elsewhere; nobody unless set. */
  public IscsiServerBuilder redirect(LoginRedirect rule) {
    redirect = Objects.requireNonNull(rule, "rule");
    return this;
  }

  /**
   * Runs what may take long there: device calls, TLS handshakes, and making ready the targets and
   * units that resolvers find. It is not shut down by the server, and must not run tasks on the
   * threads that hand them over. Unless set, the server has threads of its own, as many as calls
   * are under way.
   */
  public IscsiServerBuilder executor(Executor value) {
    executor = Optional.of(value);
    return this;
  }

  /**
   * Keeps what logical units must not forget when the server ends, such as saved mode pages and
   * persistent reservations; in memory unless set. Two servers must not share one.
   */
  public IscsiServerBuilder stateStore(StateStore value) {
    stateStore = Objects.requireNonNull(value, "stateStore");
    return this;
  }

  /** Event loops, 1 or more; one a processor unless set. */
  public IscsiServerBuilder eventLoops(int count) {
    eventLoops = positive("event loops", count);
    return this;
  }

  /**
   * How much initiators may have of the server; {@link Limits#defaults()} unless set. {@link
   * #loginTimeout}, {@link #maxConnections} and {@link #queueDepth} change one of these, so they
   * stand behind this. {@link #maxConnectionsPerSession} bounds the connections of one session.
   */
  public IscsiServerBuilder limits(Limits value) {
    limits = Objects.requireNonNull(value, "limits");
    return this;
  }

  /** Sets {@link Limits.Builder#loginTimeout}: how long a login may take; 15 s unless set. */
  public IscsiServerBuilder loginTimeout(Duration value) {
    limits = limits.toBuilder().loginTimeout(value).build();
    return this;
  }

  /**
   * How long commands under way may take when what they use is taken out of a running server, such
   * as a target or a unit; then they end with TASK ABORTED. 10 s unless set.
   */
  public IscsiServerBuilder drainTimeout(Duration value) {
    drainTimeout = positive("drain timeout", value);
    return this;
  }

  /**
   * Sets {@link Limits.Builder#connections}: connections of the whole server at once, those that
   * have not logged in included; 4,096 unless set.
   */
  public IscsiServerBuilder maxConnections(int count) {
    limits = limits.toBuilder().connections(count).build();
    return this;
  }

  /**
   * Sets {@link Limits.Builder#commandsPerSession}: commands that a session may have outstanding, 1
   * to 4,096; 128 unless set.
   */
  public IscsiServerBuilder queueDepth(int commands) {
    limits = limits.toBuilder().commandsPerSession(commands).build();
    return this;
  }

  /**
   * Asks over a connection that is silent for {@code interval} whether the initiator lives, and
   * ends the connection when it stays silent for {@code timeout}; 60 s and 30 s unless set.
   */
  public IscsiServerBuilder keepAlive(Duration interval, Duration timeout) {
    keepAliveInterval = positive("keep-alive interval", interval);
    keepAliveTimeout = positive("keep-alive timeout", timeout);
    return this;
  }

  /**
   * How long a device may hold on to a write that the initiator has aborted. Task management, or
   * the login that reinstates the session, waits for the end of such a write, because it could
   * still change the medium; after this time the function is rejected, and the login goes on. The
   * write may reach the medium later, but never after newer data for the same blocks. Data that an
   * initiator was asked for before it reset a unit is waited for a tenth of this time. 10 s unless
   * set.
   */
  public IscsiServerBuilder abortTimeout(Duration value) {
    abortTimeout = positive("abort timeout", value);
    return this;
  }

  /**
   * Whether initiators are told by an asynchronous message as soon as a unit has something to tell
   * them, such as a new capacity (RFC 7143 section 11.9); not unless set. What is told stays
   * pending for the next command. open-iscsi looks for units anew when the list of them has changed
   * (3Fh/0Eh); other initiators are not known to make use of it.
   */
  public IscsiServerBuilder reportUnitAttentions(boolean report) {
    reportUnitAttentions = report;
    return this;
  }

  /** Which header digests are accepted; optional unless set. */
  public IscsiServerBuilder headerDigest(Digests value) {
    offer.headerDigests(value.accepted());
    return this;
  }

  /** Which data digests are accepted; optional unless set. */
  public IscsiServerBuilder dataDigest(Digests value) {
    offer.dataDigests(value.accepted());
    return this;
  }

  /** Whether write data must be asked for by R2T (InitialR2T); not unless set. */
  public IscsiServerBuilder initialR2t(boolean required) {
    offer.initialR2t(required);
    return this;
  }

  /** Whether write data may come with its command (ImmediateData); it may unless set. */
  public IscsiServerBuilder immediateData(boolean allowed) {
    offer.immediateData(allowed);
    return this;
  }

  /**
   * The most data that an initiator may send in one PDU, 512 bytes to 8 MiB; 256 KiB unless set.
   */
  public IscsiServerBuilder maxRecvDataSegmentLength(int bytes) {
    if (bytes > MAX_SEGMENT) {
      throw new IllegalArgumentException(
          "maxRecvDataSegmentLength " + bytes + " exceeds " + MAX_SEGMENT + " bytes");
    }
    offer.maxRecvDataSegmentLength(bytes);
    return this;
  }

  /** The most data of one R2T or Data-In sequence, 512 to 2^24-1 bytes; 1 MiB unless set. */
  public IscsiServerBuilder maxBurstLength(int bytes) {
    offer.maxBurstLength(bytes);
    return this;
  }

  /** The most unsolicited data of a command, 512 to 2^24-1 bytes; 256 KiB unless set. */
  public IscsiServerBuilder firstBurstLength(int bytes) {
    offer.firstBurstLength(bytes);
    return this;
  }

  /**
   * R2Ts outstanding for one command, 1 to 65,535; 4 unless set. Only one is with an initiator that
   * asks for error recovery and for {@linkplain #dataSequenceInOrder sequences in order} (RFC 7143
   * section 13.19).
   */
  public IscsiServerBuilder maxOutstandingR2t(int count) {
    offer.maxOutstandingR2t(count);
    return this;
  }

  /**
   * Connections of one session, 1 to 65,535; 8 unless set. An initiator that asks for fewer gets
   * fewer. {@link #maxConnections} bounds those of all sessions together (MaxConnections, RFC 7143
   * section 13.2).
   *
   * @throws IllegalArgumentException for another number
   */
  public IscsiServerBuilder maxConnectionsPerSession(int count) {
    offer.maxConnections(count);
    return this;
  }

  /**
   * The highest level of error recovery: 0 ends the session when something goes wrong, 1 has lost
   * and damaged PDUs sent again, 2 lets commands go on over another connection when theirs is lost.
   * 0 unless set, since from 1 on a copy is kept of all data that is read until the initiator has
   * it, which costs speed, and some initiators ask for all that they can have; one that asks for
   * less gets less (ErrorRecoveryLevel, RFC 7143 section 13.20).
   *
   * @throws IllegalArgumentException unless it is 0, 1 or 2
   */
  public IscsiServerBuilder errorRecoveryLevel(int level) {
    offer.errorRecoveryLevel(level);
    return this;
  }

  /**
   * How long an initiator waits at least before it comes back from a lost connection, in whole
   * seconds from 0 to 3,600; 2 s unless set. The longer wish of both sides holds (DefaultTime2Wait,
   * RFC 7143 section 13.15).
   *
   * @throws IllegalArgumentException for another time
   */
  public IscsiServerBuilder defaultTime2Wait(Duration value) {
    offer.defaultTime2Wait(seconds("defaultTime2Wait", value));
    return this;
  }

  /**
   * How long the commands of a lost connection are kept for an initiator that comes back, counted
   * from the end of {@link #defaultTime2Wait}, in whole seconds from 0 to 3,600; 20 s unless set.
   * The shorter wish of both sides holds. Below {@linkplain #errorRecoveryLevel level 2} nothing is
   * kept, and the initiator is told 0 (DefaultTime2Retain, RFC 7143 section 13.16).
   *
   * @throws IllegalArgumentException for another time
   */
  public IscsiServerBuilder defaultTime2Retain(Duration value) {
    offer.defaultTime2Retain(seconds("defaultTime2Retain", value));
    return this;
  }

  /**
   * Whether the data PDUs of a sequence must come in the order of their offsets. They need not
   * unless set, but do when the initiator asks for it (DataPDUInOrder, RFC 7143 section 13.18).
   */
  public IscsiServerBuilder dataPduInOrder(boolean required) {
    offer.dataPduInOrder(required);
    return this;
  }

  /**
   * Whether the sequences of a command's data must come in the order of their offsets. They need
   * not unless set, but do when the initiator asks for it (DataSequenceInOrder, RFC 7143 section
   * 13.19).
   */
  public IscsiServerBuilder dataSequenceInOrder(boolean required) {
    offer.dataSequenceInOrder(required);
    return this;
  }

  /**
   * The most that an initiator may ask for of how ended tasks are reported; {@link
   * TaskReporting#FAST_ABORT} unless set (TaskReporting, RFC 7143 section 13.23).
   */
  public IscsiServerBuilder taskReporting(TaskReporting most) {
    offer.taskReporting(most.accepted());
    return this;
  }

  /**
   * The latest version of the protocol's features: 1 for those of RFC 7143, 2 for those of RFC 7144
   * too, among them the task management functions QUERY TASK, QUERY TASK SET, I_T NEXUS RESET and
   * QUERY ASYNCHRONOUS EVENT. 2 unless set; an initiator that asks for less gets less
   * (iSCSIProtocolLevel, RFC 7143 section 13.24).
   *
   * @throws IllegalArgumentException unless it is 1 or 2
   */
  public IscsiServerBuilder iscsiProtocolLevel(int level) {
    if (level < 1 || level > MAX_PROTOCOL_LEVEL) {
      throw new IllegalArgumentException(
          "iscsiProtocolLevel " + level + " is not within 1.." + MAX_PROTOCOL_LEVEL);
    }
    offer.iscsiProtocolLevel(level);
    return this;
  }

  /**
   * Starts a server. When this returns, it listens.
   *
   * @throws IOException when a portal can't be bound, naming it; nothing is left open then
   */
  public IscsiServer start() throws IOException {
    return new IscsiServer(new ServerCore(settings()));
  }

  private ServerSettings settings() {
    SessionLimits ofSessions =
        new SessionLimits(
            new ServerLimits(limits),
            keepAliveInterval.toNanos(),
            keepAliveTimeout.toNanos(),
            abortTimeout.toNanos(),
            reportUnitAttentions);
    return new ServerSettings(
        name,
        portals.isEmpty() ? List.of(Portal.loopback()) : List.copyOf(portals),
        List.copyOf(targets),
        List.copyOf(listeners),
        commandListener,
        chap,
        discovering,
        resolver,
        redirect,
        executor,
        stateStore,
        eventLoops,
        drainTimeout,
        ofSessions,
        offer.build());
  }

  private static int seconds(String what, Duration value) {
    if (value.getNano() != 0 || value.isNegative() || value.compareTo(MAX_TIME2) > 0) {
      throw new IllegalArgumentException(
          what + " " + value + " is not whole seconds within 0.." + MAX_TIME2.toSeconds());
    }
    return (int) value.toSeconds();
  }

  private static int positive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " " + value + " is less than 1");
    }
    return value;
  }

  static Duration positive(String what, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(what + " " + value + " is not positive");
    }
    return value;
  }
}
