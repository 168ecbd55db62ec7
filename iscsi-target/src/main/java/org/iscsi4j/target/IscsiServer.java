package org.iscsi4j.target;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.iscsi4j.api.AccessState;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.RateLimit;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.StateStore;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.api.access.Limits;
import org.iscsi4j.api.access.TargetResolver;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.protocol.OperationalOffer;
import org.iscsi4j.target.limit.ServerLimits;
import org.iscsi4j.target.session.SessionLimits;

/**
 * An iSCSI server inside this program: portals that listen, and targets behind them.
 *
 * <pre>{@code
 * try (IscsiServer server =
 *     IscsiServer.builder()
 *         .target(Target.builder("iqn.2026-11.org.example:disk").lun(device).build())
 *         .start()) {
 *   System.out.println(server.uris());
 *   ...
 * }
 * }</pre>
 *
 * <p>Every method may be called from any thread. Servers share nothing; any number run in one
 * program.
 */
public final class IscsiServer implements AutoCloseable {

  /** How long {@link #close()} lets commands drain. */
  public static final Duration DRAIN = Duration.ofSeconds(5);

  /** As much as an asynchronous message can tell. */
  private static final Duration MAX_LOGOUT_TIME = Duration.ofSeconds(0xffff);

  private final ServerCore core;

  private IscsiServer(ServerCore core) {
    this.core = core;
  }

  /** Starts without targets, on a loopback portal of a port that the system chooses. */
  public static Builder builder() {
    return new Builder();
  }

  /** The portals with the ports that they really listen on, in the order given to the builder. */
  public List<Portal> portals() {
    return core.portals();
  }

  /** The targets. */
  public List<Target> targets() {
    return core.targets();
  }

  /**
   * Where clients find the units: {@code iscsi://HOST:PORT/TARGET/LUN} of every portal and unit,
   * with percent signs for what a URI may not hold. A portal that listens on every address stands
   * under its advertised or the loopback one.
   */
  public List<String> uris() {
    return core.uris();
  }

  // ---- targets and their units

  /**
   * Serves another target from now on.
   *
   * @throws IllegalArgumentException when there is one of that name
   */
  public void addTarget(Target target) {
    core.catalogue().add(target);
  }

  /**
   * Describes a target anew: its units, who sees which of them, who may log in and how. Sessions
   * that may stay see the new units, and their initiators are told that the list has changed
   * (REPORTED LUNS DATA HAS CHANGED); the others end as with {@link #removeTarget}. A unit that is
   * the same object stays as it is, with all that initiators do and hold there; what one has proved
   * at its login is not asked again.
   *
   * @param target takes the place of the one of the same name
   * @return completed when nobody uses what is not described any more, at the latest after the
   *     {@linkplain Builder#drainTimeout drain time} and as long again: with true, or with false
   *     when a device still holds on to a call; never exceptionally
   * @throws IllegalArgumentException when there is none of that name
   */
  public CompletableFuture<Boolean> replaceTarget(Target target) {
    return changeTarget(target.name(), before -> target);
  }

  /**
   * As {@link #replaceTarget}, from what is there: two such changes at once do not undo each other.
   *
   * @param change is given the description of now and returns the next, of the same name
   */
  public CompletableFuture<Boolean> changeTarget(IscsiName name, UnaryOperator<Target> change) {
    return core.catalogue().change(name, change);
  }

  /**
   * Serves a target no more. Its sessions take no new commands, those under way end, and the
   * initiators are told that their sessions are dropped.
   *
   * @return as of {@link #replaceTarget}
   * @throws IllegalArgumentException when there is no such target
   */
  public CompletableFuture<Boolean> removeTarget(IscsiName name) {
    return core.catalogue().remove(name);
  }

  /**
   * Adds a unit to a target, for all who see its {@linkplain Target#logicalUnits units}.
   *
   * @param lun 0 to {@link Target#MAX_LUN}
   * @throws IllegalArgumentException when there is no such target, or the number is taken
   */
  public void addLun(IscsiName target, int lun, LogicalUnit unit) {
    changeTarget(target, before -> before.toBuilder().lun(lun, unit).build());
  }

  /**
   * Puts a unit in the place of another. Commands that the old one has go on there; initiators are
   * told that there is another one now.
   *
   * @return as of {@link #replaceTarget}
   * @throws IllegalArgumentException when there is no such target, or no such unit
   */
  public CompletableFuture<Boolean> replaceLun(IscsiName target, int lun, LogicalUnit unit) {
    return changeTarget(target, before -> before.toBuilder().replaceLun(lun, unit).build());
  }

  /**
   * Takes a unit out of a target, and out of the LUN maps for its initiators.
   *
   * @return as of {@link #replaceTarget}; then its device may be closed
   * @throws IllegalArgumentException when there is no such target, or no such unit
   */
  public CompletableFuture<Boolean> removeLun(IscsiName target, int lun) {
    return changeTarget(target, before -> before.toBuilder().withoutLun(lun).build());
  }

  // ---- portals

  /**
   * Listens there too, from when this returns.
   *
   * @return the portal with the port that was really bound
   * @throws IOException when it can't be bound
   */
  public Portal addPortal(Portal portal) throws IOException {
    return core.openPortals().open(List.of(portal)).get(0);
  }

  /**
   * Listens there no more. Connections that came in there go on; see {@link #removePortalGroup}.
   *
   * @param portal one of {@link #portals()}
   * @return completed when connections are refused there, never exceptionally
   * @throws IllegalArgumentException when it is none of them
   */
  public CompletableFuture<Void> removePortal(Portal portal) {
    return core.openPortals()
        .close(portal::equals)
        .orElseThrow(() -> new IllegalArgumentException("there is no portal " + portal));
  }

  /**
   * Closes the portals of a group, and ends the sessions that came in there as {@link
   * #removeTarget} does.
   *
   * @return as of {@link #replaceTarget}
   * @throws IllegalArgumentException when there is no such group
   */
  public CompletableFuture<Boolean> removePortalGroup(int portalGroup) {
    return core.removeGroup(portalGroup);
  }

  // ---- logins

  /**
   * Demands other proof from the next login on, of those who log in to targets that do not say
   * themselves, and to discovery; empty for none. Sessions that are open stay.
   */
  public void changeChap(Optional<Chap> chap) {
    core.rules().chap(chap);
  }

  /**
   * Lets others discover targets from the next login on.
   *
   * @param chap how they prove who they are; empty when they do as everywhere
   */
  public void changeDiscovery(AccessPolicy access, Optional<Chap> chap) {
    core.rules().discovering(new LoginRules.Discovering(access, chap));
  }

  /** Sends initiators elsewhere by another rule from the next login on. */
  public void changeRedirect(LoginRedirect rule) {
    core.rules().redirect(Objects.requireNonNull(rule, "rule"));
  }

  // ---- sessions

  /** What the server holds at this moment; for tests. */
  ServerCore.Usage usage() {
    return core.usage();
  }

  /** The sessions at this moment. */
  public List<SessionInfo> sessions() {
    return core.sessions();
  }

  /**
   * Asks an initiator to log a session out, such as before maintenance (RFC 7143 section 11.9):
   * well-behaved ones finish what they do, log out, and come back. Commands go on meanwhile; a
   * session that has not ended in time is dropped. Discovery sessions are dropped at once.
   *
   * @param session one of {@link #sessions()}; nothing happens when it has ended already
   * @param time how long the initiator has, more than 0; it is told in whole seconds, rounded up.
   *     More than 65,535 s is taken as that
   * @return completed on a thread of the server when the session has ended and none of its commands
   *     can change a logical unit any more, never exceptionally
   */
  public CompletableFuture<Void> requestLogout(SessionInfo session, Duration time) {
    return core.operations()
        .requestLogout(Objects.requireNonNull(session, "session"), logoutTime(time));
  }

  private static Duration logoutTime(Duration time) {
    Duration wanted = Builder.positive("logout time", time);
    return wanted.compareTo(MAX_LOGOUT_TIME) > 0 ? MAX_LOGOUT_TIME : wanted;
  }

  /**
   * Sends initiators to another address, such as before maintenance: new logins that a rule
   * concerns are redirected at once, see {@link LoginRedirect}, and those that have sessions are
   * asked to log them out, as by {@link #requestLogout}; they come back, and are redirected then.
   * Others notice nothing. Goes before the {@linkplain #changeRedirect rule of the server}, until
   * the relocation is closed:
   *
   * <pre>{@code
   * try (Relocation away =
   *     server.moveAway(
   *         (initiator, target) -> Optional.of(Redirect.temporarilyTo("10.0.0.2:3260")),
   *         Duration.ofSeconds(30))) {
   *   away.moved().join();
   *   ...
   * }
   * }</pre>
   *
   * @param rule where an initiator of a target shall go; empty when it stays. A session whose
   *     initiator it throws for stays
   * @param time how long each initiator has to log out, as of {@link #requestLogout}
   */
  public Relocation moveAway(LoginRedirect rule, Duration time) {
    return core.operations().moveAway(Objects.requireNonNull(rule, "rule"), logoutTime(time));
  }

  /**
   * Ends a session: the initiator is told that it is dropped (RFC 7143 section 11.9.1), and its
   * commands end without an answer. It may log in again at once; access rules keep it out.
   *
   * @param session one of {@link #sessions()}; nothing happens when it has ended already
   * @return completed on a thread of the server when the session has ended and none of its commands
   *     can change a logical unit any more, or a device has held on to one for the {@linkplain
   *     Builder#abortTimeout abort timeout}; never exceptionally
   */
  public CompletableFuture<Void> endSession(SessionInfo session) {
    return core.operations().end(Objects.requireNonNull(session, "session"));
  }

  /**
   * Ends a connection of a session: the initiator is told that it is dropped, and how long it may
   * take to bring the commands back (Time2Wait and Time2Retain, RFC 7143 section 11.9.1). At
   * ErrorRecoveryLevel 2 they go on and wait until then to be reassigned to another connection; at
   * level 1 they end. At level 0, where a session can't do without a connection, and with the last
   * connection of a session below level 2, the session ends as by {@link #endSession}.
   *
   * @param session one of {@link #sessions()}; nothing happens when it has ended already
   * @param cid the connection, see {@link org.iscsi4j.api.monitor.ConnectionInfo#cid}; nothing
   *     happens when the session has none of that number
   * @return completed on a thread of the server when the connection is closed and its commands
   *     can't change a logical unit any more, or wait to be reassigned, or a device has held on to
   *     one for the {@linkplain Builder#abortTimeout abort timeout}; never exceptionally
   */
  public CompletableFuture<Void> endConnection(SessionInfo session, int cid) {
    return core.operations().endConnection(Objects.requireNonNull(session, "session"), cid);
  }

  /**
   * The server as it stands: its sessions with their connections and outstanding commands. Holds up
   * no command, and waits for no device.
   *
   * @return completed on a thread of the server, never exceptionally; after 2 s with what is known
   *     when a thread of the server does not answer, such as when it has been closed
   */
  public CompletableFuture<ServerSnapshot> snapshot() {
    return core.snapshot();
  }

  /**
   * Limits what all initiators together do to a logical unit, from now on. Commands that read or
   * write its medium wait, in the order in which they came; what waits already is let go as soon as
   * the new limit allows it. Other units, and commands that move no data, are not slowed. Callable
   * from any thread.
   *
   * @param unit one that the server serves
   */
  public void limitUnit(LogicalUnit unit, RateLimit limit) {
    core.limitUnit(Objects.requireNonNull(unit, "unit"), Objects.requireNonNull(limit, "limit"));
  }

  /**
   * Limits what each initiator of a group does, over all of its sessions and units, from now on:
   * sessions that are there included. The groups are asked in the order in which they were first
   * given here, and the first that an initiator belongs to decides. What waits is let go as soon as
   * the new limit allows it. Callable from any thread.
   *
   * @param group the very object, when its limit is to be changed
   * @param limit {@link RateLimit#NONE} forgets the group
   */
  public void limitInitiators(InitiatorGroup group, RateLimit limit) {
    core.initiatorLimits()
        .limit(Objects.requireNonNull(group, "group"), Objects.requireNonNull(limit, "limit"));
  }

  /**
   * How well every logical unit can be reached through the portals of a group at this moment.
   *
   * @param portalGroup the group tag of one of the {@link #portals()}
   */
  public AccessState accessState(int portalGroup) {
    return core.groups().state(portalGroup);
  }

  /**
   * Changes how well every logical unit can be reached through the portals of a group, for clients
   * with several paths (ALUA): from the next command on, those that the state excludes are refused.
   * Initiators are told, and use the groups that are in the best state. When the change takes time,
   * go through {@link AccessState#TRANSITIONING}; coming back from there to the state of before
   * tells them that it failed. States are {@link AccessState#ACTIVE_OPTIMIZED} when a server
   * starts, and initiators may change them too, see {@link ServerListener#accessStateChanged}.
   *
   * @param portalGroup the group tag of one of the {@link #portals()}
   */
  public void changeAccessState(int portalGroup, AccessState state) {
    core.groups().change(portalGroup, Objects.requireNonNull(state, "state"));
  }

  /**
   * Says whether initiators should prefer a portal group to others in the same state; none is
   * preferred when a server starts.
   *
   * @param portalGroup the group tag of one of the {@link #portals()}
   */
  public void preferPortalGroup(int portalGroup, boolean preferred) {
    core.groups().prefer(portalGroup, preferred);
  }

  /** How much initiators may have of the server at this moment. */
  public Limits limits() {
    return core.limits().current();
  }

  /**
   * Changes how much initiators may have of the server, from now on: to lower a limit ends nothing
   * that exists, and refuses what comes.
   */
  public void changeLimits(Limits limits) {
    core.limits().change(Objects.requireNonNull(limits, "limits"));
  }

  /** As {@link #close(Duration)} with {@link #DRAIN}. */
  @Override
  public void close() {
    close(DRAIN);
  }

  /**
   * Stops listening, lets outstanding commands end for so long, cuts what is left, and ends the
   * threads. Returns when all that is done, at the latest a second after {@code drain}; a device
   * that still hangs then is left behind. Devices stay open: they belong to whoever opened them.
   * Idempotent. Called on a thread of the server itself, from a listener, it does not wait for that
   * thread.
   */
  public void close(Duration drain) {
    core.close(drain);
  }

  /** Collects the settings of a server. Not thread-safe. */
  public static final class Builder {

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

    private Builder() {}

    /** What the server's threads are named after; {@code iscsi4j} unless set. */
    public Builder name(String value) {
      name = Objects.requireNonNull(value, "name");
      return this;
    }

    /** Listens there too. Without a portal it is {@link Portal#loopback()}. */
    public Builder portal(Portal portal) {
      portals.add(Objects.requireNonNull(portal, "portal"));
      return this;
    }

    /** Serves a target through all portals. Names must differ. */
    public Builder target(Target target) {
      IscsiName wanted = target.name();
      if (targets.stream().anyMatch(other -> other.name().equals(wanted))) {
        throw new IllegalArgumentException("target " + wanted + " stands twice");
      }
      targets.add(target);
      return this;
    }

    /** Tells what happens. */
    public Builder listener(ServerListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * What initiators have to prove, at targets that do not {@linkplain Target#chap say themselves}
     * and at discovery; nothing unless set.
     */
    public Builder chap(Chap value) {
      chap = Optional.of(value);
      return this;
    }

    /** Who may discover targets; everybody unless set, who proves what {@link #chap} demands. */
    public Builder discovery(AccessPolicy access) {
      discovering = new LoginRules.Discovering(access, discovering.chap());
      return this;
    }

    /** Who may discover targets, with other proof than {@link #chap} demands. */
    public Builder discovery(AccessPolicy access, Chap value) {
      discovering = new LoginRules.Discovering(access, Optional.of(value));
      return this;
    }

    /** Finds targets that were not {@linkplain #target given}; none are found unless set. */
    public Builder targetResolver(TargetResolver value) {
      resolver = Optional.of(value);
      return this;
    }

    /** Sends initiators that log in elsewhere; nobody unless set. */
    public Builder redirect(LoginRedirect rule) {
      redirect = Objects.requireNonNull(rule, "rule");
      return this;
    }

    /**
     * Runs device calls that may take long there. It is not shut down by the server. Unless set,
     * the server has threads of its own, as many as calls are under way.
     */
    public Builder executor(Executor value) {
      executor = Optional.of(value);
      return this;
    }

    /**
     * Keeps what logical units must not forget when the server ends, such as saved mode pages and
     * persistent reservations; in memory unless set. Two servers must not share one.
     */
    public Builder stateStore(StateStore value) {
      stateStore = Objects.requireNonNull(value, "stateStore");
      return this;
    }

    /** Event loops, 1 or more; one a processor unless set. */
    public Builder eventLoops(int count) {
      eventLoops = positive("event loops", count);
      return this;
    }

    /**
     * How much initiators may have of the server; {@link Limits#defaults()} unless set. {@link
     * #loginTimeout}, {@link #maxConnections} and {@link #queueDepth} change one of these, so they
     * stand behind this. {@link #maxConnectionsPerSession} bounds the connections of one session.
     */
    public Builder limits(Limits value) {
      limits = Objects.requireNonNull(value, "limits");
      return this;
    }

    /** Sets {@link Limits.Builder#loginTimeout}: how long a login may take; 15 s unless set. */
    public Builder loginTimeout(Duration value) {
      limits = limits.toBuilder().loginTimeout(value).build();
      return this;
    }

    /**
     * How long commands under way may take when what they use is taken out of a running server,
     * such as a target or a unit; then they end with TASK ABORTED. 10 s unless set.
     */
    public Builder drainTimeout(Duration value) {
      drainTimeout = positive("drain timeout", value);
      return this;
    }

    /**
     * Sets {@link Limits.Builder#connections}: connections of the whole server at once, those that
     * have not logged in included; 4,096 unless set.
     */
    public Builder maxConnections(int count) {
      limits = limits.toBuilder().connections(count).build();
      return this;
    }

    /**
     * Sets {@link Limits.Builder#commandsPerSession}: commands that a session may have outstanding,
     * 1 to 4,096; 128 unless set.
     */
    public Builder queueDepth(int commands) {
      limits = limits.toBuilder().commandsPerSession(commands).build();
      return this;
    }

    /**
     * Asks over a connection that is silent for {@code interval} whether the initiator lives, and
     * ends the connection when it stays silent for {@code timeout}; 60 s and 30 s unless set.
     */
    public Builder keepAlive(Duration interval, Duration timeout) {
      keepAliveInterval = positive("keep-alive interval", interval);
      keepAliveTimeout = positive("keep-alive timeout", timeout);
      return this;
    }

    /**
     * How long a device may hold on to a write that the initiator has aborted. Task management, or
     * the login that reinstates the session, waits for the end of such a write, because it could
     * still change the medium; after this time the function is rejected, and the login goes on. The
     * write may reach the medium later, but never after newer data for the same blocks. Data that
     * an initiator was asked for before it reset a unit is waited for a tenth of this time. 10 s
     * unless set.
     */
    public Builder abortTimeout(Duration value) {
      abortTimeout = positive("abort timeout", value);
      return this;
    }

    /**
     * Whether initiators are told by an asynchronous message as soon as a unit has something to
     * tell them, such as a new capacity (RFC 7143 section 11.9); not unless set. What is told stays
     * pending for the next command. open-iscsi looks for units anew when the list of them has
     * changed (3Fh/0Eh); other initiators are not known to make use of it.
     */
    public Builder reportUnitAttentions(boolean report) {
      reportUnitAttentions = report;
      return this;
    }

    /** Which header digests are accepted; optional unless set. */
    public Builder headerDigest(Digests value) {
      offer.headerDigests(value.accepted());
      return this;
    }

    /** Which data digests are accepted; optional unless set. */
    public Builder dataDigest(Digests value) {
      offer.dataDigests(value.accepted());
      return this;
    }

    /** Whether write data must be asked for by R2T (InitialR2T); not unless set. */
    public Builder initialR2t(boolean required) {
      offer.initialR2t(required);
      return this;
    }

    /** Whether write data may come with its command (ImmediateData); it may unless set. */
    public Builder immediateData(boolean allowed) {
      offer.immediateData(allowed);
      return this;
    }

    /**
     * The most data that an initiator may send in one PDU, 512 bytes to 8 MiB; 256 KiB unless set.
     */
    public Builder maxRecvDataSegmentLength(int bytes) {
      if (bytes > MAX_SEGMENT) {
        throw new IllegalArgumentException(
            "maxRecvDataSegmentLength " + bytes + " exceeds " + MAX_SEGMENT + " bytes");
      }
      offer.maxRecvDataSegmentLength(bytes);
      return this;
    }

    /** The most data of one R2T or Data-In sequence, 512 to 2^24-1 bytes; 1 MiB unless set. */
    public Builder maxBurstLength(int bytes) {
      offer.maxBurstLength(bytes);
      return this;
    }

    /** The most unsolicited data of a command, 512 to 2^24-1 bytes; 256 KiB unless set. */
    public Builder firstBurstLength(int bytes) {
      offer.firstBurstLength(bytes);
      return this;
    }

    /**
     * R2Ts outstanding for one command, 1 to 65,535; 4 unless set. Only one is with an initiator
     * that asks for error recovery and for {@linkplain #dataSequenceInOrder sequences in order}
     * (RFC 7143 section 13.19).
     */
    public Builder maxOutstandingR2t(int count) {
      offer.maxOutstandingR2t(count);
      return this;
    }

    /**
     * Connections of one session, 1 to 65,535; 8 unless set. An initiator that asks for fewer gets
     * fewer. {@link #maxConnections} bounds those of all sessions together (MaxConnections, RFC
     * 7143 section 13.2).
     *
     * @throws IllegalArgumentException for another number
     */
    public Builder maxConnectionsPerSession(int count) {
      offer.maxConnections(count);
      return this;
    }

    /**
     * The highest level of error recovery: 0 ends the session when something goes wrong, 1 has lost
     * and damaged PDUs sent again, 2 lets commands go on over another connection when theirs is
     * lost. 0 unless set, since from 1 on a copy is kept of all data that is read until the
     * initiator has it, which costs speed, and some initiators ask for all that they can have; one
     * that asks for less gets less (ErrorRecoveryLevel, RFC 7143 section 13.20).
     *
     * @throws IllegalArgumentException unless it is 0, 1 or 2
     */
    public Builder errorRecoveryLevel(int level) {
      offer.errorRecoveryLevel(level);
      return this;
    }

    /**
     * How long an initiator waits at least before it comes back from a lost connection, in whole
     * seconds from 0 to 3,600; 2 s unless set. The longer wish of both sides holds
     * (DefaultTime2Wait, RFC 7143 section 13.15).
     *
     * @throws IllegalArgumentException for another time
     */
    public Builder defaultTime2Wait(Duration value) {
      offer.defaultTime2Wait(seconds("defaultTime2Wait", value));
      return this;
    }

    /**
     * How long the commands of a lost connection are kept for an initiator that comes back, counted
     * from the end of {@link #defaultTime2Wait}, in whole seconds from 0 to 3,600; 20 s unless set.
     * The shorter wish of both sides holds. Below {@linkplain #errorRecoveryLevel level 2} nothing
     * is kept, and the initiator is told 0 (DefaultTime2Retain, RFC 7143 section 13.16).
     *
     * @throws IllegalArgumentException for another time
     */
    public Builder defaultTime2Retain(Duration value) {
      offer.defaultTime2Retain(seconds("defaultTime2Retain", value));
      return this;
    }

    /**
     * Whether the data PDUs of a sequence must come in the order of their offsets. They need not
     * unless set, but do when the initiator asks for it (DataPDUInOrder, RFC 7143 section 13.18).
     */
    public Builder dataPduInOrder(boolean required) {
      offer.dataPduInOrder(required);
      return this;
    }

    /**
     * Whether the sequences of a command's data must come in the order of their offsets. They need
     * not unless set, but do when the initiator asks for it (DataSequenceInOrder, RFC 7143 section
     * 13.19).
     */
    public Builder dataSequenceInOrder(boolean required) {
      offer.dataSequenceInOrder(required);
      return this;
    }

    /**
     * The most that an initiator may ask for of how ended tasks are reported; {@link
     * TaskReporting#FAST_ABORT} unless set (TaskReporting, RFC 7143 section 13.23).
     */
    public Builder taskReporting(TaskReporting most) {
      offer.taskReporting(most.accepted());
      return this;
    }

    /**
     * The latest version of the protocol's features: 1 for those of RFC 7143, 2 for those of RFC
     * 7144 too, among them the task management functions QUERY TASK, QUERY TASK SET, I_T NEXUS
     * RESET and QUERY ASYNCHRONOUS EVENT. 2 unless set; an initiator that asks for less gets less
     * (iSCSIProtocolLevel, RFC 7143 section 13.24).
     *
     * @throws IllegalArgumentException unless it is 1 or 2
     */
    public Builder iscsiProtocolLevel(int level) {
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

    private static Duration positive(String what, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(what + " " + value + " is not positive");
      }
      return value;
    }
  }
}
