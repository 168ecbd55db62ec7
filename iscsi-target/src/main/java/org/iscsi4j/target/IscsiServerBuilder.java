package org.iscsi4j.target;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.iscsi4j.api.Digests;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionSettings;
import org.iscsi4j.api.StateStore;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.TaskReporting;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Limits;
import org.iscsi4j.api.access.TargetResolver;
import org.iscsi4j.api.monitor.CommandListener;

/** Collects the settings of a server. Not thread-safe. */
public final class IscsiServerBuilder {

  private final List<Portal> portals = new ArrayList<>();
  private final Map<IscsiName, Target> targets = new LinkedHashMap<>();
  private final List<ServerListener> listeners = new ArrayList<>();

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
  private SessionSettings.Builder sessions = SessionSettings.builder();
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
    if (targets.putIfAbsent(target.name(), target) != null) {
      throw new IllegalArgumentException("target " + target.name() + " stands twice");
    }
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
   * #loginTimeout} and {@link #maxConnections} change one of these, so they stand behind this.
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

  // ---- what sessions are offered and held to

  /**
   * What sessions are offered and held to, unless their target {@linkplain Target#sessionSettings
   * says otherwise}; {@link SessionSettings#defaults()} for what is not set. The methods below set
   * one of these each, so they stand behind this.
   */
  public IscsiServerBuilder sessionSettings(SessionSettings value) {
    sessions = value.toBuilder();
    return this;
  }

  /** Sets {@link SessionSettings.Builder#headerDigest}. */
  public IscsiServerBuilder headerDigest(Digests value) {
    sessions.headerDigest(value);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#dataDigest}. */
  public IscsiServerBuilder dataDigest(Digests value) {
    sessions.dataDigest(value);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#initialR2t}. */
  public IscsiServerBuilder initialR2t(boolean required) {
    sessions.initialR2t(required);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#immediateData}. */
  public IscsiServerBuilder immediateData(boolean allowed) {
    sessions.immediateData(allowed);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#maxRecvDataSegmentLength}. */
  public IscsiServerBuilder maxRecvDataSegmentLength(int bytes) {
    sessions.maxRecvDataSegmentLength(bytes);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#maxBurstLength}. */
  public IscsiServerBuilder maxBurstLength(int bytes) {
    sessions.maxBurstLength(bytes);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#firstBurstLength}. */
  public IscsiServerBuilder firstBurstLength(int bytes) {
    sessions.firstBurstLength(bytes);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#maxOutstandingR2t}. */
  public IscsiServerBuilder maxOutstandingR2t(int count) {
    sessions.maxOutstandingR2t(count);
    return this;
  }

  /**
   * Sets {@link SessionSettings.Builder#maxConnections}. {@link #maxConnections} bounds those of
   * all sessions together.
   */
  public IscsiServerBuilder maxConnectionsPerSession(int count) {
    sessions.maxConnections(count);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#errorRecoveryLevel}. */
  public IscsiServerBuilder errorRecoveryLevel(int level) {
    sessions.errorRecoveryLevel(level);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#defaultTime2Wait}. */
  public IscsiServerBuilder defaultTime2Wait(Duration time) {
    sessions.defaultTime2Wait(time);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#defaultTime2Retain}. */
  public IscsiServerBuilder defaultTime2Retain(Duration time) {
    sessions.defaultTime2Retain(time);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#dataPduInOrder}. */
  public IscsiServerBuilder dataPduInOrder(boolean required) {
    sessions.dataPduInOrder(required);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#dataSequenceInOrder}. */
  public IscsiServerBuilder dataSequenceInOrder(boolean required) {
    sessions.dataSequenceInOrder(required);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#taskReporting}. */
  public IscsiServerBuilder taskReporting(TaskReporting most) {
    sessions.taskReporting(most);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#iscsiProtocolLevel}. */
  public IscsiServerBuilder iscsiProtocolLevel(int level) {
    sessions.iscsiProtocolLevel(level);
    return this;
  }

  /** Sets {@link SessionSettings.Builder#queueDepth}. */
  public IscsiServerBuilder queueDepth(int commands) {
    sessions.queueDepth(commands);
    return this;
  }

  /**
   * Sets {@link SessionSettings.Builder#keepAliveInterval} and {@link
   * SessionSettings.Builder#keepAliveTimeout}.
   */
  public IscsiServerBuilder keepAlive(Duration interval, Duration timeout) {
    sessions.keepAliveInterval(interval).keepAliveTimeout(timeout);
    return this;
  }

  // ---- start

  /**
   * Starts a server. When this returns, it listens.
   *
   * @throws IOException when a portal can't be bound, naming it; nothing is left open then
   */
  public IscsiServer start() throws IOException {
    return new IscsiServer(new ServerCore(settings()));
  }

  private ServerSettings settings() {
    return new ServerSettings(
        name,
        portals.isEmpty() ? List.of(Portal.loopback()) : List.copyOf(portals),
        List.copyOf(targets.values()),
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
        limits,
        sessions.build(),
        abortTimeout,
        reportUnitAttentions);
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
