package org.iscsi4j.target;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.iscsi4j.api.AccessState;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.RateLimit;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.SessionSettings;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.api.access.Limits;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.api.monitor.UnitSnapshot;

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
 * <p>Every method may be called from any thread, but a thread of the server, such as one that calls
 * a listener, must not wait for the futures that are returned. Servers share nothing; any number
 * run in one program. Null does not cross a public method.
 */
public final class IscsiServer implements AutoCloseable {

  /** How long {@link #close()} lets commands drain. */
  public static final Duration DRAIN = Duration.ofSeconds(5);

  /** As much as an asynchronous message can tell. */
  private static final Duration MAX_LOGOUT_TIME = Duration.ofSeconds(0xffff);

  private final ServerCore core;

  IscsiServer(ServerCore core) {
    this.core = core;
  }

  /** Starts without targets, on a loopback portal of a port that the system chooses. */
  public static IscsiServerBuilder builder() {
    return new IscsiServerBuilder();
  }

  /**
   * The portals with the ports that they really listen on, those that were added later behind those
   * of the builder.
   */
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
    core.addTarget(Objects.requireNonNull(target, "target"));
  }

  /**
   * Describes a target anew: its units, who sees which of them, who may log in and how. Sessions
   * that may stay see the new units, and their initiators are told that the list has changed
   * (REPORTED LUNS DATA HAS CHANGED); the others end as with {@link #removeTarget}. A unit that is
   * the same object stays as it is, with all that initiators do and hold there; what one has proved
   * at its login is not asked again.
   *
   * @param target takes the place of the one of the same name
   * @return completed when sessions see what is described and nobody uses what is not any more, at
   *     the latest after the {@linkplain IscsiServerBuilder#drainTimeout drain time}, as long again
   *     for device calls, and between them the {@linkplain IscsiServerBuilder#abortTimeout abort
   *     timeout} and 2 s for what has to be said to an initiator: with true, or with false when a
   *     device still holds on to a call; never exceptionally. The units that the target describes
   *     are served when this returns
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
    return core.changeTarget(name, change);
  }

  /**
   * Serves a target no more. Its sessions take no new commands, those under way end, and the
   * initiators are told that their sessions are dropped.
   *
   * @return as of {@link #replaceTarget}
   * @throws IllegalArgumentException when there is no such target
   */
  public CompletableFuture<Boolean> removeTarget(IscsiName name) {
    return core.removeTarget(name);
  }

  /**
   * Adds a unit to a target, for all who see its {@linkplain Target#logicalUnits units}.
   *
   * @param lun 0 to {@link Target#MAX_LUN}
   * @return as of {@link #replaceTarget}: then the sessions that there are see it
   * @throws IllegalArgumentException when there is no such target, or the number is taken
   */
  public CompletableFuture<Boolean> addLun(IscsiName target, int lun, LogicalUnit unit) {
    return changeTarget(target, before -> before.toBuilder().lun(lun, unit).build());
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
    core.changeChap(Objects.requireNonNull(chap, "chap"));
  }

  /**
   * Lets others discover targets from the next login on. Discovery sessions that are open stay.
   *
   * @param access who; each of them is told of no target that does not let it in
   * @param chap how they prove who they are; empty when they do as everywhere
   */
  public void changeDiscovery(AccessPolicy access, Optional<Chap> chap) {
    core.changeDiscovery(new LoginRules.Discovering(access, chap));
  }

  /** Sends initiators elsewhere by another rule from the next login on. */
  public void changeRedirect(LoginRedirect rule) {
    core.rules().redirect(Objects.requireNonNull(rule, "rule"));
  }

  /** What sessions that log in now are offered and held to, where their target does not say. */
  public SessionSettings sessionSettings() {
    return core.rules().sessionSettings();
  }

  /**
   * Offers sessions something else, and holds them to it, from the next login on. Sessions that are
   * open keep what they negotiated; what a target {@linkplain Target#sessionSettings says} goes
   * before this, and is changed by {@link #changeTarget}.
   *
   * @param settings all of them: what is not set is as it is {@linkplain SessionSettings#defaults()
   *     by default}, so start with {@link #sessionSettings()} to change a few
   */
  public void changeSessionSettings(SessionSettings settings) {
    core.rules().sessionSettings(Objects.requireNonNull(settings, "settings"));
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
    Duration wanted = IscsiServerBuilder.positive("logout time", time);
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
   *     IscsiServerBuilder#abortTimeout abort timeout}; never exceptionally
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
   *     one for the {@linkplain IscsiServerBuilder#abortTimeout abort timeout}; never exceptionally
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

  // ---- logical units

  /**
   * A logical unit as it stands: whether its medium is there and may be used, whether initiators
   * keep it where it is, who has reserved it, what was done with it. Holds up no command, and makes
   * no call to its device.
   *
   * @param unit one that the server serves
   * @throws IllegalArgumentException when it serves no such unit
   */
  public UnitSnapshot snapshot(LogicalUnit unit) {
    return core.unit(unit).snapshot();
  }

  /**
   * Resets a logical unit, as an initiator can by LOGICAL UNIT RESET (SAM-5 clause 7.6): its
   * commands end with TASK ABORTED, reservations that are not persistent, mode parameters that are
   * not saved and what keeps the medium from being removed are forgotten, copies under way stop,
   * and every initiator is told BUS DEVICE RESET FUNCTION OCCURRED. The sessions stay, and go on
   * with new commands at once; to open a device anew meanwhile, take the unit {@linkplain
   * #changeOnline offline} first.
   *
   * @param unit one that the server serves
   * @return completed with true when none of the commands can change the unit any more, or with
   *     false when a device has held on to one for the {@linkplain IscsiServerBuilder#abortTimeout
   *     abort timeout}; never exceptionally
   * @throws IllegalArgumentException when it serves no such unit
   */
  public CompletableFuture<Boolean> reset(LogicalUnit unit) {
    return core.reset(unit);
  }

  /**
   * Keeps every initiator from writing to a logical unit from now on, or lets those write again
   * whom nothing else keeps from it. A write whose device call has begun goes on; one that waits
   * for its data or its turn ends with DATA PROTECT. Initiators are told MODE PARAMETERS CHANGED.
   *
   * @param unit one that the server serves
   * @throws IllegalArgumentException when it serves no such unit
   */
  public void changeReadOnly(LogicalUnit unit, boolean readOnly) {
    core.unit(unit).readOnly(readOnly);
  }

  /**
   * Takes a logical unit out of use, or back into it. While it is offline, commands that need its
   * medium end with NOT READY, LOGICAL UNIT NOT READY, OFFLINE; device calls that have begun go on.
   * When it is back, initiators are told to look at it anew.
   *
   * @param unit one that the server serves
   * @throws IllegalArgumentException when it serves no such unit
   */
  public void changeOnline(LogicalUnit unit, boolean online) {
    core.unit(unit).online(online);
  }

  /**
   * Takes the medium of a removable unit out, as an initiator can by START STOP UNIT. Nothing is
   * made durable by it: a host whose device has a cache flushes that.
   *
   * @param unit one that the server serves
   * @param force whether it goes even if an initiator prevents that
   * @return whether the medium is out
   * @throws IllegalArgumentException when the server serves no such unit
   * @throws IllegalStateException when the unit is not removable
   */
  public boolean eject(LogicalUnit unit, boolean force) {
    return core.unit(unit).eject(force);
  }

  /**
   * Puts the medium of a removable unit back, which may be another one by now; initiators are told
   * so.
   *
   * @param unit one that the server serves
   * @throws IllegalArgumentException when the server serves no such unit
   * @throws IllegalStateException when the unit is not removable
   */
  public void load(LogicalUnit unit) {
    core.unit(unit).load();
  }

  /**
   * Limits what all initiators together do to a logical unit, from now on. Commands that read or
   * write its medium wait, in the order in which they came; what waits already is let go as soon as
   * the new limit allows it. Other units, and commands that move no data, are not slowed. Callable
   * from any thread.
   *
   * @param unit one that the server serves
   * @param limit {@link RateLimit#NONE} for none
   * @throws IllegalArgumentException when it serves no such unit
   */
  public void limitUnit(LogicalUnit unit, RateLimit limit) {
    core.unit(unit).rateLimit(Objects.requireNonNull(limit, "limit"));
  }

  /**
   * Limits what each initiator of a group does, over all of its sessions and units, from now on:
   * sessions that are there included. The groups are asked in the order in which they were first
   * given here, and the first that an initiator belongs to decides. What waits is let go as soon as
   * the new limit allows it. Callable from any thread.
   *
   * @param group an equal one, when its limit is to be changed
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
   * @throws IllegalArgumentException when there is no such group
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
   * @throws IllegalArgumentException when there is no such group
   */
  public void changeAccessState(int portalGroup, AccessState state) {
    core.groups().change(portalGroup, Objects.requireNonNull(state, "state"));
  }

  /**
   * Says whether initiators should prefer a portal group to others in the same state; none is
   * preferred when a server starts.
   *
   * @param portalGroup the group tag of one of the {@link #portals()}
   * @throws IllegalArgumentException when there is no such group
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
}
