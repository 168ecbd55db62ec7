package org.iscsi4j.target;

import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.ResolutionException;
import org.iscsi4j.api.access.TargetResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The targets that the host's resolver found: each stands in the catalogue until nobody has used it
 * or asked for it for a while. The resolver is asked at every login, and may come up with another
 * description. Safe from any thread.
 */
final class FoundTargets implements Discovery.Found {

  private static final Logger log = LoggerFactory.getLogger(FoundTargets.class);

  private final TargetResolver resolver;
  private final Catalogue catalogue;
  private final Executor executor;
  private final Supplier<Duration> linger;
  private final BiConsumer<Duration, Runnable> timer;

  /** Changed under this; read by the threads that serve connections. */
  private final Map<IscsiName, Lease> leases = new ConcurrentHashMap<>();

  /**
   * How often each target came into the catalogue and has not left it: one that comes back while
   * its last sessions drain is not given back. Guarded by itself.
   */
  private final Map<Target, Integer> uses = new IdentityHashMap<>();

  /** A target in the catalogue, and until when it stays without being used. */
  private static final class Lease {
    private Target target;
    private long until;
  }

  /**
   * No targets yet.
   *
   * @param executor where targets are made ready, which may block
   * @param linger how long one stays that nobody uses: longer than a login takes
   * @param timer runs work later
   */
  FoundTargets(
      TargetResolver resolver,
      Catalogue catalogue,
      Executor executor,
      Supplier<Duration> linger,
      BiConsumer<Duration, Runnable> timer) {
    this.resolver = resolver;
    this.catalogue = catalogue;
    this.executor = executor;
    this.linger = linger;
    this.timer = timer;
  }

  @Override
  public boolean has(IscsiName name) {
    return leases.containsKey(name);
  }

  /** The host's resolver. */
  TargetResolver resolver() {
    return resolver;
  }

  /** Asks the resolver for a target, and has it served. */
  CompletionStage<Target> find(IscsiName name, Initiator initiator) {
    return resolver.resolve(name, initiator).thenApplyAsync(found -> serve(name, found), executor);
  }

  private synchronized Target serve(IscsiName name, Target found) {
    if (!found.name().equals(name)) {
      throw new CompletionException(
          new ResolutionException(
              ResolutionException.Kind.UNAVAILABLE,
              "asked for target " + name + ", the resolver gave " + found.name()));
    }
    Lease lease = leases.get(name);
    if (lease == null) {
      lease = new Lease();
      catalogue.add(found);
      lease.target = found;
      used(found);
      leases.put(name, lease);
      review(name);
    } else if (lease.target != found || catalogue.target(name).isEmpty()) {
      replace(lease, found);
    }
    lease.until = System.nanoTime() + linger.get().toNanos();
    return found;
  }

  private void replace(Lease lease, Target found) {
    Target before = lease.target;
    CompletableFuture<Boolean> drained = CompletableFuture.completedFuture(true);
    if (catalogue.target(found.name()).isEmpty()) {
      catalogue.add(found); // the host had taken it out itself
    } else {
      drained = catalogue.change(found.name(), any -> found);
    }
    lease.target = found;
    used(found);
    drained.whenComplete((done, failure) -> unused(before));
  }

  /** Looks later whether a target is still wanted. */
  private void review(IscsiName name) {
    timer.accept(linger.get(), () -> reviewNow(name));
  }

  private void reviewNow(IscsiName name) {
    try {
      executor.execute(() -> dropUnused(name));
    } catch (RejectedExecutionException busy) {
      review(name);
    }
  }

  private synchronized void dropUnused(IscsiName name) {
    Lease lease = leases.get(name);
    if (lease == null) {
      return;
    }
    if (catalogue.isUsed(name) || lease.until - System.nanoTime() > 0) {
      review(name);
      return;
    }
    leases.remove(name);
    if (catalogue.target(name).isEmpty()) {
      unused(lease.target); // the host has taken it out itself
      return;
    }
    log.debug("target {} is not used any more", name);
    catalogue.remove(name).whenComplete((done, failure) -> unused(lease.target));
  }

  private void used(Target target) {
    synchronized (uses) {
      uses.merge(target, 1, Integer::sum);
    }
  }

  private void unused(Target target) {
    synchronized (uses) {
      Integer left = uses.computeIfPresent(target, (same, count) -> count - 1);
      if (left == null || left > 0) {
        return;
      }
      uses.remove(target);
    }
    release(target);
  }

  private void release(Target target) {
    try {
      resolver.released(target);
    } catch (RuntimeException e) {
      log.error("the host could not take {} back", target, e);
    }
  }

  /** Gives every target back; nothing uses them any more. */
  void close() {
    List<Target> all;
    synchronized (uses) {
      all = List.copyOf(uses.keySet());
      uses.clear();
    }
    leases.clear();
    all.forEach(this::release);
  }

  @Override
  public CompletionStage<List<IscsiName>> visibleTo(Initiator initiator) {
    try {
      return resolver.visibleTo(initiator).thenApply(List::copyOf);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
