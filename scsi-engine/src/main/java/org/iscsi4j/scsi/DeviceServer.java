package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.DeviceEvents;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.RateLimit;
import org.iscsi4j.api.monitor.UnitAvailability;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The device server of one logical unit (SAM-5 clause 4.6.19): runs its commands, and owns its
 * state. One for each {@link LogicalUnit}, whatever targets it stands in. Shared by all nexuses and
 * their threads: state is volatile or concurrent, and the fast path only reads it.
 */
public final class DeviceServer implements DeviceEvents {

  private static final Logger log = LoggerFactory.getLogger(DeviceServer.class);

  private final LogicalUnit unit;
  private final Identity identity;
  private final CommandSet commandSet;
  private final CommandTable table;
  private final Capabilities capabilities;
  private final Devices devices;
  private final DeviceIo io;
  private final UnitState state;
  private final Reservations reservations;
  private final ModeState modes;
  private final LogValues logValues = new LogValues();
  private final CommandReports reports;
  private final LogPages logPages;

  /** Of a device that tells its space; else null. */
  private final SpaceWatch spaceWatch;

  private final MediumOperations operations;
  private final UnitClock clock = new UnitClock(System::currentTimeMillis);
  private final CopyManager copies = new CopyManager();
  private final RateLimiter rateLimiter;
  private final TargetPortGroups groups;
  private final Set<ItlNexus> nexuses = ConcurrentHashMap.newKeySet();
  private final KnownNexuses known = new KnownNexuses();
  private final OrderedGate orderedGate = new OrderedGate(nexuses);
  private final Allegiance allegiance = new Allegiance(this);
  private final UnitSwitches switches;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Changes of the geometry that were told and not yet read. */
  private final AtomicInteger geometryEvents = new AtomicInteger();

  private volatile Geometry geometry;

  private DeviceServer(LogicalUnit unit, Identity identity, Devices devices) {
    this.unit = unit;
    this.identity = identity;
    commandSet = CommandSet.of(unit);
    table = commandSet.table();
    capabilities = unit.device().capabilities();
    geometry = unit.device().geometry();
    switches =
        new UnitSwitches(
            this,
            unit.readOnly() || capabilities.readOnly(),
            commandSet.usable(unit.device()),
            devices.unitListener());
    this.devices = devices;
    io = devices.take(unit.device());
    reports = new CommandReports(io, devices.nanoTime(), devices.commandListener());
    state = new UnitState(devices.store(), identity);
    reservations = new Reservations(state, nexuses);
    modes = new ModeState(commandSet.modePages(), state);
    boolean tellsSpace = commandSet.tellsSpace() && unit.device().space().isPresent();
    spaceWatch = tellsSpace ? new SpaceWatch(this) : null;
    logPages = commandSet.logPages(tellsSpace);
    operations = new MediumOperations(this);
    groups = devices.groups();
    rateLimiter = new RateLimiter(unit.rateLimit(), devices.nanoTime());
  }

  /**
   * The device server of a unit, with the commands of its type. Subscribes to the device's events
   * until {@link #close}.
   *
   * @param identity who the unit is when it does not say so itself
   * @param devices those of the server, so that a device in two units is one device
   */
  public static DeviceServer of(LogicalUnit unit, Identity identity, Devices devices) {
    Identity own = unit.identity().orElse(identity);
    DeviceServer server = new DeviceServer(unit, own, devices);
    try {
      server.groups.join(server);
      unit.device().subscribe(server);
      // what changed before now was told to nobody
      server.geometryChanged();
      server.operations.resume();
      return server;
    } catch (Throwable e) {
      server.close();
      throw e;
    }
  }

  /**
   * As {@link #of(LogicalUnit, Identity, Devices)}, for a device that stands in no other unit.
   *
   * @param executor where device calls run that may take long
   */
  public static DeviceServer of(LogicalUnit unit, Identity identity, Executor executor) {
    return of(unit, identity, new Devices(executor));
  }

  /**
   * Stops listening to the device, and makes no call to it any more unless another unit does: calls
   * that wait for their turn end with NOT READY. The device stays open: it belongs to whoever
   * opened it. Idempotent.
   */
  public void close() {
    if (!closed.getAndSet(true)) {
      operations.close();
      copies.stopAll();
      // nobody waits for a unit that does nothing any more
      rateLimiter.limit(RateLimit.NONE);
      devices.tokens().forget(this);
      groups.leave(this);
      try {
        unit.device().unsubscribe(this);
      } finally {
        devices.give(unit.device());
      }
    }
  }

  /**
   * Tells when no call to the device is under way on the executor or by the device's own means,
   * whichever unit made it. Calls made in place are not counted: they end with the work of the
   * thread that makes them.
   *
   * @return completed with true then, on the thread that ends the last call, or with false when the
   *     time was up
   */
  public CompletableFuture<Boolean> whenIdle(Duration limit) {
    return io.whenIdle()
        .thenApply(idle -> true)
        .completeOnTimeout(false, limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  // ---- the path of a command

  void execute(ItlNexus nexus, ScsiTask task) {
    address(nexus, task);
    task.arriving(true);
    nexus.tasks().enter(task);
    task.arriving(false);
  }

  /** Tells a command what it is and which unit it was sent to. */
  void address(ItlNexus nexus, ScsiTask task) {
    task.enter(nexus, table.find(task.cdb()));
  }

  /** Runs a command whose turn has come. */
  void run(ItlNexus nexus, ScsiTask task) {
    Cdb cdb = task.cdb();
    Command command = task.command();
    try {
      Sense refusal = command == null ? table.unknown(cdb) : refusal(command, nexus, cdb);
      if (!refusal.isNone()) {
        task.finish(refusal);
        return;
      }
      if (isLimited(task)) {
        passLimits(nexus, task);
      } else {
        command.handler().execute(this, task);
      }
    } catch (Throwable bug) {
      failed(task, bug);
    }
  }

  private boolean isLimited(ScsiTask task) {
    return task.command().traffic() != null
        && (rateLimiter.limits() || task.nexus().limited())
        && !task.admitted();
  }

  /** Runs the command once more when its limits let it: much may have happened meanwhile. */
  private void passLimits(ItlNexus nexus, ScsiTask task) {
    long bytes = task.command().traffic().bytes(task.cdb(), geometry);
    task.passLimits(
        this,
        bytes,
        () -> {
          task.admit();
          nexus.tasks().admitted(task);
        });
  }

  void dataOut(ScsiTask task, ByteBuffer data) {
    try {
      // once more: the medium may have been taken or protected while the data was on its way
      Sense refusal = operations.refusal(task.command());
      if (refusal.isNone()) {
        refusal = mediumRefusal(task.command(), task.unit());
      }
      if (!refusal.isNone()) {
        task.fail(refusal);
        return;
      }
      task.command().handler().dataOut(this, task, data);
    } catch (Throwable bug) {
      failed(task, bug);
    }
  }

  private Sense refusal(Command command, ItlNexus nexus, Cdb cdb) {
    if (!command.ignoresUnitAttention() && nexus.hasUnitAttention()) {
      return mode().keepsUnitAttentions() ? nexus.unitAttention() : nexus.takeUnitAttention();
    }
    if (reservations.refuses(nexus, command, cdb)) {
      return Reservations.CONFLICT;
    }
    Sense taken = operations.refusal(command);
    if (!taken.isNone()) {
      return taken;
    }
    if (!command.accepts(cdb)) {
      return command.reservedBitSet(cdb);
    }
    Sense access = groups.refusal(command, nexus.nexus().targetPort());
    return access.isNone() ? mediumRefusal(command, nexus) : access;
  }

  private Sense mediumRefusal(Command command, ItlNexus nexus) {
    UnitCondition now = switches.condition();
    if (command.needsMedium() && !now.ready()) {
      return notReady(now);
    }
    if (!command.writes()) {
      return Sense.NONE;
    }
    return nexus.readOnly() ? Sense.WRITE_PROTECTED : writeProtection(now);
  }

  private Sense writeProtection(UnitCondition now) {
    if (now.readOnly()) {
      return Sense.WRITE_PROTECTED;
    }
    return mode().softwareWriteProtect() ? Sense.SOFTWARE_WRITE_PROTECTED : Sense.NONE;
  }

  /** Goes on with a command whose device call came back. */
  void cameBack(ScsiTask task, Sense outcome, Consumer<Sense> then) {
    try {
      then.accept(outcome);
    } catch (Throwable bug) {
      failed(task, bug);
    }
  }

  /** A command has ended, and its status is about to go out. */
  void answering(ScsiTask task) {
    Command command = task.command();
    reports.ended(task, task.status());
    if (spaceWatch != null && command != null && command.writes()) {
      spaceWatch.look();
    }
  }

  /** A command ends before its time. */
  void aborted(ScsiTask task) {
    reports.ended(task, Status.TASK_ABORTED);
  }

  private static void failed(ScsiTask task, Throwable bug) {
    try {
      log.error("{} of {} failed", task, task.nexus(), bug);
    } catch (Throwable unlogged) {
      // where memory or stack is short, the command has to end all the same
      bug.addSuppressed(unlogged);
    }
    // a device call under way still uses the task's buffers, and ends the task when it comes back
    if (task.running() && !task.awaitsCall()) {
      task.fail(Sense.INTERNAL_ERROR);
    }
  }

  // ---- task sets

  /** A command that was started has been answered. */
  void ended(ItlNexus nexus, TaskAttribute attribute, Status status, boolean naca) {
    try {
      if (status == Status.CHECK_CONDITION) {
        allegiance.checkCondition(nexus, attribute, naca);
        TaskManager.queueError(nexus);
      }
    } finally {
      nexus.tasks().ended(attribute);
    }
  }

  /** Whether nothing is there that could make a SIMPLE command wait. */
  boolean undisturbed() {
    return allegiance.none() && !orderedGate.closed();
  }

  /** Lets every nexus look which of its commands may start by now. */
  void promoteAll() {
    nexuses.forEach(each -> each.executeOrSkip(each.tasks()::promote));
  }

  OrderedGate orderedGate() {
    return orderedGate;
  }

  Allegiance allegiance() {
    return allegiance;
  }

  /** Ends the condition of a nexus; false when it is another one's. */
  boolean clearAca(Nexus caller) {
    if (allegiance.none()) {
      return true;
    }
    Optional<ItlNexus> own =
        nexuses.stream().filter(each -> each.nexus() == caller).filter(allegiance::of).findFirst();
    own.ifPresent(allegiance::clear);
    return own.isPresent();
  }

  /** Whether commands that another nexus ended are answered with TASK ABORTED (TAS). */
  boolean answersAborted() {
    return mode().taskAbortedStatus();
  }

  /** Whether commands of one nexus are not ordered with those of another (TST). */
  boolean taskSetPerNexus() {
    return mode().taskSetPerNexus();
  }

  // ---- nexuses and unit attentions

  /** What a nexus is told first, by each number that it reaches the unit by. */
  UnitAttention greet(Nexus nexus) {
    // it has lost nothing that it holds by another number
    return reaches(nexus) ? UnitAttention.INQUIRY_DATA_HAS_CHANGED : known.greet(nexus);
  }

  private boolean reaches(Nexus nexus) {
    return nexuses.stream().anyMatch(each -> each.nexus() == nexus);
  }

  void attach(ItlNexus nexus) {
    nexuses.add(nexus);
    logValues.accesses().join(nexus.counters());
  }

  void detach(ItlNexus nexus) {
    nexuses.remove(nexus);
    allegiance.clear(nexus);
    if (!reaches(nexus.nexus())) {
      reservations.lost(nexus.nexus());
    }
    logValues.accesses().leave(nexus.counters());
  }

  /** Ends what a nexus held of the unit (SAM-5 clause 6.3.4). */
  void lost(ItlNexus nexus) {
    allegiance.clear(nexus);
    reservations.lost(nexus.nexus());
  }

  Set<ItlNexus> nexuses() {
    return nexuses;
  }

  /** Raises a unit attention for every nexus but one; {@code null} spares none. */
  void raiseForOthers(Nexus spared, UnitAttention cause) {
    for (ItlNexus each : nexuses) {
      if (each.nexus() != spared) {
        each.raise(cause);
      }
    }
  }

  /** Tells every nexus which threshold of the logical block provisioning page is reached. */
  void thresholdReached(int index) {
    UnitAttention cause = UnitAttention.THIN_PROVISIONING_THRESHOLD_REACHED;
    Sense sense = cause.sense().withInformation(ProvisioningPage.descriptorAt(index));
    nexuses.forEach(each -> each.raise(cause, sense));
  }

  @Override
  public void spaceChanged() {
    if (spaceWatch != null) {
      spaceWatch.look();
    }
  }

  /**
   * Goes back to where the unit stood after power on, as far as a reset does (SAM-5 clause 6.3.3).
   * Whoever calls it ends the commands and then {@linkplain Allegiance#clearAll clears} what held
   * them up, so that none of them starts in between.
   *
   * @param told what every nexus is told
   */
  void reset(UnitAttention told) {
    reservations.reset();
    modes.reset(this);
    commandSet.reset(this);
    nexuses.forEach(ItlNexus::reset);
    raiseForOthers(null, told);
  }

  /** A medium that is gone, and was not ejected before, is as good as ejected. */
  @Override
  public void geometryChanged() {
    if (unit.removable() && condition().loaded() && !unit.device().mediumPresent()) {
      eject(null);
    }
    readGeometry();
  }

  /**
   * Reads the geometry and makes it known, one thread at a time: a thread that finds another at it
   * leaves it to read once more. Not by a lock, which would be held across a call to the device.
   */
  private void readGeometry() {
    if (geometryEvents.getAndIncrement() > 0) {
      return;
    }
    try {
      int seen;
      do {
        seen = geometryEvents.get();
        publish(unit.device().geometry());
      } while (!geometryEvents.compareAndSet(seen, 0));
    } catch (Throwable e) {
      geometryEvents.set(0);
      throw e;
    }
  }

  private void publish(Geometry now) {
    if (!now.equals(geometry)) {
      io.geometry(now);
      geometry = now;
      if (condition().loaded()) { // else the medium that comes says it all by coming
        raiseForOthers(null, UnitAttention.CAPACITY_DATA_HAS_CHANGED);
      }
      tellResized(now);
    }
  }

  private void tellResized(Geometry now) {
    try {
      devices.unitListener().resized(this, now);
    } catch (Throwable e) {
      log.error("the listener of {} failed", unit, e);
    }
  }

  // ---- limits

  /**
   * Limits what all initiators together do to the unit, from now on: commands that read or write
   * the medium wait for their turn, in the order in which they came, and whatever has to wait is
   * let go as soon as a new limit allows it. Callable from any thread.
   */
  public void rateLimit(RateLimit limit) {
    rateLimiter.limit(limit);
  }

  /** The limit on what is done to the unit. */
  public RateLimit rateLimit() {
    return rateLimiter.limit();
  }

  RateLimiter rateLimiter() {
    return rateLimiter;
  }

  // ---- looking inside

  /**
   * The unit as it stands, without a call to its device. May be called from any thread, and holds
   * up no command.
   */
  public UnitSnapshot snapshot() {
    UnitCondition now = switches.condition();
    return new UnitSnapshot(
        identity,
        unit.type(),
        geometry,
        availability(now),
        now.readOnly(),
        removalPrevented(),
        (int) nexuses.stream().map(ItlNexus::nexus).distinct().count(),
        nexuses.stream().mapToInt(each -> each.tasks().outstanding()).sum(),
        logValues.accesses().statistics(),
        reservations.snapshot());
  }

  UnitAvailability availability(UnitCondition now) {
    if (!now.online()) {
      return UnitAvailability.OFFLINE;
    }
    return now.loaded() ? operations.condition().reported() : UnitAvailability.EJECTED;
  }

  // ---- facts and state

  /** The unit that is served. */
  public LogicalUnit unit() {
    return unit;
  }

  /** Who the unit says it is. */
  public Identity identity() {
    return identity;
  }

  /** What the unit has of its peripheral device type. */
  CommandSet commandSet() {
    return commandSet;
  }

  CommandTable table() {
    return table;
  }

  Capabilities capabilities() {
    return capabilities;
  }

  /**
   * LBPRZ: whether initiators may rely on zeroes in deallocated blocks. What a removable unit reads
   * there after the next load is the next medium's business, so it promises nothing.
   */
  boolean promisesZeroes() {
    return capabilities.deallocatedReadsZero() && !unit.removable();
  }

  Geometry geometry() {
    return geometry;
  }

  DeviceIo io() {
    return io;
  }

  /** What the unit keeps when the server ends. */
  UnitState state() {
    return state;
  }

  Reservations reservations() {
    return reservations;
  }

  /** The target port groups through which the unit is reached. */
  TargetPortGroups groups() {
    return groups;
  }

  LogPages logPages() {
    return logPages;
  }

  LogValues logValues() {
    return logValues;
  }

  /** Of a unit that tells its space; else null. */
  SpaceWatch spaceWatch() {
    return spaceWatch;
  }

  /** Formatting and sanitizing. */
  MediumOperations operations() {
    return operations;
  }

  /** The time that initiators may set. */
  UnitClock clock() {
    return clock;
  }

  /** What keeps TEST UNIT READY from ending well, apart from unit attentions. */
  Sense readiness() {
    Sense taken = operations.sense();
    return taken.isNone() ? notReady() : taken;
  }

  /** What a command that needs the medium is told; {@link Sense#NONE} when it can be used. */
  Sense notReady() {
    return notReady(switches.condition());
  }

  private Sense notReady(UnitCondition now) {
    return now.online() && !now.loaded() ? commandSet.mediumNotPresent() : now.notReady();
  }

  boolean readOnly() {
    return switches.condition().readOnly();
  }

  /** Whether a nexus sees a medium that is write protected (WP of the mode parameter header). */
  boolean writeProtected(ItlNexus nexus) {
    return nexus.readOnly() || !writeProtection(switches.condition()).isNone();
  }

  /** The mode pages, and all values of them. */
  ModeState modes() {
    return modes;
  }

  /** The current mode parameters: one volatile read. */
  ModeParameters mode() {
    return modes.current();
  }

  /** The unit's copy manager. */
  CopyManager copies() {
    return copies;
  }

  /** What may be copied by token, between any units of the server. */
  RodTokens tokens() {
    return devices.tokens();
  }

  /**
   * Why a nexus may not read or write the medium by a command that was sent to another unit; {@link
   * Sense#NONE} when it may.
   */
  Sense accessRefusal(Nexus nexus, boolean write) {
    if (reservations.refuses(nexus, write)) {
      return Reservations.CONFLICT;
    }
    Sense away = groups.restriction(nexus.targetPort());
    if (!away.isNone()) {
      return away;
    }
    return write && !mayWrite(nexus) ? Sense.WRITE_PROTECTED : mediumRefusal(write);
  }

  /** Whether a nexus reaches the unit in a way that is not read-only for it. */
  private boolean mayWrite(Nexus nexus) {
    TaskRouter router = nexus.router();
    return Stream.concat(router.units().stream(), router.reachable().from(nexus).stream())
        .anyMatch(each -> each.serverOrNull() == this && !each.readOnly());
  }

  /** Why the medium can't be read or written now, whoever asks; {@link Sense#NONE} when it can. */
  Sense mediumRefusal(boolean write) {
    Sense notReady = readiness();
    if (!notReady.isNone()) {
      return notReady;
    }
    return write ? writeProtection(switches.condition()) : Sense.NONE;
  }

  /** Whether sense data goes out in descriptor format (D_SENSE of the control mode page). */
  boolean descriptorSense() {
    return mode().descriptorSense();
  }

  /** Whether an initiator wants the medium to stay. */
  boolean removalPrevented() {
    return nexuses.stream().anyMatch(ItlNexus::preventsRemoval);
  }

  /** Takes the medium out, for a nexus or, with null, the host; others learn when they need it. */
  void eject(Nexus by) {
    commandSet.tray(true);
    if (switches.condition().loaded()) {
      logValues.unloaded();
      switches.loaded(by, false);
      commandSet.unloaded(this);
    }
  }

  /**
   * Puts the medium back, if there is one, and tells those who may think that it is still the one
   * they knew.
   */
  void load(Nexus by) {
    commandSet.tray(false);
    if (!switches.condition().loaded() && commandSet.usable(unit.device())) {
      geometryChanged();
      commandSet.loaded(this);
      switches.loaded(by, true);
    }
  }

  // ---- what the host switches; from any thread

  /** What the host and the initiators have made of the unit. */
  UnitCondition condition() {
    return switches.condition();
  }

  /**
   * Lets nobody write from now on, or everybody again whom nothing else keeps from it. A command
   * whose device call has begun goes on; one that still waits for its data or its turn ends with
   * DATA PROTECT. Initiators are told MODE PARAMETERS CHANGED, and find WP in the mode parameter
   * header.
   */
  public void readOnly(boolean on) {
    switches.readOnly(on);
  }

  /**
   * Takes the unit out of use, or back into it. While it is offline it is there, and can be
   * reserved and asked about, but what needs its medium ends with NOT READY, LOGICAL UNIT NOT
   * READY, OFFLINE (04h/12h); device calls that have begun go on. Back online it reads the geometry
   * of its device, and tells every initiator NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED
   * (28h/00h), so that they look at it anew.
   */
  public void online(boolean on) {
    if (on && !condition().online()) {
      geometryChanged();
    }
    switches.online(on);
  }

  /**
   * Takes the medium of a removable unit out, as START STOP UNIT does, but makes nothing durable: a
   * host whose device has a cache flushes it. Does nothing when it is out.
   *
   * @param force whether it goes even if an initiator prevents that (PREVENT ALLOW MEDIUM REMOVAL)
   * @return whether the medium is out
   * @throws IllegalStateException when the unit is not removable
   */
  public boolean eject(boolean force) {
    checkRemovable();
    if (force || !removalPrevented()) {
      eject(null);
    } else {
      commandSet.ejectRequested();
    }
    return !condition().loaded();
  }

  /**
   * Puts the medium of a removable unit back, which may be another one by now: the geometry of the
   * device is read, and every initiator is told NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED.
   * Does nothing when it is in, or when the device {@linkplain BlockDevice#mediumPresent has none}.
   *
   * @throws IllegalStateException when the unit is not removable
   */
  public void load() {
    checkRemovable();
    load(null);
  }

  private void checkRemovable() {
    if (!unit.removable()) {
      throw new IllegalStateException(this + " is not removable");
    }
  }

  @Override
  public String toString() {
    return "DeviceServer[" + identity.serial() + "]";
  }
}
