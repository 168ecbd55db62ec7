package org.iscsi4j.scsi;

import java.util.EnumMap;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An I_T_L nexus: what one initiator port and one unit share. Here: the unit attentions that the
 * initiator has not been told yet. They are raised from any thread, and taken by the owner of the
 * nexus.
 */
final class ItlNexus {

  private static final Logger log = LoggerFactory.getLogger(ItlNexus.class);

  private static final Set<UnitAttention> PREVIOUS_STATUS =
      Set.of(
          UnitAttention.PREVIOUS_BUSY_STATUS,
          UnitAttention.PREVIOUS_TASK_SET_FULL_STATUS,
          UnitAttention.PREVIOUS_RESERVATION_CONFLICT_STATUS);

  // UADE DEPTH of the additional response information
  private static final int ONE_PENDING = 0x10;
  private static final int MORE_PENDING = 0x20;

  private final Nexus nexus;
  private final int number;
  private final DeviceServer server;
  private final NexusName name;
  private final HeldCopies copies = new HeldCopies();

  private final TaskSet tasks;

  /** Where writes of this nexus are announced; made on the thread that owns it. */
  private final RangeLocks.InPlace inPlace;

  /** Guarded by this. */
  private final EnumMap<UnitAttention, Sense> attentions = new EnumMap<>(UnitAttention.class);

  private final AccessCounters counters = new AccessCounters();

  /** Whether {@link #attentions} holds any: what the fast path reads. */
  private volatile boolean attention = true;

  /** Whether the initiator wants the medium to stay (PREVENT ALLOW MEDIUM REMOVAL). */
  private volatile boolean preventsRemoval;

  /** Whether this nexus may only read; written by the owner. */
  private volatile boolean readOnly;

  private final NexusBuffers buffers = new NexusBuffers();

  ItlNexus(Nexus nexus, int number, DeviceServer server, boolean readOnly) {
    this.nexus = nexus;
    this.number = number;
    this.server = server;
    this.readOnly = readOnly;
    tasks = new TaskSet(this, server);
    inPlace = server.io().locks().inPlace();
    UnitAttention greeting = server.greet(nexus);
    attentions.put(greeting, greeting.sense());
    name = NexusName.of(nexus.initiatorPort(), nexus.targetPort());
    server.attach(this);
  }

  Nexus nexus() {
    return nexus;
  }

  int number() {
    return number;
  }

  DeviceServer server() {
    return server;
  }

  boolean isOf(DeviceServer unit) {
    return server == unit;
  }

  /** Whether this nexus may only read, whatever others may. */
  boolean readOnly() {
    return readOnly;
  }

  /** Changes what the nexus may do, and tells it. Commands that it has begun go on. */
  void readOnly(boolean now) {
    if (readOnly != now) {
      readOnly = now;
      raise(UnitAttention.MODE_PARAMETERS_CHANGED);
    }
  }

  /** The commands of the nexus in the unit; touched by the owner. */
  TaskSet tasks() {
    return tasks;
  }

  /**
   * Runs work on the thread that owns the nexus.
   *
   * @return whether it will run; false when the transport takes no more
   */
  boolean executeOrSkip(Runnable work) {
    try {
      nexus.execute(work);
      return true;
    } catch (Throwable e) {
      log.warn("{} takes no work any more: {}", nexus, e.toString());
      return false;
    }
  }

  RangeLocks.InPlace inPlace() {
    return inPlace;
  }

  /** Who the nexus is, beyond its session. */
  NexusName name() {
    return name;
  }

  boolean preventsRemoval() {
    return preventsRemoval;
  }

  void preventRemoval(boolean prevent) {
    preventsRemoval = prevent;
  }

  NexusBuffers buffers() {
    return buffers;
  }

  /** As if the nexus were lost and there again at once (SAM-5 clauses 6.3.4 and 7.7). */
  void resetNexus() {
    server.lost(this);
    reset();
    raise(UnitAttention.I_T_NEXUS_LOSS);
  }

  /** Forgets what a reset of the unit undoes. Called from any thread. */
  void reset() {
    preventsRemoval = false;
    buffers.reset();
  }

  /** The copies that the initiator may ask about. */
  HeldCopies copies() {
    return copies;
  }

  boolean hasUnitAttention() {
    return attention;
  }

  /** What the nexus did with the unit; written by the owner of the nexus. */
  AccessCounters counters() {
    return counters;
  }

  /** Establishes a unit attention condition (SPC-5 clause 5.14); one of each cause is kept. */
  void raise(UnitAttention cause) {
    raise(cause, cause.sense());
  }

  /**
   * As {@link #raise(UnitAttention)}, with sense data that says more; the last of a cause stays.
   */
  void raise(UnitAttention cause, Sense sense) {
    if (establish(cause, sense)) {
      tell(sense);
    }
  }

  /** Whether that is news. */
  private synchronized boolean establish(UnitAttention cause, Sense sense) {
    attention = true;
    return !coveredByPowerOn(cause) && !sense.equals(attentions.put(cause, sense));
  }

  /**
   * A power on says more than whatever follows before it is told (SAM-5 clause 5.14.1), but nothing
   * of the other units.
   */
  private boolean coveredByPowerOn(UnitAttention cause) {
    return cause != UnitAttention.REPORTED_LUNS_DATA_HAS_CHANGED
        && attentions.containsKey(UnitAttention.POWER_ON);
  }

  private void tell(Sense sense) {
    nexus.tell(Lun.encode(number), sense, server.descriptorSense());
  }

  /**
   * Tells of a status that carried no sense, when the control mode page asks for it (UA_INTLCK_CTRL
   * 11b). Once, however many follow, until it is taken (SPC-4 clause 7.5.8).
   */
  void ended(Status status) {
    UnitAttention cause =
        switch (status) {
          case BUSY -> UnitAttention.PREVIOUS_BUSY_STATUS;
          case TASK_SET_FULL -> UnitAttention.PREVIOUS_TASK_SET_FULL_STATUS;
          case RESERVATION_CONFLICT -> UnitAttention.PREVIOUS_RESERVATION_CONFLICT_STATUS;
          default -> null;
        };
    if (cause != null && server.mode().tellsOfStatus()) {
      raiseOnce(cause);
    }
  }

  private synchronized void raiseOnce(UnitAttention cause) {
    if (attentions.keySet().stream().noneMatch(PREVIOUS_STATUS::contains)) {
      establish(cause, cause.sense());
    }
  }

  /** The most important condition; {@link Sense#NONE} when there is none. */
  synchronized Sense unitAttention() {
    return attentions.isEmpty() ? Sense.NONE : attentions.values().iterator().next();
  }

  /**
   * The most important condition as QUERY ASYNCHRONOUS EVENT tells it (SAM-5 clause 7.9), in 24
   * bits: UADE DEPTH and sense key, additional sense code, its qualifier; 0 when there is none.
   */
  synchronized int asyncEvent() {
    if (attentions.isEmpty()) {
      return 0;
    }
    Sense first = attentions.values().iterator().next();
    int depth = attentions.size() == 1 ? ONE_PENDING : MORE_PENDING;
    return (depth | first.key().code()) << 16 | first.asc() << 8 | first.ascq();
  }

  /** Takes the most important condition; {@link Sense#NONE} when there is none. */
  synchronized Sense takeUnitAttention() {
    if (attentions.isEmpty()) {
      return Sense.NONE;
    }
    UnitAttention first = attentions.keySet().iterator().next();
    Sense sense = attentions.remove(first);
    attention = !attentions.isEmpty();
    return sense;
  }

  /** Forgets a condition that the initiator has learned of in another way. */
  synchronized void clear(UnitAttention cause) {
    attentions.remove(cause);
    attention = !attentions.isEmpty();
  }

  /** Tells what is pending already, of a unit that the initiator did not address by itself. */
  void tellPending() {
    tell(unitAttention());
  }

  /**
   * The initiator reaches the unit by this number no more. The commands that it has sent go on.
   *
   * @param over runs once, by the owner, when they have ended
   */
  void leave(Runnable over) {
    server.allegiance().clear(this); // nobody could clear it any more
    tasks.whenEmpty(over);
  }

  /** The nexus is lost, or has left the unit. */
  void close() {
    server.detach(this);
    tasks.close();
  }
}
