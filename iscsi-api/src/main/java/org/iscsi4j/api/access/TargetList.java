package org.iscsi4j.api.access;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Target;

/** Resolves to targets that are there already. Immutable. */
record TargetList(Map<IscsiName, Target> targets) implements TargetResolver {

  static TargetList of(Collection<Target> targets) {
    Map<IscsiName, Target> byName = new TreeMap<>();
    for (Target target : targets) {
      if (byName.putIfAbsent(target.name(), target) != null) {
        throw new IllegalArgumentException("target " + target.name() + " stands twice");
      }
    }
    return new TargetList(Collections.unmodifiableMap(byName));
  }

  @Override
  public CompletionStage<Target> resolve(IscsiName name, Initiator initiator) {
    return Optional.ofNullable(targets.get(name))
        .map(CompletableFuture::completedFuture)
        .orElseGet(
            () ->
                CompletableFuture.failedFuture(
                    ResolutionException.notFound("there is no target " + name)));
  }

  @Override
  public CompletionStage<Collection<IscsiName>> visibleTo(Initiator initiator) {
    return CompletableFuture.completedFuture(
        targets.values().stream()
            .filter(target -> target.access().allows(initiator))
            .map(Target::name)
            .toList());
  }
}
