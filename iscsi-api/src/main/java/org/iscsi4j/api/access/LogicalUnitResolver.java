package org.iscsi4j.api.access;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;

/**
 * Finds a logical unit when an initiator first addresses its number. May be called from any thread,
 * by several at once, and must not block: what takes time is done elsewhere, and completes the
 * stage.
 *
 * <pre>{@code
 * class Volume implements LogicalUnitResolver {
 *   private LogicalUnit open;
 *
 *   public CompletionStage<LogicalUnit> resolve(IscsiName target, int lun, Initiator initiator) {
 *     return CompletableFuture.supplyAsync(() -> open(target + "/" + lun), executor);
 *   }
 *
 *   private synchronized LogicalUnit open(String name) {
 *     if (open == null) {
 *       open = LogicalUnit.of(
 *           store.open(name).orElseThrow(() -> ResolutionException.notFound("lost")));
 *     }
 *     return open;
 *   }
 *
 *   public synchronized void released(LogicalUnit unit) {
 *     open = null;
 *     store.close(unit.device());
 *   }
 * }
 *
 * Target.builder("iqn.2001-04.com.example:volumes").lun(0, new Volume()).build();
 * }</pre>
 *
 * <p>It is asked once by each session that addresses the number. All of them must get the same unit
 * object for the same storage while it is in use, since two would know nothing of each other's
 * reservations and locks: a resolver keeps what it opened until it is {@link #released}.
 */
@FunctionalInterface
public interface LogicalUnitResolver {

  /**
   * Finds a unit. Commands for the number wait meanwhile, though not for ever. The same unit may be
   * given for several numbers and initiators.
   *
   * @param target the target that it stands in
   * @param lun the number under which the initiator addresses it
   * @return the unit; or fails with a {@link ResolutionException}, which the initiator learns as
   *     "there is no such unit", "you may not", or "not ready", and any other failure as the last;
   *     what is thrown instead counts as a failure too. A failure holds for the commands that wait;
   *     the next one asks again.
   */
  CompletionStage<LogicalUnit> resolve(IscsiName target, int lun, Initiator initiator);

  /** The unit, where it need not be looked for. */
  default Optional<LogicalUnit> known() {
    return Optional.empty();
  }

  /**
   * No session uses a unit any more that {@link #resolve} gave, and no call to its device is under
   * way, unless one hangs: its storage may be closed. Called once for each unit, however often it
   * was given, on any thread.
   */
  default void released(LogicalUnit unit) {}

  /** A unit that is there. Resolvers of the same unit are equal, and those of others are not. */
  static LogicalUnitResolver of(LogicalUnit unit) {
    return new KnownUnit(Objects.requireNonNull(unit, "unit"));
  }
}
