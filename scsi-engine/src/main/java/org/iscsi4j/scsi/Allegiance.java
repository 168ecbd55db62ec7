package org.iscsi4j.scsi;

import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/**
 * The auto contingent allegiance conditions of a unit (SAM-5 clause 5.10): after a CHECK CONDITION
 * of a command with NACA set, nothing runs but what deals with the fault, until the nexus that met
 * it clears the condition. May be used from any thread.
 */
final class Allegiance {

  private static final int PERSISTENT_RESERVE_OUT = 0x5f;
  private static final int PREEMPT_AND_ABORT = 0x05;

  private final DeviceServer unit;

  /** The nexuses that met a fault; written under this. */
  private final Set<ItlNexus> faulted = new CopyOnWriteArraySet<>();

  /** Whether {@link #faulted} holds any: what the fast path reads. Written under this. */
  private volatile boolean any;

  Allegiance(DeviceServer unit) {
    this.unit = unit;
  }

  /** Whether there is no condition at all. */
  boolean none() {
    return !any;
  }

  /** Whether no condition stops the commands of a nexus. */
  boolean none(ItlNexus nexus) {
    return !any || (unit.taskSetPerNexus() && !faulted.contains(nexus));
  }

  /** Whether a nexus met the fault itself. */
  boolean of(ItlNexus nexus) {
    return any && faulted.contains(nexus);
  }

  /**
   * What a new command is answered; GOOD when it may enter.
   *
   * @param dealtWith whether a command with the ACA attribute is under way
   */
  Status refusal(ItlNexus nexus, ScsiTask task, boolean dealtWith) {
    if (none(nexus) || passes(task)) {
      return Status.GOOD;
    }
    if (of(nexus)) {
      boolean deals = task.attribute() == TaskAttribute.ACA && !dealtWith;
      return deals ? Status.GOOD : Status.ACA_ACTIVE;
    }
    return task.naca() ? Status.ACA_ACTIVE : Status.BUSY;
  }

  /** PREEMPT AND ABORT is how another nexus gets out of the condition. */
  boolean passes(ScsiTask task) {
    Cdb cdb = task.cdb();
    return any && cdb.opcode() == PERSISTENT_RESERVE_OUT && (cdb.u8(1) & 0x1f) == PREEMPT_AND_ABORT;
  }

  /** A command of a nexus ended with CHECK CONDITION. */
  void checkCondition(ItlNexus nexus, TaskAttribute attribute, boolean naca) {
    if (naca) {
      establish(nexus);
    } else if (attribute == TaskAttribute.ACA) {
      clear(nexus);
    }
  }

  private synchronized void establish(ItlNexus nexus) {
    faulted.add(nexus);
    any = true;
  }

  /** Ends the condition of a nexus; what waited for that goes on. */
  void clear(ItlNexus nexus) {
    if (any) {
      end(Set.of(nexus));
    }
  }

  /** Ends all conditions. */
  void clearAll() {
    if (any) {
      end(Set.copyOf(faulted));
    }
  }

  private void end(Set<ItlNexus> those) {
    boolean ended;
    synchronized (this) {
      ended = faulted.removeAll(those);
      any = !faulted.isEmpty();
    }
    if (ended) {
      unit.promoteAll();
    }
  }
}
