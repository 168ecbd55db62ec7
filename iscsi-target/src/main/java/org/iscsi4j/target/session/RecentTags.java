package org.iscsi4j.target.session;

import org.iscsi4j.protocol.Pdu;

/**
 * The tags of the commands that ended last while their write data was still on its way. A bounded
 * ring: what is forgotten is answered with Reject, which does no harm.
 */
final class RecentTags {

  private final int[] tags;
  private int next;
  private int size;

  RecentTags(int capacity) {
    tags = new int[capacity];
  }

  void add(int tag) {
    tags[next] = tag;
    next = (next + 1) % tags.length;
    size = Math.min(size + 1, tags.length);
  }

  /** Forgets a tag: what stands in its place is no command's. */
  void remove(int tag) {
    for (int i = 0; i < size; i++) {
      if (tags[i] == tag) {
        tags[i] = Pdu.RESERVED_TAG;
      }
    }
  }

  boolean contains(int tag) {
    for (int i = 0; i < size; i++) {
      if (tags[i] == tag && tag != Pdu.RESERVED_TAG) {
        return true;
      }
    }
    return false;
  }
}
