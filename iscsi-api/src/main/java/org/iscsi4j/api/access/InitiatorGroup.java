package org.iscsi4j.api.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Some initiators: by their names, by the networks that they come from, and by the users that they
 * prove to be. An initiator belongs to the group when each of the three lists knows it; a list
 * without entries knows everybody. Immutable.
 */
public final class InitiatorGroup {

  private final List<NameRule> names;
  private final List<Network> networks;
  private final List<String> users;

  private InitiatorGroup(List<NameRule> names, List<Network> networks, List<String> users) {
    this.names = names;
    this.networks = networks;
    this.users = users;
  }

  private record NameRule(String text, Pattern pattern, Membership meaning) {}

  /** Every initiator. */
  public static InitiatorGroup everybody() {
    return builder().build();
  }

  /** Initiators by patterns of their names, as {@link Builder#name}. */
  public static InitiatorGroup named(String... patterns) {
    Builder builder = builder();
    List.of(patterns).forEach(builder::name);
    return builder.build();
  }

  /** Starts with everybody. */
  public static Builder builder() {
    return new Builder();
  }

  /** How an initiator stands to the group. */
  public Membership membership(Initiator initiator) {
    Membership byName = byName(initiator.name().toString());
    if (byName != Membership.MEMBER) {
      return byName;
    }
    boolean here =
        networks.isEmpty()
            || networks.stream().anyMatch(n -> n.contains(initiator.remote().getAddress()));
    boolean proved = users.isEmpty() || initiator.user().filter(users::contains).isPresent();
    return here && proved ? Membership.MEMBER : Membership.NONE;
  }

  /** Whether an initiator belongs to the group. */
  public boolean contains(Initiator initiator) {
    return membership(initiator) == Membership.MEMBER;
  }

  private Membership byName(String name) {
    for (NameRule rule : names) {
      if (rule.pattern().matcher(name).matches()) {
        return rule.meaning();
      }
    }
    return names.isEmpty() ? Membership.MEMBER : Membership.NONE;
  }

  @Override
  public String toString() {
    return "InitiatorGroup" + names.stream().map(NameRule::text).toList() + networks + users;
  }

  /** Collects the entries of a group. Not thread-safe. */
  public static final class Builder {
    private final List<NameRule> names = new ArrayList<>();
    private final List<Network> networks = new ArrayList<>();
    private final List<String> users = new ArrayList<>();

    private Builder() {}

    /**
     * Takes initiators in by name. Entries for names are asked in their order, and the first that
     * matches decides.
     *
     * @param pattern a name, in which {@code *} stands for any text and {@code ?} for one
     *     character; capital letters are small ones
     */
    public Builder name(String pattern) {
      return add(pattern, pattern, Membership.MEMBER);
    }

    /** Keeps initiators out by name, whatever other rules say: {@link Membership#DENIED}. */
    public Builder notName(String pattern) {
      return add("!" + pattern, pattern, Membership.DENIED);
    }

    private Builder add(String text, String pattern, Membership meaning) {
      names.add(new NameRule(text, compiled(pattern), meaning));
      return this;
    }

    private static Pattern compiled(String pattern) {
      StringBuilder regex = new StringBuilder();
      for (char c : pattern.toLowerCase(Locale.ROOT).toCharArray()) {
        regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
      }
      return Pattern.compile(regex.toString());
    }

    /** Takes initiators in that come from a network, as {@link Network#parse}. */
    public Builder network(String network) {
      networks.add(Network.parse(network));
      return this;
    }

    /** Takes initiators in that prove to be a user (CHAP_N); the case of letters counts. */
    public Builder user(String user) {
      users.add(Objects.requireNonNull(user, "user"));
      return this;
    }

    /** The group. */
    public InitiatorGroup build() {
      return new InitiatorGroup(List.copyOf(names), List.copyOf(networks), List.copyOf(users));
    }
  }
}
