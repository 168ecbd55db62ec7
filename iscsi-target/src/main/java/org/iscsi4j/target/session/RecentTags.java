package org.iscsi4j.target.session;

/**
 * The tags of the commands that ended last while their write data was still on its way. A bounded
 * ring: what is forgotten is answered with Reject, which does no harm.
 */
final class RecentTags {

  private static final int SIZE = 128;

  private final int[] tags = new int[SIZE];
  private int next;
  private int size;

  void add(int tag) {
    tags[next] = tag;
    next = (next + 1) % SIZE;
    size = Math.min(size + 1, SIZE);
  }

  boolean contains(int tag) {
    for (int i = 0; i < size; i++) {
      if (tags[i] == tag) {
        return true;
      }
    }
    return false;
  }
}
