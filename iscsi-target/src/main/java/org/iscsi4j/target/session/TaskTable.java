package org.iscsi4j.target.session;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The outstanding tasks of a session by their initiator task tag. Open addressing over a power of
 * two, so that looking a tag up allocates nothing.
 */
final class TaskTable {

  private IscsiTask[] slots = new IscsiTask[64];
  private int size;

  int size() {
    return size;
  }

  /** The task of a tag, or null. */
  IscsiTask get(int tag) {
    for (int at = home(tag); slots[at] != null; at = next(at)) {
      if (slots[at].tag() == tag) {
        return slots[at];
      }
    }
    return null;
  }

  /** Adds a task whose tag is not in the table. */
  void add(IscsiTask task) {
    if (++size * 2 > slots.length) {
      grow();
    }
    insert(task);
  }

  /** Removes a task that is in the table. */
  void remove(IscsiTask task) {
    int at = home(task.tag());
    while (slots[at] != task) {
      at = next(at);
    }
    slots[at] = null;
    size--;
    // what stands behind the gap in the same run may have been pushed there by what was removed
    for (int moved = next(at); slots[moved] != null; moved = next(moved)) {
      IscsiTask behind = slots[moved];
      slots[moved] = null;
      insert(behind);
    }
  }

  /** The tasks that are so, at this moment. */
  List<IscsiTask> matching(Predicate<IscsiTask> condition) {
    List<IscsiTask> found = new ArrayList<>();
    for (IscsiTask task : slots) {
      if (task != null && condition.test(task)) {
        found.add(task);
      }
    }
    return found;
  }

  private void insert(IscsiTask task) {
    int at = home(task.tag());
    while (slots[at] != null) {
      at = next(at);
    }
    slots[at] = task;
  }

  private void grow() {
    IscsiTask[] old = slots;
    slots = new IscsiTask[old.length * 2];
    for (IscsiTask task : old) {
      if (task != null) {
        insert(task);
      }
    }
  }

  private int home(int tag) {
    // Fibonacci hashing: the tags of an initiator differ in few bits, and these may be the high
    // ones
    return (tag * 0x9e3779b9) >>> (Integer.numberOfLeadingZeros(slots.length) + 1);
  }

  private int next(int at) {
    return (at + 1) & (slots.length - 1);
  }
}
