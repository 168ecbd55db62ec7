package org.iscsi4j.target;

import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
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

  /** Guarded by this, which nobody holds while he waits for anything: loops take it too. */
  private final Map<IscsiName, Lease> leases = new HashMap<>();

  /** Targets that are being given back: completed when they are. Guarded by this. */
  private final Map<IscsiName, CompletableFuture<Void>> leaving = new HashMap<>();

  /**
   * How often each target came into the catalogue and has not left it: one that comes back while
   * what it had before drains is not given back. Guarded by this.
   */
  private final Map<Target, Integer> uses = new IdentityHashMap<>();

  /** Guarded by this. */
  private boolean closed;

  /** Times that a target was given back. Guarded by this. */
  private long departures;

  /** A target in the catalogue, and until when it stays without being used. */
  private record Lease(Target target, long until) {}

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
  public synchronized boolean has(IscsiName name) {
    return leases.containsKey(name);
  }

  // ---- finding

  /**
   * Asks the resolver for a target, and has it served. While one is being given back, and when one
   * was in the meantime, the resolver is asked afterwards: nobody gets what is about to be closed.
   */
  CompletionStage<Target> find(IscsiName name, Initiator initiator) {
    CompletableFuture<Void> gone;
    long before;
    synchronized (this) {
      gone = leaving.get(name);
      before = departures;
    }
    if (gone != null) {
      return gone.thenCompose(done -> find(name, initiator));
    }
    return resolver
        .resolve(name, initiator)
        .thenApplyAsync(found -> serve(name, found, before), executor)
        .thenCompose(
            served ->
                served
                    .<CompletionStage<Target>>map(CompletableFuture::completedFuture)
                    .orElseGet(() -> find(name, initiator)));
  }

  /** The target as it is served now; empty when what was found may have been given back since. */
  private Optional<Target> serve(IscsiName name, Target found, long departuresBefore) {
    if (!found.name().equals(name)) {
      throw unavailable("asked for target " + name + ", the resolver gave " + found.name());
    }
    Optional<Target> before;
    CompletableFuture<Boolean> replaced;
    synchronized (catalogue.changes()) {
      checkOpen();
      if (departures() != departuresBefore) {
        return Optional.empty();
      }
      before = leaseOf(name).map(Lease::target);
      Optional<Target> served = catalogue.target(name);
      if (before.isEmpty() && served.isPresent()) {
        return served; // the server was told of one meanwhile
      }
      if (before.filter(same -> same == found).isPresent()) {
        lease(found);
        return served; // with what the host has changed since
      }
      replaced = before.isEmpty() ? added(found) : catalogue.change(name, any -> found);
      use(found);
      lease(found);
    }
    before.ifPresent(old -> replaced.thenRun(() -> release(old)));
    return Optional.of(found);
  }

  private CompletableFuture<Boolean> added(Target found) {
    catalogue.add(found);
    review(found.name());
    return CompletableFuture.completedFuture(true);
  }

  private static CompletionException unavailable(String why) {
    return new CompletionException(
        new ResolutionException(ResolutionException.Kind.UNAVAILABLE, why));
  }

  private synchronized long departures() {
    return departures;
  }

  private synchronized Optional<Lease> leaseOf(IscsiName name) {
    return Optional.ofNullable(leases.get(name));
  }

  private synchronized void lease(Target found) {
    leases.put(found.name(), new Lease(found, System.nanoTime() + linger.get().toNanos()));
  }

  private synchronized void checkOpen() {
    if (closed) {
      throw unavailable("the server is closed");
    }
  }

  private synchronized void use(Target found) {
    checkOpen();
    uses.merge(found, 1, Integer::sum);
  }

  // ---- giving back

  /** Looks later whether a target is still wanted. */
  private void review(IscsiName name) {
    timer.accept(linger.get(), () -> reviewNow(name));
  }

  private void reviewNow(IscsiName name) {
    try {
      executor.execute(() -> dropUnused(name));
    } catch (RejectedExecutionException e) {
      log.debug("target {} is looked at later: {}", name, e.toString());
      review(name);
    }
  }

  private void dropUnused(IscsiName name) {
    Optional<Departure> departure;
    synchronized (catalogue.changes()) {
      departure = leaseOf(name).filter(this::isOver).map(over -> depart(name));
      if (departure.isEmpty() && has(name)) {
        review(name);
      }
    }
    departure.ifPresent(this::finish);
  }

  private boolean isOver(Lease lease) {
    return !catalogue.isUsed(lease.target().name()) && lease.until() - System.nanoTime() <= 0;
  }

  /**
   * Serves a target no more, and gives it back if it was found.
   *
   * @return as of {@link Catalogue#remove}
   */
  CompletableFuture<Boolean> remove(IscsiName name) {
    Departure departure;
    synchronized (catalogue.changes()) {
      departure = depart(name);
    }
    finish(departure);
    return departure.drained();
  }

  /**
   * A target that is not served any more.
   *
   * @param drained completed when nothing of it is used
   * @param found empty when it is none that was found
   */
  private record Departure(CompletableFuture<Boolean> drained, Optional<Target> found) {}

  private Departure depart(IscsiName name) {
    CompletableFuture<Boolean> drained = catalogue.remove(name);
    synchronized (this) {
      Optional<Target> found = leaseOf(name).map(Lease::target);
      if (found.isPresent()) {
        log.debug("target {} is given back", name);
        leases.remove(name);
        leaving.put(name, new CompletableFuture<>());
        departures++;
      }
      return new Departure(drained, found);
    }
  }

  /** Not under a lock: the host may take his time, and logins may go on. */
  private void finish(Departure departure) {
    departure.found().ifPresent(target -> departure.drained().thenRun(() -> givenBack(target)));
  }

  private void givenBack(Target target) {
    release(target);
    CompletableFuture<Void> gone;
    synchronized (this) {
      gone = leaving.remove(target.name());
    }
    gone.complete(null);
  }

  private void release(Target target) {
    if (wasLastUse(target)) {
      tellReleased(target);
    }
  }

  private synchronized boolean wasLastUse(Target target) {
    boolean used = uses.containsKey(target); // else it was given back at the end
    Integer left = uses.computeIfPresent(target, (same, count) -> count > 1 ? count - 1 : null);
    return used && left == null;
  }

  private void tellReleased(Target target) {
    try {
      resolver.released(target);
    } catch (RuntimeException e) {
      log.error("the resolver failed when target {} was given back", target.name(), e);
    }
  }

  /**
   * Gives every target back; nothing uses them any more. Does not wait for a change that the host
   * has under way, which may never end.
   */
  void close() {
    takeAll().forEach(this::tellReleased);
  }

  private synchronized List<Target> takeAll() {
    closed = true;
    List<Target> all = List.copyOf(uses.keySet());
    leases.clear();
    uses.clear();
    return all;
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
