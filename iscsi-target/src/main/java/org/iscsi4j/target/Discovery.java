package org.iscsi4j.target;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.protocol.Key;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.target.limit.HostFailures;
import org.iscsi4j.target.login.Access;
import org.iscsi4j.target.session.SendTargets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers SendTargets from the targets and portals of a server (RFC 7143 appendix C): each target
 * with the portals through which its access policy lets the initiator in. A target that lets it in
 * nowhere is as one that does not exist (section 9.5).
 */
final class Discovery implements SendTargets {

  private static final Logger log = LoggerFactory.getLogger(Discovery.class);

  private static final String ALL = "All";

  private final Supplier<? extends Collection<Target>> targets;
  private final Optional<? extends Found> found;
  private final Supplier<List<BoundPortal>> portals;

  /** Targets that are looked for on demand. */
  interface Found {

    /** Whether a served target is one of those. */
    boolean has(IscsiName name);

    /** The names that an initiator may be told; may take its time. */
    CompletionStage<List<IscsiName>> visibleTo(Initiator initiator);
  }

  /**
   * Discovery of a server's targets.
   *
   * @param targets those that are served at a moment, those that were found among them
   * @param portals those that listen at a moment
   */
  Discovery(
      Supplier<? extends Collection<Target>> targets,
      Optional<? extends Found> found,
      Supplier<List<BoundPortal>> portals) {
    this.targets = targets;
    this.found = found;
    this.portals = portals;
  }

  /**
   * Who asks.
   *
   * @param reached the address that stands for a wildcard: one that this peer can reach
   */
  private record Caller(Initiator initiator, InetAddress reached) {

    /** The initiator as it would stand at a portal. */
    Initiator at(BoundPortal portal) {
      return initiator.at(portal.socketAddress(reached), portal.portal().groupTag());
    }
  }

  @Override
  public Answer answer(String value, SessionInfo session, InetAddress reached) {
    boolean all = value.equals(ALL);
    if (session.discovery() ? value.isEmpty() : all) {
      // "All" is for discovery, and "the session's own target" is for the others
      return Answer.of(List.of(new KeyValue(Key.SEND_TARGETS.name(), KeyValue.REJECT)));
    }
    Caller caller = new Caller(session.initiator(), reached);
    if (all) {
      return discover(any -> true, caller);
    }
    Optional<IscsiName> wanted = value.isEmpty() ? session.target() : named(value);
    if (wanted.isEmpty()) {
      return Answer.of(List.of());
    }
    if (session.discovery()) {
      return discover(wanted.get()::equals, caller);
    }
    boolean own = wanted.equals(session.target());
    return Answer.of(own ? tell(served(wanted.get()::equals), caller) : List.of());
  }

  private static Optional<IscsiName> named(String name) {
    try {
      return Optional.of(IscsiName.of(name));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no target has such a name
    }
  }

  // ---- which targets

  /** Those that the server was told of, and those that the host says this initiator may see. */
  private Answer discover(Predicate<IscsiName> wanted, Caller caller) {
    NavigableMap<IscsiName, AccessPolicy> told = served(wanted.and(name -> !wasFound(name)));
    List<KeyValue> known = tell(told, caller);
    return found
        .map(host -> new Answer(known, withVisible(host, wanted, told, known, caller)))
        .orElseGet(() -> Answer.of(known));
  }

  private boolean wasFound(IscsiName name) {
    return found.filter(host -> host.has(name)).isPresent();
  }

  private NavigableMap<IscsiName, AccessPolicy> served(Predicate<IscsiName> wanted) {
    NavigableMap<IscsiName, AccessPolicy> served = new TreeMap<>();
    for (Target target : targets.get()) {
      if (wanted.test(target.name())) {
        served.put(target.name(), target.access());
      }
    }
    return served;
  }

  /** A name that stands in both lists is a target that the server was told of: its policy holds. */
  private CompletableFuture<List<KeyValue>> withVisible(
      Found host,
      Predicate<IscsiName> wanted,
      NavigableMap<IscsiName, AccessPolicy> told,
      List<KeyValue> known,
      Caller caller) {
    return host.visibleTo(caller.initiator())
        .thenApply(
            names -> {
              Set<IscsiName> visible = new HashSet<>(names);
              visible.removeIf(wanted.negate());
              NavigableMap<IscsiName, AccessPolicy> both = served(visible::contains);
              visible.forEach(name -> both.putIfAbsent(name, AccessPolicy.OPEN));
              both.putAll(told);
              return tell(both, caller);
            })
        .exceptionally(
            failure -> {
              HostFailures.warn(
                  log, "{} is told of no targets on demand", caller.initiator(), failure);
              return known;
            })
        .toCompletableFuture();
  }

  // ---- what is told of them

  /**
   * A portal that the caller may be told, as it is told, and the caller as it would stand there.
   */
  private record Door(KeyValue address, Initiator caller) {}

  private List<Door> doors(Caller caller) {
    return portals.get().stream()
        .filter(portal -> portal.tellable(caller.reached()))
        .map(portal -> new Door(address(portal, caller.reached()), caller.at(portal)))
        .toList();
  }

  private static KeyValue address(BoundPortal portal, InetAddress reached) {
    return Key.TARGET_ADDRESS.pair(portal.addressFor(reached) + "," + portal.portal().groupTag());
  }

  private List<KeyValue> tell(NavigableMap<IscsiName, AccessPolicy> policies, Caller caller) {
    List<Door> doors = doors(caller);
    List<KeyValue> answer = new ArrayList<>();
    policies.forEach(
        (name, policy) -> {
          List<KeyValue> addresses = addresses(name, policy, doors);
          if (!addresses.isEmpty()) {
            answer.add(Key.TARGET_NAME.pair(name.toString()));
            answer.addAll(addresses);
          }
        });
    return answer;
  }

  private static List<KeyValue> addresses(IscsiName target, AccessPolicy policy, List<Door> doors) {
    return doors.stream()
        .filter(door -> Access.allows(target, policy, door.caller()))
        .map(Door::address)
        .toList();
  }
}
