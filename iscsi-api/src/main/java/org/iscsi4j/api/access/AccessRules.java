package org.iscsi4j.api.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Rules in order: the first one that matches decides, and nobody comes in whom none matches. A rule
 * is for the initiators of a group, on the portals of one portal group or on all of them.
 * Immutable.
 */
public final class AccessRules implements AccessPolicy {

  private final List<Rule> rules;

  private AccessRules(List<Rule> rules) {
    this.rules = rules;
  }

  private record Rule(boolean allow, OptionalInt portalGroup, InitiatorGroup initiators) {

    Membership membership(Initiator initiator) {
      boolean here = portalGroup.isEmpty() || portalGroup.getAsInt() == initiator.portalGroup();
      return here ? initiators.membership(initiator) : Membership.NONE;
    }
  }

  /** Lets the initiators of some groups in, and nobody else. */
  public static AccessRules allow(InitiatorGroup... groups) {
    Builder builder = builder();
    List.of(groups).forEach(builder::allow);
    return builder.build();
  }

  /** Starts without rules, which lets nobody in. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public boolean allows(Initiator initiator) {
    for (Rule rule : rules) {
      switch (rule.membership(initiator)) {
        case MEMBER -> {
          return rule.allow();
        }
        case DENIED -> {
          return false;
        }
        case NONE -> {}
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return "AccessRules" + rules;
  }

  /** Collects rules in their order. Not thread-safe. */
  public static final class Builder {
    private final List<Rule> rules = new ArrayList<>();

    private Builder() {}

    /** Lets a group in, on every portal. */
    public Builder allow(InitiatorGroup initiators) {
      return add(true, OptionalInt.empty(), initiators);
    }

    /**
     * Lets a group in on the portals of one portal group.
     *
     * @param portalGroup group tag, 1 to 65,535
     */
    public Builder allow(int portalGroup, InitiatorGroup initiators) {
      return add(true, OptionalInt.of(portalGroup), initiators);
    }

    /** Keeps a group out, on every portal. */
    public Builder deny(InitiatorGroup initiators) {
      return add(false, OptionalInt.empty(), initiators);
    }

    /**
     * Keeps a group out on the portals of one portal group.
     *
     * @param portalGroup group tag, 1 to 65,535
     */
    public Builder deny(int portalGroup, InitiatorGroup initiators) {
      return add(false, OptionalInt.of(portalGroup), initiators);
    }

    private Builder add(boolean allow, OptionalInt portalGroup, InitiatorGroup initiators) {
      rules.add(new Rule(allow, portalGroup, Objects.requireNonNull(initiators, "initiators")));
      return this;
    }

    /** The rules. */
    public AccessRules build() {
      return new AccessRules(List.copyOf(rules));
    }
  }
}
