package org.iscsi4j.api;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;

/**
 * An array of byte pages that exist from their first use on, indexed by 0 to 2<sup>55</sup> - 1.
 *
 * <p>A tree of fixed height: a node, once there, neither moves nor goes away before the whole tree
 * does, so that any thread finds a page with six loads and no lock. What is in a page is its users'
 * business.
 */
final class SparsePages {

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);
  private static final int BITS = 11;
  private static final int LEVELS = 5;
  private static final int TOP = BITS * (LEVELS - 1);

  private final Supplier<byte[]> newPage;
  private volatile Tree tree;

  /** Pages, and how many there are. */
  private record Tree(Object[] root, Quota count) {

    static Tree empty(Quota count) {
      return new Tree(new Object[1 << BITS], count);
    }
  }

  SparsePages(Supplier<byte[]> newPage) {
    this(newPage, Quota.unlimited());
  }

  /** As many pages as a quota allows. */
  SparsePages(Supplier<byte[]> newPage, Quota quota) {
    this.newPage = newPage;
    tree = Tree.empty(quota);
  }

  /** The page, or null when there is none. */
  byte[] get(long index) {
    Object[] node = tree.root;
    for (int shift = TOP; shift > 0; shift -= BITS) {
      node = (Object[]) SLOT.getAcquire(node, slot(index, shift));
      if (node == null) {
        return null;
      }
    }
    return (byte[]) SLOT.getAcquire(node, slot(index, 0));
  }

  /** The page, made when there is none; null when it would be one too many. */
  byte[] getOrCreate(long index) {
    Tree now = tree;
    Object[] leaf = leafOrCreate(now, index);
    byte[] page = (byte[]) SLOT.getAcquire(leaf, slot(index, 0));
    return page != null ? page : create(now, leaf, slot(index, 0));
  }

  /**
   * Makes the pages that are missing from {@code from} to before {@code to}, all or none. One that
   * is removed meanwhile stays missing.
   *
   * @return whether they are not too many
   */
  boolean createAll(long from, long to) {
    Tree now = tree;
    long missing = 0;
    for (long i = from; i < to; i++) {
      missing += absentSpan(now, i) == 0 ? 0 : 1;
    }
    if (missing == 0) {
      return true;
    }
    if (!now.count.take(missing)) {
      return false;
    }
    long left = missing;
    try {
      for (long i = from; i < to && left > 0; i++) {
        Object[] leaf = leafOrCreate(now, i);
        if (SLOT.getAcquire(leaf, slot(i, 0)) == null) {
          byte[] fresh = newPage.get();
          left -= add(leaf, slot(i, 0), fresh) == fresh ? 1 : 0;
        }
      }
    } finally {
      now.count.give(left);
    }
    return true;
  }

  /** Forgets the pages from {@code from} to before {@code to}. */
  void remove(long from, long to) {
    Tree now = tree;
    for (long i = nextPresent(now, from, to); i < to; i = nextPresent(now, i + 1, to)) {
      if (SLOT.getAndSet(leaf(now, i), slot(i, 0), (Object) null) != null) {
        now.count.give(1);
      }
    }
  }

  /** Forgets all pages, and gives back what it took to find them. */
  void clear() {
    tree = Tree.empty(tree.count.fresh());
  }

  /** How many pages exist. */
  long count() {
    return tree.count.used();
  }

  /** How many pages exist, and may still be made, in bytes. */
  Space space(int pageSize) {
    return tree.count.space(pageSize);
  }

  /**
   * The first page at or after {@code from} that exists, or {@code limit}. Jumps over wide holes.
   */
  long nextPresent(long from, long limit) {
    return nextPresent(tree, from, limit);
  }

  private static long nextPresent(Tree now, long from, long limit) {
    long i = from;
    while (i < limit) {
      long span = absentSpan(now, i);
      if (span == 0) {
        return i;
      }
      i = (i | (span - 1)) + 1;
    }
    return limit;
  }

  /** The first page at or after {@code from} that does not exist, or {@code limit}. */
  long nextAbsent(long from, long limit) {
    long i = from;
    while (i < limit && get(i) != null) {
      i++;
    }
    return i;
  }

  /**
   * The size of the largest aligned group around a page that is known to be empty; 0 when it
   * exists.
   */
  private static long absentSpan(Tree now, long index) {
    Object[] node = now.root;
    for (int shift = TOP; shift > 0; shift -= BITS) {
      node = (Object[]) SLOT.getAcquire(node, slot(index, shift));
      if (node == null) {
        return 1L << shift;
      }
    }
    return SLOT.getAcquire(node, slot(index, 0)) == null ? 1 : 0;
  }

  private static Object[] leaf(Tree now, long index) {
    Object[] node = now.root;
    for (int shift = TOP; shift > 0; shift -= BITS) {
      node = (Object[]) SLOT.getAcquire(node, slot(index, shift));
    }
    return node;
  }

  private static Object[] leafOrCreate(Tree now, long index) {
    Object[] node = now.root;
    for (int shift = TOP; shift > 0; shift -= BITS) {
      node = childOrCreate(node, slot(index, shift));
    }
    return node;
  }

  private byte[] create(Tree now, Object[] leaf, int slot) {
    if (!now.count.take(1)) {
      return null;
    }
    boolean added = false;
    try {
      byte[] fresh = newPage.get();
      byte[] page = add(leaf, slot, fresh);
      added = page == fresh;
      return page;
    } finally {
      if (!added) {
        now.count.give(1);
      }
    }
  }

  /** The page of a slot from now on: another thread may have been quicker. */
  private static byte[] add(Object[] leaf, int slot, byte[] fresh) {
    byte[] other = (byte[]) SLOT.compareAndExchange(leaf, slot, (Object) null, (Object) fresh);
    return other == null ? fresh : other;
  }

  private static Object[] childOrCreate(Object[] node, int slot) {
    Object[] child = (Object[]) SLOT.getAcquire(node, slot);
    if (child != null) {
      return child;
    }
    Object[] fresh = new Object[1 << BITS];
    Object[] other = (Object[]) SLOT.compareAndExchange(node, slot, (Object) null, (Object) fresh);
    return other != null ? other : fresh;
  }

  private static int slot(long index, int shift) {
    return (int) (index >>> shift) & ((1 << BITS) - 1);
  }
}
