package org.iscsi4j.api.access;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;

/** Users that the program itself knows, and another store for those it does not. Immutable. */
record UserTable(Map<String, List<Entry>> users, Optional<Credentials> others)
    implements Credentials {

  /** A user's credential and who may use it. */
  record Entry(Credential credential, InitiatorGroup initiators) {}

  @Override
  public CompletionStage<Optional<Credential>> find(
      String user, Initiator initiator, Optional<IscsiName> target) {
    List<Entry> entries = users.get(user);
    if (entries == null && others.isPresent()) {
      return others.get().find(user, initiator, target);
    }
    return CompletableFuture.completedFuture(
        Optional.ofNullable(entries).stream()
            .flatMap(List::stream)
            .filter(entry -> entry.initiators().contains(initiator))
            .findFirst()
            .map(entry -> entry.credential().copy()));
  }
}
