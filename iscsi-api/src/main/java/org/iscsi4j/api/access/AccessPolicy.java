package org.iscsi4j.api.access;

/**
 * Says which initiators may use something: a target, or discovery. Made from {@link AccessRules},
 * or implemented by a host. Called by the threads that serve connections, by several at once: it
 * must not block. A host that has to ask elsewhere uses a {@link TargetResolver}.
 */
@FunctionalInterface
public interface AccessPolicy {

  /** Lets everybody in. */
  AccessPolicy OPEN = initiator -> true;

  /** Lets nobody in. */
  AccessPolicy CLOSED = initiator -> false;

  /**
   * Whether an initiator may come in. Asked when a login is about to end, with the {@linkplain
   * Initiator#user user} that it proved to be; for each target and each portal that discovery might
   * list, as the initiator would stand there; and again for the open sessions when the policy is
   * replaced. What it throws keeps the initiator out, and is logged.
   */
  boolean allows(Initiator initiator);

  /** Says in words for a log what {@link #allows} says, and why where that is known. */
  default String explain(Initiator initiator) {
    return allows(initiator) ? "allowed by its access policy" : "refused by its access policy";
  }
}
