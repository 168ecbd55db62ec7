package org.iscsi4j.scsi;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.iscsi4j.api.monitor.NexusPorts;
import org.iscsi4j.api.monitor.ReservationSnapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reservations of one unit: persistent ones (SPC-4 clause 5.13), or that of RESERVE (SPC-2
 * clause 5.5); never both. What stands is immutable and replaced as a whole; commands that replace
 * it take turns, because some must be saved before they count.
 */
final class Reservations {

  /**
   * What a command ends with that a reservation stops: it has the status RESERVATION CONFLICT and
   * no sense. Told apart by {@link #isConflict}, since its value never leaves the target.
   */
  static final Sense CONFLICT = Sense.of(SenseKey.ABORTED_COMMAND, 0x00, 0x00);

  /** The name of what is saved. */
  static final String SAVED = "reservations";

  private static final Logger log = LoggerFactory.getLogger(Reservations.class);

  /** Every command that changes reservations is in the way of every other. */
  private static final long[] TURN = {0, 1};

  private final UnitState state;
  private final Set<ItlNexus> nexuses;
  private final RangeLocks turns = new RangeLocks();

  /** Written under this, by the command whose turn it is. */
  private volatile PersistentReservation persistent;

  /** Who holds the reservation of RESERVE, or null; guarded by this. */
  private Nexus reserver;

  /** What stands, or null: all that the fast path reads. Written under this. */
  private volatile Reserved standing;

  /** Those of a unit as it was left; blocks. */
  Reservations(UnitState state, Set<ItlNexus> nexuses) {
    this.state = state;
    this.nexuses = nexuses;
    persistent = state.load(SAVED).map(Reservations::decode).orElse(PersistentReservation.NONE);
    standing = persistent.reserved() ? persistent : null;
  }

  private static PersistentReservation decode(byte[] saved) {
    try {
      return SavedReservation.decode(saved);
    } catch (IOException e) {
      log.error("saved reservations are damaged and forgotten", e);
      return PersistentReservation.NONE;
    }
  }

  /** Whether an outcome is {@link #CONFLICT} itself, not a sense that happens to equal it. */
  @SuppressWarnings("ReferenceEquality")
  static boolean isConflict(Sense outcome) {
    return outcome == CONFLICT;
  }

  /** Whether a reservation stops a command. */
  boolean refuses(ItlNexus from, Command command, Cdb cdb) {
    Reserved by = standing;
    return by != null && by.refuses(from, command, cdb);
  }

  /**
   * Whether a reservation stops a nexus from reading or writing the medium by a command that it
   * sent to another unit. A nexus through another target is another nexus.
   */
  boolean refuses(Nexus from, boolean write) {
    if (standing == null) {
      return false;
    }
    PersistentReservation now = persistent;
    if (now.reserved()) {
      NexusName name = NexusName.of(from.initiatorPort(), from.targetPort());
      return !now.admits(name) && (write || now.type().exclusiveAccess());
    }
    return reservedByOther(from);
  }

  private synchronized boolean reservedByOther(Nexus than) {
    return reserver != null && reserver != than;
  }

  PersistentReservation persistent() {
    return persistent;
  }

  // ---- looking inside

  /** What stands, for the host. */
  ReservationSnapshot snapshot() {
    PersistentReservation now;
    Optional<NexusPorts> reservedBy;
    synchronized (this) {
      now = persistent;
      reservedBy = Optional.ofNullable(reserver).map(NexusName::of).map(NexusName::ports);
    }
    return new ReservationSnapshot(
        reservedBy,
        Optional.ofNullable(now.type()),
        now.generation() & 0xffff_ffffL,
        now.aptpl(),
        now.registrations());
  }

  // ---- persistent reservations

  /**
   * Changes registrations or the reservation, in turn with others, and goes on when the change is
   * safe and told. A change that is refused or can't be saved changes nothing and ends the task.
   */
  void change(
      DeviceIo io,
      ScsiTask task,
      Function<PersistentReservation, ReservationChange> rule,
      Consumer<ReservationChange> then) {
    task.lock(turns, TURN, () -> changeNow(io, task, rule, then));
  }

  private void changeNow(
      DeviceIo io,
      ScsiTask task,
      Function<PersistentReservation, ReservationChange> rule,
      Consumer<ReservationChange> then) {
    ReservationChange change =
        reservedOtherwise() ? ReservationChange.CONFLICT : rule.apply(persistent);
    if (!change.refusal().isNone()) {
      task.finish(change.refusal());
      return;
    }
    byte[] saved = SavedReservation.encode(change.after());
    if (Arrays.equals(saved, SavedReservation.encode(persistent))) {
      publish(change);
      then.accept(change);
      return;
    }
    task.callStore(
        io,
        () -> {
          Sense outcome = state.save(SAVED, saved);
          if (outcome.isNone()) {
            // here, so that memory and store agree even when the command is aborted meanwhile
            publish(change);
          }
          return outcome;
        },
        outcome -> {
          if (outcome.isNone()) {
            then.accept(change);
          } else {
            task.finish(outcome);
          }
        });
  }

  private void publish(ReservationChange change) {
    synchronized (this) {
      persistent = change.after();
      standing = persistent.reserved() ? persistent : null;
    }
    for (ItlNexus each : nexuses) {
      UnitAttention cause = change.told().get(each.name());
      if (cause != null) {
        each.raise(cause);
      }
    }
  }

  /** The nexuses of some names, as far as they are here. */
  List<ItlNexus> named(Set<NexusName> names) {
    return nexuses.stream().filter(each -> names.contains(each.name())).toList();
  }

  // ---- RESERVE and RELEASE

  /** RESERVE, in turn with others. Ends the task. */
  void reserve(ScsiTask task) {
    inTurn(task, () -> reserve(task.unit()));
  }

  /** RELEASE, in turn with others. Ends the task. */
  void release(ScsiTask task) {
    inTurn(task, () -> release(task.unit()));
  }

  private void inTurn(ScsiTask task, Supplier<Sense> step) {
    task.lock(turns, TURN, () -> task.finish(step.get()));
  }

  private synchronized Sense reserve(ItlNexus by) {
    if (!persistent.keys().isEmpty()) {
      return besideRegistrations(by);
    }
    if (reserver != null && reserver != by.nexus()) {
      return CONFLICT;
    }
    reservedBy(by.nexus());
    return Sense.NONE;
  }

  /** Whoever holds no reservation releases none, and that is no fault (SPC-2 clause 7.16). */
  private synchronized Sense release(ItlNexus by) {
    if (!persistent.keys().isEmpty()) {
      return besideRegistrations(by);
    }
    lost(by.nexus());
    return Sense.NONE;
  }

  /**
   * Compatible reservation handling (CRH, SPC-4 clause 5.13.3): where a persistent reservation
   * gives the nexus what it wants, or leaves it nothing to give back, RESERVE and RELEASE end well
   * and do nothing; beside any other registration they conflict (SPC-2 clause 5.5.1).
   */
  private Sense besideRegistrations(ItlNexus by) {
    return persistent.admits(by.name()) ? Sense.NONE : CONFLICT;
  }

  private synchronized boolean reservedOtherwise() {
    return reserver != null;
  }

  private void reservedBy(Nexus holder) {
    reserver = holder;
    standing =
        holder == null ? null : (from, command, cdb) -> conflicts(holder, from, command, cdb);
  }

  private static boolean conflicts(Nexus holder, ItlNexus from, Command command, Cdb cdb) {
    return from.nexus() == holder
        ? ReservationRules.isPersistentReserve(command)
        : !ReservationRules.passesReserve(command, cdb);
  }

  /** A nexus is lost, and with it what it reserved by RESERVE. */
  synchronized void lost(Nexus nexus) {
    if (reserver == nexus) {
      reservedBy(null);
    }
  }

  /** A reset ends the reservation of RESERVE; persistent ones outlive it. */
  synchronized void reset() {
    if (reserver != null) {
      reservedBy(null);
    }
  }
}
