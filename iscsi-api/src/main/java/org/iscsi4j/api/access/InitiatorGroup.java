package org.iscsi4j.api.access;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.IscsiNamePattern;

/**
 * Some initiators: by their names, by the networks that they come from, and by the users that they
 * prove to be. An initiator belongs to the group when each of the three lists knows it; a list
 * without entries knows everybody. Immutable; two are equal when their lists are.
 *
 * <pre>{@code
 * InitiatorGroup.builder()
 *     .name("!iqn.2001-04.com.example:guest-*")
 *     .name("iqn.2001-04.com.example:*")
 *     .network("10.0.0.0/8")
 *     .build();
 * }</pre>
 */
public final class InitiatorGroup {

  private static final InitiatorGroup EVERYBODY = builder().build();

  private static final String NOT = "!";

  private final List<NameRule> names;
  private final List<Network> networks;
  private final List<String> users;

  private InitiatorGroup(List<NameRule> names, List<Network> networks, List<String> users) {
    this.names = names;
    this.networks = networks;
    this.users = users;
  }

  private record NameRule(IscsiNamePattern pattern, Membership meaning) {

    @Override
    public String toString() {
      return (meaning == Membership.DENIED ? NOT : "") + pattern;
    }
  }

  /** Every initiator. */
  public static InitiatorGroup everybody() {
    return EVERYBODY;
  }

  /**
   * Initiators by entries for their names, as {@link Builder#name} takes them.
   *
   * @param entries one or more: an empty list of names is no way to let everybody in
   */
  public static InitiatorGroup named(String... entries) {
    if (entries.length == 0) {
      throw new IllegalArgumentException("a group by names has no names");
    }
    Builder builder = builder();
    Arrays.stream(entries).forEach(builder::name);
    return builder.build();
  }

  /** Starts with everybody. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts with the entries of this group. */
  public Builder toBuilder() {
    Builder builder = builder();
    builder.names.addAll(names);
    builder.networks.addAll(networks);
    builder.users.addAll(users);
    return builder;
  }

  /**
   * How an initiator stands to the group. The first entry for names that matches decides: when it
   * is a denial, nothing else is looked at.
   */
  public Membership membership(Initiator initiator) {
    Membership byName = byName(initiator.name());
    if (byName != Membership.MEMBER) {
      return byName;
    }
    return comesFromHere(initiator) && isAUser(initiator) ? Membership.MEMBER : Membership.NONE;
  }

  /** Whether an initiator belongs to the group. */
  public boolean contains(Initiator initiator) {
    return membership(initiator) == Membership.MEMBER;
  }

  private Membership byName(IscsiName name) {
    for (NameRule rule : names) {
      if (rule.pattern().matches(name)) {
        return rule.meaning();
      }
    }
    return names.isEmpty() ? Membership.MEMBER : Membership.NONE;
  }

  private boolean comesFromHere(Initiator initiator) {
    InetAddress from = initiator.remote().getAddress();
    // an address that nobody has looked up lies nowhere
    return networks.isEmpty() || from != null && networks.stream().anyMatch(n -> n.contains(from));
  }

  private boolean isAUser(Initiator initiator) {
    return users.isEmpty() || initiator.user().filter(users::contains).isPresent();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof InitiatorGroup group
        && group.names.equals(names)
        && group.networks.equals(networks)
        && group.users.equals(users);
  }

  @Override
  public int hashCode() {
    return Objects.hash(names, networks, users);
  }

  /** The entries as they may be read from a log: names, networks and users, or everybody. */
  @Override
  public String toString() {
    List<String> parts =
        Stream.of(part("names", names), part("networks", networks), part("users", users))
            .filter(part -> !part.isEmpty())
            .toList();
    return parts.isEmpty() ? "everybody" : String.join(" ", parts);
  }

  private static String part(String what, List<?> entries) {
    return entries.isEmpty() ? "" : what + " " + entries;
  }

  /** Collects the entries of a group. Not thread-safe. */
  public static final class Builder {
    private final List<NameRule> names = new ArrayList<>();
    private final List<Network> networks = new ArrayList<>();
    private final List<String> users = new ArrayList<>();

    private Builder() {}

    /**
     * Takes initiators in by name. Entries for names are asked in their order, and the first that
     * matches decides; initiators that none matches do not belong to the group.
     *
     * @param entry a pattern as {@link IscsiNamePattern#of} reads it, such as {@code
     *     iqn.2001-04.com.example:*}, or {@code ALL}; or one behind {@code !}, which is for {@link
     *     #notName}
     * @throws IllegalArgumentException when no initiator could have such a name
     */
    public Builder name(String entry) {
      return entry.startsWith(NOT)
          ? notName(entry.substring(NOT.length()))
          : add(entry, Membership.MEMBER);
    }

    /**
     * Keeps initiators out by name, whatever other groups and rules say behind this one: {@link
     * Membership#DENIED}.
     *
     * @param pattern as {@link IscsiNamePattern#of} reads it
     * @throws IllegalArgumentException when no initiator could have such a name
     */
    public Builder notName(String pattern) {
      return add(pattern, Membership.DENIED);
    }

    private Builder add(String pattern, Membership meaning) {
      names.add(new NameRule(IscsiNamePattern.of(pattern), meaning));
      return this;
    }

    /**
     * Takes initiators in that come from a network.
     *
     * @throws IllegalArgumentException when it is none, as {@link Network#parse}
     */
    public Builder network(String network) {
      return network(Network.parse(network));
    }

    /** Takes initiators in that come from a network. */
    public Builder network(Network network) {
      networks.add(Objects.requireNonNull(network, "network"));
      return this;
    }

    /**
     * Takes initiators in that prove to be a user (CHAP_N); the case of letters counts. A group
     * with users has nobody in it who has not proved who he is.
     */
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
