package org.iscsi4j.api.access;

/** How an initiator stands to an {@link InitiatorGroup}. */
public enum Membership {
  /** It belongs to the group. */
  MEMBER,
  /** The group names it as one that may not come in: no later rule is asked. */
  DENIED,
  /** The group does not know it: the next rule is asked. */
  NONE
}
