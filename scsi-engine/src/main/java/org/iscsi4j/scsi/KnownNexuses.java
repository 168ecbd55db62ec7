package org.iscsi4j.scsi;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The nexuses that a unit has met since it was powered on: one that comes back has lost the nexus,
 * not the power (SAM-5 clause 6.3.4). Who has not come for longest is forgotten, so that initiators
 * that make up names cost bounded memory. May be used from any thread.
 */
final class KnownNexuses {

  static final int LIMIT = 1024;

  /** The one that came last is last; guarded by this. */
  private final Set<String> names = new LinkedHashSet<>();

  /** What a nexus that comes now is told first. */
  synchronized UnitAttention greet(Nexus nexus) {
    String name = nexus.toString();
    boolean known = names.remove(name);
    names.add(name);
    if (names.size() > LIMIT) {
      Iterator<String> oldest = names.iterator();
      oldest.next();
      oldest.remove();
    }
    return known ? UnitAttention.I_T_NEXUS_LOSS : UnitAttention.POWER_ON;
  }
}
