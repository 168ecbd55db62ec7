package org.iscsi4j.scsi;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An I_T nexus: one initiator port and one target port that know each other (SAM-5 clause 4.6). A
 * transport makes one when a session begins and {@linkplain #close closes} it when the session
 * ends.
 */
public abstract class Nexus {

  private static final Logger log = LoggerFactory.getLogger(Nexus.class);

  private final String initiatorPort;
  private final TargetPort targetPort;

  /** Written by the owner. */
  private volatile TaskRouter router;

  /** What the nexus shares with each unit that it ever addressed, by LUN; touched by the owner. */
  private final Map<Integer, ItlNexus> units = new HashMap<>();

  @SuppressWarnings("this-escape") // is kept there, and not used before it is whole
  private final Searches searches = new Searches(this);

  /** What it shares with units that it may address no more; touched by the owner. */
  @SuppressWarnings("this-escape") // as above
  private final Departures departures = new Departures(this);

  /**
   * The unit addressed last: one comparison instead of a look-up for a session with one busy disk.
   */
  private ItlNexus last;

  private int lastNumber = Lun.UNKNOWN;

  /** What the initiator is held to over all of its nexuses; null for nothing. */
  private volatile RateLimiter rateLimiter;

  /**
   * A nexus between two ports.
   *
   * @param initiatorPort SCSI port name of the initiator, such as its iSCSI name with {@code
   *     ,i,0x00023d000001} behind it
   */
  protected Nexus(String initiatorPort, TargetPort targetPort, TaskRouter router) {
    this.initiatorPort = initiatorPort;
    this.targetPort = targetPort;
    this.router = router;
  }

  /**
   * Runs work where the tasks of this nexus live, in the order given. Callable from any thread;
   * work given after the nexus is closed still runs, or is dropped together with the transport.
   */
  protected abstract void execute(Runnable work);

  /**
   * Runs work once, where the tasks of this nexus live, after a delay. Callable from any thread. A
   * transport that has timers of its own overrides this.
   */
  protected void executeLater(Duration delay, Runnable work) {
    CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS)
        .execute(() -> execute(work));
  }

  /**
   * Ends the tasks of this nexus in a unit because of what another nexus did. Called where the
   * tasks live.
   *
   * @param answered whether each is answered with TASK ABORTED (TAS of the control mode page); when
   *     false the initiator gets no answer, and a unit attention tells it
   * @param settled runs once, on any thread, when none of them can change the unit any more
   * @return whether there were any
   */
  protected abstract boolean abortTasks(DeviceServer unit, boolean answered, Runnable settled);

  /**
   * A unit attention condition was established for this nexus: a command that it sends next to the
   * unit is told, whatever the transport does with this. Called on any thread.
   *
   * @param lun the 8-byte LUN
   * @param descriptorFormat whether the unit wants its sense data in descriptor format
   */
  protected void onUnitAttention(long lun, Sense sense, boolean descriptorFormat) {}

  /**
   * Whether the transport takes the functions of SAM-4 and SAM-5 for this nexus: QUERY TASK, QUERY
   * TASK SET, I_T NEXUS RESET and QUERY ASYNCHRONOUS EVENT. Called where the tasks live.
   */
  protected boolean takesQueries() {
    return false;
  }

  /**
   * Completes what is waited for when a time is up. A transport with timers of its own may use
   * them. Called where the tasks live.
   *
   * @param otherwise what it is completed with, on any thread, unless it is complete by then
   */
  protected <T> void completeInTime(CompletableFuture<T> awaited, T otherwise, Duration limit) {
    awaited.completeOnTimeout(otherwise, limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Holds the initiator to a limit, together with all nexuses that are given the same limiter.
   * Commands that wait in another one go on waiting there. Callable from any thread, at any time.
   */
  public final void limitBy(RateLimiter limiter) {
    rateLimiter = limiter;
  }

  final boolean limited() {
    RateLimiter limiter = rateLimiter;
    return limiter != null && limiter.limits();
  }

  /** What the initiator is held to, or null. */
  RateLimiter rateLimiter() {
    return rateLimiter;
  }

  /** SCSI port name of the initiator. */
  public final String initiatorPort() {
    return initiatorPort;
  }

  /** SCSI device name of the initiator: its ports share what stands before the first comma. */
  final String initiatorDevice() {
    int comma = initiatorPort.indexOf(',');
    return comma < 0 ? initiatorPort : initiatorPort.substring(0, comma);
  }

  /** The target port. */
  public final TargetPort targetPort() {
    return targetPort;
  }

  /** The units that the nexus sees behind the target port. Readable from any thread. */
  public final TaskRouter router() {
    return router;
  }

  /**
   * Lets the nexus see other units from now on, or others by other numbers. Called by the owner.
   *
   * <p>Numbers with the same unit keep everything. A unit that goes from its number takes no new
   * command from there; those that it has go on, and when they have ended it does what it does when
   * the nexus is lost, except that a reservation stays if the nexus reaches the unit by another
   * number. Persistent registrations and reservations stay in any case. A unit that comes in the
   * place of another has a unit attention of its own to tell; and if any number is new, is gone or
   * has another unit, every unit that the nexus has addressed tells it by REPORTED LUNS DATA HAS
   * CHANGED; where none is left, {@link #onUnitAttention} alone is called, for LUN 0.
   *
   * @param drained runs once, by the owner, when no command is left in a unit that went, or the
   *     nexus is closed; possibly before this returns. To cut that short, end the commands that are
   *     {@linkplain ScsiTask#isOutdated outdated}
   */
  public final void route(TaskRouter next, Runnable drained) {
    TaskRouter before = router;
    TaskRouter now = next.keeping(before);
    forgetLast();
    router = now;
    List<ItlNexus> gone = units.values().stream().filter(each -> !stays(each, now)).toList();
    gone.forEach(each -> units.remove(each.number()));
    units.values().forEach(each -> each.readOnly(now.mapped(each.number()).readOnly()));
    if (!now.sameUnits(before)) {
      tellLunsChanged();
    }
    gone.forEach(each -> succeed(each.number(), now));
    departures.add(gone, () -> drained(now.lost(before), drained));
    searches.rerouted(now);
  }

  private static void drained(List<MappedUnit> lost, Runnable drained) {
    lost.forEach(each -> each.release(each.serverOrNull()));
    drained.run();
  }

  /** The unit that is behind a number from now on. */
  final void found(int number, DeviceServer server) {
    router = router.with(number, router.mapped(number).found(server));
  }

  private static boolean stays(ItlNexus unit, TaskRouter now) {
    MappedUnit mapped = now.mapped(unit.number());
    return mapped != null && mapped.serverOrNull() == unit.server();
  }

  /** Tells of the unit that is behind a number now whose old one the initiator knew. */
  private void succeed(int number, TaskRouter now) {
    now.find(Lun.encode(number)).ifPresent(server -> unit(number, server).tellPending());
  }

  private void tellLunsChanged() {
    if (units.isEmpty()) {
      tell(Lun.encode(0), UnitAttention.REPORTED_LUNS_DATA_HAS_CHANGED.sense(), false);
    } else {
      units.values().forEach(each -> each.raise(UnitAttention.REPORTED_LUNS_DATA_HAS_CHANGED));
    }
  }

  /** As {@link #onUnitAttention}; whatever the transport makes of it, others must hear too. */
  final void tell(long lun, Sense sense, boolean descriptorFormat) {
    try {
      onUnitAttention(lun, sense, descriptorFormat);
    } catch (Throwable e) {
      log.warn("{} can't be told of {}: {}", this, sense, e.toString());
    }
  }

  /** Tells every unit that the nexus is lost. Called once, by the owner, after its tasks ended. */
  public final void close() {
    units.values().forEach(ItlNexus::close);
    units.clear();
    forgetLast();
    departures.close();
    searches.close();
    router.units().stream()
        .filter(MappedUnit::wasFound)
        .forEach(each -> each.release(each.serverOrNull()));
  }

  private void forgetLast() {
    last = null;
    lastNumber = Lun.UNKNOWN;
  }

  /** Tells every unit that the nexus is lost, and keeps it. Called as {@link #close}. */
  final void reset() {
    units.values().forEach(ItlNexus::resetNexus);
  }

  /** What this nexus shares with the unit of a number; made when it addresses the unit first. */
  final ItlNexus unit(int number, DeviceServer server) {
    if (number == lastNumber && last.server() == server) {
      return last;
    }
    ItlNexus found = units.get(number);
    if (found == null || found.server() != server) {
      if (found != null) {
        found.close();
      }
      MappedUnit mapped = router.mapped(number);
      found = new ItlNexus(this, number, server, mapped != null && mapped.readOnly());
      units.put(number, found);
    }
    last = found;
    lastNumber = number;
    return found;
  }

  /** Sees to it that what the nexus holds of a unit that it reaches ends with the nexus. */
  final void hold(DeviceServer server) {
    int number = router.numberOf(server);
    if (number != Lun.UNKNOWN && units.values().stream().noneMatch(each -> each.isOf(server))) {
      unit(number, server);
    }
  }

  /** The units that are being looked for; touched by the owner. */
  final Searches searches() {
    return searches;
  }

  /** The initiator reads the list of units, so none of them has to tell it of a change (SAM-5). */
  final void lunsReported() {
    units.values().forEach(each -> each.clear(UnitAttention.REPORTED_LUNS_DATA_HAS_CHANGED));
  }

  @Override
  public String toString() {
    return initiatorPort + " - " + targetPort.portName();
  }
}
