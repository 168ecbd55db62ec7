package org.iscsi4j.api.access;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;

/** A unit that need not be looked for. Units compare by identity. */
final class KnownUnit implements LogicalUnitResolver {

  private final LogicalUnit unit;

  KnownUnit(LogicalUnit unit) {
    this.unit = unit;
  }

  @Override
  public CompletionStage<LogicalUnit> resolve(IscsiName target, int lun, Initiator initiator) {
    return CompletableFuture.completedFuture(unit);
  }

  @Override
  public Optional<LogicalUnit> known() {
    return Optional.of(unit);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KnownUnit known && known.unit == unit;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(unit);
  }

  @Override
  public String toString() {
    return unit.toString();
  }
}
