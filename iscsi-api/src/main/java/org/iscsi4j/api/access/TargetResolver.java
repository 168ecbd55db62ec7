package org.iscsi4j.api.access;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Target;

/**
 * Finds targets when an initiator logs in to them: those that a server was not told of before. May
 * be called from any thread, by several at once, and must not block: what takes time is done
 * elsewhere, and completes the stage. A login waits no longer than its time limit.
 *
 * <pre>{@code
 * class Volumes implements TargetResolver {
 *   private final Map<IscsiName, Target> open = new ConcurrentHashMap<>();
 *
 *   public CompletionStage<Target> resolve(IscsiName name, Initiator initiator) {
 *     return CompletableFuture.supplyAsync(
 *         () -> open.computeIfAbsent(name, this::open), executor);
 *   }
 *
 *   private Target open(IscsiName name) {
 *     try {
 *       return Target.builder(name).lun(LogicalUnit.of(store.open(name.toString()))).build();
 *     } catch (NoSuchFileException e) {
 *       throw ResolutionException.notFound("no volume " + name);
 *     } catch (IOException e) {
 *       throw ResolutionException.unavailable("volume " + name, e);
 *     }
 *   }
 *
 *   public void released(Target target) {
 *     open.remove(target.name());
 *     store.close(target.logicalUnits().get(0).device());
 *   }
 * }
 * }</pre>
 *
 * <p>Two initiators that come for the same volume must get the same target object while it is in
 * use: a resolver keeps what it opened until it is {@link #released}.
 */
@FunctionalInterface
public interface TargetResolver {

  /**
   * Finds the target of a name. It is then served as others are, with its own {@linkplain
   * Target#access access policy} and {@linkplain Target#chap authentication}, until no session uses
   * it any more. While it is in use the resolver is asked for each login all the same; a target
   * that is the same object is the same target, and another one of the same name replaces it.
   *
   * @param initiator who logs in; it has not proved yet who it is
   * @return the target; or fails with a {@link ResolutionException}, which the initiator learns as
   *     login status 0203h, 0204h, 0202h or 0301h (RFC 7143 section 11.13.5); any other failure is
   *     0300h and is logged, and what is thrown instead counts as a failure too
   */
  CompletionStage<Target> resolve(IscsiName name, Initiator initiator);

  /**
   * The names that discovery tells an initiator, beside those that the server was told of: nothing,
   * unless overridden, as who knows a name may come all the same. Discovery waits for 5 s and then
   * does without. The names come with the addresses of all portals; what is not for this initiator
   * is left out by the resolver.
   *
   * @param initiator who asks, with the {@linkplain Initiator#user user} that it proved to be
   */
  default CompletionStage<Collection<IscsiName>> visibleTo(Initiator initiator) {
    return CompletableFuture.completedFuture(List.of());
  }

  /**
   * No session uses a target any more that {@link #resolve} gave, and no call to its devices is
   * under way, unless one hangs: its storage may be closed. Called once for each target object that
   * was served, on any thread.
   */
  default void released(Target target) {}

  /**
   * Resolves to targets that are there already. Initiators are told the names of those whose
   * {@linkplain Target#access access policy} lets them in.
   *
   * @throws IllegalArgumentException when two have the same name
   */
  static TargetResolver of(Collection<Target> targets) {
    return TargetList.of(targets);
  }
}
