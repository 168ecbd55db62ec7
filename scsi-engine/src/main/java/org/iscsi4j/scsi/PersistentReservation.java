package org.iscsi4j.scsi;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.iscsi4j.api.monitor.ReservationSnapshot.Registration;
import org.iscsi4j.api.monitor.ReservationType;

/**
 * The registrations of a unit and its persistent reservation at one moment (SPC-4 clause 5.13), and
 * what each service action of PERSISTENT RESERVE OUT makes of them. Immutable: a rule takes this
 * and yields a {@link ReservationChange}.
 *
 * @param generation PRGENERATION
 * @param aptpl whether it outlives a loss of power (the APTPL bit last taken)
 * @param keys the registered nexuses with their reservation keys, in the order of registration
 * @param type of the reservation; null when there is none
 * @param holder the one nexus that holds it; null when there is none or all registrants hold it
 */
record PersistentReservation(
    int generation,
    boolean aptpl,
    Map<NexusName, Long> keys,
    ReservationType type,
    NexusName holder)
    implements Reserved {

  /** As after power on. */
  static final PersistentReservation NONE =
      new PersistentReservation(0, false, Map.of(), null, null);

  /** Registrations that a unit has room for. */
  static final int MAX_REGISTRATIONS = 1024;

  static final Sense INSUFFICIENT_REGISTRATION_RESOURCES =
      Sense.of(SenseKey.ILLEGAL_REQUEST, 0x55, 0x04);
  static final Sense INVALID_RELEASE = Sense.of(SenseKey.ILLEGAL_REQUEST, 0x26, 0x04);

  private static final int SERVICE_ACTION_KEY_AT = 8;

  // ---- what it means for other commands

  boolean reserved() {
    return type != null;
  }

  boolean registered(NexusName nexus) {
    return keys.containsKey(nexus);
  }

  boolean heldBy(NexusName nexus) {
    return reserved() && (type.heldByAll() ? registered(nexus) : nexus.equals(holder));
  }

  /** Whether a nexus may do whatever the holder may. */
  boolean admits(NexusName nexus) {
    return heldBy(nexus) || (reserved() && type.admitsRegistrants() && registered(nexus));
  }

  @Override
  public boolean refuses(ItlNexus from, Command command, Cdb cdb) {
    return !admits(from.name()) && !ReservationRules.passesPersistent(type, command, cdb);
  }

  /** For the host. */
  List<Registration> registrations() {
    return keys.entrySet().stream()
        .map(
            each -> new Registration(each.getKey().ports(), each.getValue(), heldBy(each.getKey())))
        .toList();
  }

  // ---- service actions

  /** Whether a key is the one that a nexus is registered with. */
  private boolean hasKey(NexusName nexus, long key) {
    Long mine = keys.get(nexus);
    return mine != null && mine == key;
  }

  /**
   * REGISTER of the nexus that asks, and of those that it asks for through other target ports
   * (ALL_TG_PT), each as if it had asked itself (SPC-4 clause 5.13.7).
   *
   * @param key RESERVATION KEY; null for REGISTER AND IGNORE EXISTING KEY
   */
  ReservationChange register(
      NexusName by, Set<NexusName> alsoThrough, Long key, long newKey, boolean persist) {
    if (!mayRegister(by, key)) {
      return ReservationChange.CONFLICT;
    }
    if (!registered(by) && newKey == 0) {
      return ReservationChange.of(this);
    }
    Map<NexusName, Long> next = new LinkedHashMap<>(keys);
    set(next, by, newKey);
    alsoThrough.stream()
        .filter(each -> mayRegister(each, key))
        .forEach(each -> set(next, each, newKey));
    return registrations(next, by, persist);
  }

  private boolean mayRegister(NexusName nexus, Long key) {
    return key == null || (registered(nexus) ? hasKey(nexus, key) : key == 0);
  }

  private static void set(Map<NexusName, Long> keys, NexusName nexus, long key) {
    if (key == 0) {
      keys.remove(nexus);
    } else {
      keys.put(nexus, key);
    }
  }

  /**
   * REGISTER with SPEC_I_PT: of the nexus that asks and of others, of which none may be registered.
   *
   * @param others without the one that asks
   */
  ReservationChange registerOthers(
      NexusName by, Set<NexusName> others, long key, long newKey, boolean persist) {
    if (!mayRegister(by, key)) {
      return ReservationChange.CONFLICT;
    }
    if (registered(by)) {
      return ReservationChange.refused(
          Sense.invalidFieldInParameterList(PersistentReserveOut.FLAGS_AT));
    }
    if (newKey == 0) {
      return ReservationChange.of(this);
    }
    if (others.stream().anyMatch(this::registered)) {
      return ReservationChange.refused(
          Sense.invalidFieldInParameterList(PersistentReserveOut.TRANSPORT_IDS_AT));
    }
    Map<NexusName, Long> next = new LinkedHashMap<>(keys);
    next.put(by, newKey);
    others.forEach(each -> next.put(each, newKey));
    return registrations(next, by, persist);
  }

  private ReservationChange registrations(
      Map<NexusName, Long> next, NexusName by, boolean persist) {
    if (next.size() > MAX_REGISTRATIONS) {
      return ReservationChange.refused(INSUFFICIENT_REGISTRATION_RESOURCES);
    }
    PersistentReservation after =
        new PersistentReservation(
            generation + 1, persist, Collections.unmodifiableMap(next), type, holder);
    return after.orphaned() ? after.released(by) : ReservationChange.of(after);
  }

  /** Whether nobody is left to hold the reservation. */
  private boolean orphaned() {
    return reserved() && (type.heldByAll() ? keys.isEmpty() : !registered(holder));
  }

  /** Without the reservation; the other registrants are told if it was theirs too. */
  private ReservationChange released(NexusName by) {
    PersistentReservation after = new PersistentReservation(generation, aptpl, keys, null, null);
    return type.admitsRegistrants()
        ? new ReservationChange(
            after, Sense.NONE, tell(by, each -> true, UnitAttention.RESERVATIONS_RELEASED))
        : ReservationChange.of(after);
  }

  private Map<NexusName, UnitAttention> tell(
      NexusName spared, Predicate<NexusName> which, UnitAttention cause) {
    Map<NexusName, UnitAttention> told = new HashMap<>();
    for (NexusName each : keys.keySet()) {
      if (!each.equals(spared) && which.test(each)) {
        told.put(each, cause);
      }
    }
    return told;
  }

  /** RESERVE (SPC-4 clause 5.13.9). */
  ReservationChange reserve(NexusName by, long key, ReservationScope scope) {
    if (!hasKey(by, key)) {
      return ReservationChange.CONFLICT;
    }
    if (!scope.refusal().isNone()) {
      return ReservationChange.refused(scope.refusal());
    }
    if (reserved()) {
      // asking for what one holds already is no fault
      boolean same = heldBy(by) && scope.type() == type;
      return same ? ReservationChange.of(this) : ReservationChange.CONFLICT;
    }
    return ReservationChange.of(heldBy(scope.type(), by));
  }

  private PersistentReservation heldBy(ReservationType newType, NexusName by) {
    return new PersistentReservation(
        generation, aptpl, keys, newType, newType.heldByAll() ? null : by);
  }

  /** RELEASE (SPC-4 clause 5.13.11.1.2). */
  ReservationChange release(NexusName by, long key, ReservationScope scope) {
    if (!hasKey(by, key)) {
      return ReservationChange.CONFLICT;
    }
    if (!heldBy(by)) {
      return ReservationChange.of(this);
    }
    if (!scope.refusal().isNone() || scope.type() != type) {
      return ReservationChange.refused(INVALID_RELEASE);
    }
    return released(by);
  }

  /** CLEAR (SPC-4 clause 5.13.11.2.7). */
  ReservationChange clear(NexusName by, long key) {
    if (!hasKey(by, key)) {
      return ReservationChange.CONFLICT;
    }
    return new ReservationChange(
        new PersistentReservation(generation + 1, aptpl, Map.of(), null, null),
        Sense.NONE,
        tell(by, each -> true, UnitAttention.RESERVATIONS_PREEMPTED));
  }

  /** PREEMPT (SPC-4 clause 5.13.11.2). */
  ReservationChange preempt(NexusName by, long key, long preempted, ReservationScope scope) {
    if (!hasKey(by, key)) {
      return ReservationChange.CONFLICT;
    }
    boolean everybody = preempted == 0;
    if (everybody && !(reserved() && type.heldByAll())) {
      return ReservationChange.refused(Sense.invalidFieldInParameterList(SERVICE_ACTION_KEY_AT));
    }
    if (!everybody && !keys.containsValue(preempted)) {
      return ReservationChange.CONFLICT;
    }
    boolean takesOver = everybody || (holder != null && hasKey(holder, preempted));
    return takesOver
        ? takeOver(by, each -> everybody || hasKey(each, preempted), scope)
        : removeRegistrations(by, each -> hasKey(each, preempted));
  }

  private ReservationChange takeOver(
      NexusName by, Predicate<NexusName> which, ReservationScope scope) {
    if (!scope.refusal().isNone()) {
      return ReservationChange.refused(scope.refusal());
    }
    Predicate<NexusName> removed = each -> !each.equals(by) && which.test(each);
    Map<NexusName, UnitAttention> told = tell(by, removed, UnitAttention.REGISTRATIONS_PREEMPTED);
    if (scope.type() != type) {
      told.putAll(tell(by, removed.negate(), UnitAttention.RESERVATIONS_RELEASED));
    }
    PersistentReservation after = without(removed).heldBy(scope.type(), by);
    return new ReservationChange(after, Sense.NONE, told);
  }

  /** SCOPE and TYPE don't count here; the reservation, if there is one, stays (5.13.11.2.4). */
  private ReservationChange removeRegistrations(NexusName by, Predicate<NexusName> removed) {
    PersistentReservation after = without(removed);
    Map<NexusName, UnitAttention> told = tell(by, removed, UnitAttention.REGISTRATIONS_PREEMPTED);
    return new ReservationChange(
        after.orphaned() ? after.released(by).after() : after, Sense.NONE, told);
  }

  private PersistentReservation without(Predicate<NexusName> removed) {
    Map<NexusName, Long> left = new LinkedHashMap<>(keys);
    left.keySet().removeIf(removed);
    return new PersistentReservation(
        generation + 1, aptpl, Collections.unmodifiableMap(left), type, holder);
  }

  /** REGISTER AND MOVE (SPC-4 clause 5.13.8). */
  ReservationChange move(
      NexusName by, NexusName to, long key, long newKey, boolean unregister, boolean persist) {
    if (!hasKey(by, key)) {
      return ReservationChange.CONFLICT;
    }
    if (!reserved()) {
      return ReservationChange.refused(Sense.invalidFieldInCdb(1, 4));
    }
    if (type.heldByAll() || !heldBy(by)) {
      return ReservationChange.CONFLICT;
    }
    if (newKey == 0) {
      return ReservationChange.refused(Sense.invalidFieldInParameterList(SERVICE_ACTION_KEY_AT));
    }
    if (to.equals(by)) {
      return ReservationChange.refused(
          Sense.invalidFieldInParameterList(PersistentReserveOut.MOVED_TO_AT));
    }
    Map<NexusName, Long> next = new LinkedHashMap<>(keys);
    next.put(to, newKey);
    if (unregister) {
      next.remove(by);
    }
    if (next.size() > MAX_REGISTRATIONS) {
      return ReservationChange.refused(INSUFFICIENT_REGISTRATION_RESOURCES);
    }
    return ReservationChange.of(
        new PersistentReservation(
            generation + 1, persist, Collections.unmodifiableMap(next), type, to));
  }
}
