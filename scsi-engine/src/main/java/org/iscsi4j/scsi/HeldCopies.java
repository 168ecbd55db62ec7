package org.iscsi4j.scsi;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The copies that one nexus may ask one unit about, by list identifier; list identifiers of one and
 * of four bytes are the same numbers. May be used from any thread.
 */
final class HeldCopies {

  /** The oldest first; guarded by this. */
  private final Map<Long, CopyOperation> copies = new LinkedHashMap<>();

  /** The copy of a list identifier, or null. */
  synchronized CopyOperation find(long listId) {
    return copies.get(listId);
  }

  /** Whether a list identifier is that of a copy that has not ended. */
  synchronized boolean inProgress(long listId) {
    CopyOperation found = copies.get(listId);
    return found != null && found.state() == CopyOperation.State.IN_PROGRESS;
  }

  /** Takes a copy in; the oldest that has ended makes room, and one of the same identifier. */
  synchronized void hold(CopyOperation copy) {
    copies.remove(copy.listId());
    Iterator<CopyOperation> oldest = copies.values().iterator();
    while (copies.size() >= CopyLimits.HELD_COPIES && oldest.hasNext()) {
      if (oldest.next().state() != CopyOperation.State.IN_PROGRESS) {
        oldest.remove();
      }
    }
    copies.put(copy.listId(), copy);
  }

  /** Forgets a copy, unless another has its list identifier by now. */
  synchronized void drop(CopyOperation copy) {
    copies.remove(copy.listId(), copy);
  }
}
