package org.iscsi4j.api.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Rules in order: the first one that matches decides, and nobody comes in whom none matches. A rule
 * is for the initiators of a group, on the portals of one portal group or on all of them. A group
 * that {@linkplain Membership#DENIED denies} an initiator by name keeps it out, whether the rule
 * lets others in or not. Immutable; two are equal when their rules are.
 *
 * <pre>{@code
 * AccessRules.builder()
 *     .deny(InitiatorGroup.named("iqn.2001-04.com.example:guest-*"))
 *     .allow(1, InitiatorGroup.builder().network("10.0.0.0/8").build())
 *     .allow(InitiatorGroup.builder().user("backup").build())
 *     .build();
 * }</pre>
 */
public final class AccessRules implements AccessPolicy {

  private final List<Rule> rules;

  private AccessRules(List<Rule> rules) {
    this.rules = rules;
  }

  /**
   * One rule.
   *
   * @param allow whether the group is let in or kept out
   * @param portalGroup tag of the portal group that the rule is for, 1 to 65,535; empty for all
   * @param initiators whom it is for
   */
  public record Rule(boolean allow, OptionalInt portalGroup, InitiatorGroup initiators) {

    /** Checks that nothing is missing, and the tag. */
    public Rule {
      portalGroup.ifPresent(Initiator::checkTag);
      Objects.requireNonNull(initiators, "initiators");
    }

    /** How an initiator stands to the rule: not at all when it came to another portal group. */
    Membership membership(Initiator initiator) {
      boolean here = portalGroup.isEmpty() || portalGroup.getAsInt() == initiator.portalGroup();
      return here ? initiators.membership(initiator) : Membership.NONE;
    }

    private boolean lets(Initiator initiator) {
      return allow && membership(initiator) == Membership.MEMBER;
    }

    /** As it may be read from a log. */
    @Override
    public String toString() {
      return (allow ? "allow " : "deny ")
          + initiators
          + (portalGroup.isPresent() ? " at portal group " + portalGroup.getAsInt() : "");
    }
  }

  /** Lets the initiators of some groups in, asked in their order, and nobody else. */
  public static AccessRules allow(InitiatorGroup... groups) {
    Builder builder = builder();
    List.of(groups).forEach(builder::allow);
    return builder.build();
  }

  /** Starts without rules, which lets nobody in. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts with these rules; what is added comes behind them. */
  public Builder toBuilder() {
    Builder builder = builder();
    rules.forEach(builder::add);
    return builder;
  }

  /** The rules in their order. Unmodifiable. */
  public List<Rule> rules() {
    return rules;
  }

  /** The rule that decides on an initiator; empty when none does, and it is kept out. */
  public Optional<Rule> decidedBy(Initiator initiator) {
    for (Rule rule : rules) { // discovery asks for every target and portal: no stream
      if (rule.membership(initiator) != Membership.NONE) {
        return Optional.of(rule);
      }
    }
    return Optional.empty();
  }

  @Override
  public boolean allows(Initiator initiator) {
    return decidedBy(initiator).filter(rule -> rule.lets(initiator)).isPresent();
  }

  @Override
  public String explain(Initiator initiator) {
    Optional<Rule> decisive = decidedBy(initiator);
    if (decisive.isEmpty()) {
      return "refused because none of " + rules.size() + " access rules matches";
    }
    Rule rule = decisive.get();
    String number = "access rule " + (rules.indexOf(rule) + 1) + " of " + rules.size();
    return (rule.lets(initiator) ? "allowed" : "refused") + " by " + number + ": " + rule;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AccessRules same && same.rules.equals(rules);
  }

  @Override
  public int hashCode() {
    return rules.hashCode();
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
      return add(new Rule(true, OptionalInt.empty(), initiators));
    }

    /**
     * Lets a group in on the portals of one portal group.
     *
     * @param portalGroup group tag, 1 to 65,535
     */
    public Builder allow(int portalGroup, InitiatorGroup initiators) {
      return add(new Rule(true, OptionalInt.of(portalGroup), initiators));
    }

    /** Keeps a group out, on every portal. */
    public Builder deny(InitiatorGroup initiators) {
      return add(new Rule(false, OptionalInt.empty(), initiators));
    }

    /**
     * Keeps a group out on the portals of one portal group.
     *
     * @param portalGroup group tag, 1 to 65,535
     */
    public Builder deny(int portalGroup, InitiatorGroup initiators) {
      return add(new Rule(false, OptionalInt.of(portalGroup), initiators));
    }

    /** Adds a rule behind those that are there. */
    public Builder add(Rule rule) {
      rules.add(Objects.requireNonNull(rule, "rule"));
      return this;
    }

    /** The rules. */
    public AccessRules build() {
      return new AccessRules(List.copyOf(rules));
    }
  }
}
