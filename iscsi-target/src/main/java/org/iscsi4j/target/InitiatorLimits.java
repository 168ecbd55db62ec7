package org.iscsi4j.target;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.RateLimit;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.scsi.RateLimiter;

/**
 * What initiators are held to: a limit for each of some groups, and one limiter for each name in a
 * group, which all sessions of that name share. A limiter outlives the sessions until all of its
 * burst is back, so that nobody gets a new one by logging in again. May be used from any thread.
 */
final class InitiatorLimits {

  /** The most initiators without a session that are remembered; the one longest gone goes first. */
  static final int MOST_GONE = 1_024;

  private final LongSupplier nanoTime;

  /** In the order in which they are asked; guarded by this. */
  private final Map<InitiatorGroup, RateLimit> limits = new LinkedHashMap<>();

  /** Guarded by this. */
  private final Set<Member> members = new HashSet<>();

  /** Limiters in use; guarded by this. */
  private final Map<Key, Shared> inUse = new HashMap<>();

  /** Limiters whose initiators have gone, the longest gone first; guarded by this. */
  private final LinkedHashMap<Key, Shared> gone = new LinkedHashMap<>();

  private record Key(InitiatorGroup group, IscsiName name) {}

  /** A limiter, and how many sessions have it; guarded by the limits. */
  private static final class Shared {
    private final RateLimiter limiter;
    private int users;

    private Shared(RateLimiter limiter) {
      this.limiter = limiter;
    }
  }

  /** A session; guarded by the limits. */
  private static final class Member {
    private final Initiator initiator;
    private final Consumer<RateLimiter> limitBy;
    private Key key;

    private Member(Initiator initiator, Consumer<RateLimiter> limitBy) {
      this.initiator = initiator;
      this.limitBy = limitBy;
    }
  }

  /** No limits yet. */
  InitiatorLimits(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Sets, changes or, with {@link RateLimit#NONE}, forgets the limit of each initiator of a group.
   * Those that are there are held to it at once.
   */
  synchronized void limit(InitiatorGroup group, RateLimit limit) {
    if (limit.isNone()) {
      limits.remove(group);
    } else {
      limits.put(group, limit);
    }
    // the limiters of a group that is forgotten let go what waits
    inUse.forEach((key, shared) -> change(key, shared, group, limit));
    gone.forEach((key, shared) -> change(key, shared, group, limit));
    members.forEach(this::assign);
    forget();
  }

  private static void change(Key key, Shared shared, InitiatorGroup group, RateLimit limit) {
    if (key.group().equals(group)) {
      shared.limiter.limit(limit);
    }
  }

  /**
   * A session begins.
   *
   * @param limitBy is given the session's limiter, null for none, now and whenever it is another
   * @return to be run once, when the session has ended
   */
  synchronized Runnable join(Initiator initiator, Consumer<RateLimiter> limitBy) {
    Member member = new Member(initiator, limitBy);
    members.add(member);
    assign(member);
    return () -> leave(member);
  }

  private synchronized void leave(Member member) {
    members.remove(member);
    release(member.key);
    forget();
  }

  /** How many initiators are remembered, those without a session included. */
  synchronized int size() {
    return inUse.size() + gone.size();
  }

  private void assign(Member member) {
    Key before = member.key;
    Key now = key(member.initiator);
    if (now == null ? before == null : now.equals(before)) {
      return;
    }
    member.key = now;
    member.limitBy.accept(now == null ? null : take(now).limiter);
    release(before);
  }

  /** Null when no group has the initiator. */
  private Key key(Initiator initiator) {
    for (InitiatorGroup group : limits.keySet()) {
      if (group.contains(initiator)) {
        return new Key(group, initiator.name());
      }
    }
    return null;
  }

  private Shared take(Key key) {
    Shared known = gone.remove(key);
    if (known != null) {
      inUse.put(key, known);
    }
    Shared shared =
        inUse.computeIfAbsent(
            key, any -> new Shared(new RateLimiter(limits.get(key.group()), nanoTime)));
    shared.users++;
    return shared;
  }

  private void release(Key key) {
    if (key != null && --inUse.get(key).users == 0) {
      gone.put(key, inUse.remove(key));
    }
  }

  /** Forgets initiators that are gone and owe nothing, and those that are too many. */
  private void forget() {
    gone.values().removeIf(shared -> shared.limiter.isUnused());
    Iterator<Shared> longest = gone.values().iterator();
    while (gone.size() > MOST_GONE) {
      longest.next();
      longest.remove();
    }
  }
}
