package org.iscsi4j.target;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.LogicalUnitResolver;
import org.iscsi4j.api.access.LunMap;
import org.iscsi4j.api.monitor.TargetSnapshot;
import org.iscsi4j.api.monitor.UnitSnapshot;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.scsi.MappedUnit;
import org.iscsi4j.scsi.TaskRouter;
import org.iscsi4j.target.limit.HostFailures;
import org.iscsi4j.target.login.Access;
import org.iscsi4j.target.session.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The targets as they are served: one owner of which there are, what their sessions see, and how
 * both change while initiators work. A change replaces the description of a target; the difference
 * alone is applied, and nobody else notices.
 *
 * <p>Changes are made on threads of the host, which may wait for each other under {@link #changes}.
 * The threads that serve connections take only the lock of this object, under which nothing blocks:
 * of a host, resolvers are asked what they {@linkplain LogicalUnitResolver#known know}, and nothing
 * else.
 */
final class Catalogue {

  private static final Logger log = LoggerFactory.getLogger(Catalogue.class);

  private static final int REMEMBERED = 1024;

  private final UnitServers units;
  private final SessionViews views;
  private final Duration drain;

  /** Held while the host makes a change; taken before the lock of this. */
  private final Object changes = new Object();

  /** Immutable, in the order in which they were added; replaced under the lock of this. */
  private volatile Map<IscsiName, TargetNode> nodes = Map.of();

  /** Names that were served; whoever comes back to one is told that it has gone. */
  private final Set<IscsiName> removed = new LinkedHashSet<>();

  /**
   * No targets yet.
   *
   * @param views makes what sessions see
   * @param drain how long commands under way may take before what they use is taken from them
   */
  Catalogue(UnitServers units, SessionViews views, Duration drain) {
    this.units = units;
    this.views = views;
    this.drain = drain;
  }

  // ---- what the host changes

  /** What changes are made under, for whoever makes several as one. No loop takes it. */
  Object changes() {
    return changes;
  }

  /**
   * Serves another target.
   *
   * @throws IllegalArgumentException when the name is taken
   */
  void add(Target target) {
    synchronized (changes) {
      if (nodes.containsKey(target.name())) {
        throw new IllegalArgumentException("target " + target.name() + " stands twice");
      }
      put(List.of(new TargetNode(target, take(target))));
    }
  }

  /** Serves the targets that a server starts with, no two of them of one name. */
  void addAll(Collection<Target> targets) {
    synchronized (changes) {
      put(targets.stream().map(target -> new TargetNode(target, take(target))).toList());
    }
  }

  private synchronized void put(Collection<TargetNode> added) {
    Map<IscsiName, TargetNode> next = new LinkedHashMap<>(nodes);
    for (TargetNode node : added) {
      next.put(node.target().name(), node);
      removed.remove(node.target().name());
    }
    nodes = Collections.unmodifiableMap(next);
  }

  /**
   * Describes a target anew: sessions that may stay see the new units, the others end.
   *
   * @param change from the description of now to the next, of the same name
   * @return completed when nobody uses any more what is not described any more: with whether all
   *     device calls are back, or false when the time was up
   * @throws IllegalArgumentException when there is no such target
   */
  CompletableFuture<Boolean> change(IscsiName name, UnaryOperator<Target> change) {
    Set<LogicalUnit> before;
    List<Refresh> refreshed = new ArrayList<>();
    synchronized (changes) {
      TargetNode node = existing(name);
      Target next = change.apply(node.target());
      if (!next.name().equals(name)) {
        throw new IllegalArgumentException("target " + name + " can't become " + next.name());
      }
      Set<LogicalUnit> taken = take(next);
      Map<Session, TargetNode.Seat> open;
      synchronized (this) {
        before = node.describe(next, taken);
        open = Map.copyOf(node.seats());
      }
      open.forEach((session, seat) -> refreshed.add(refresh(node, session, seat, next)));
    }
    // not under a lock: hosts are told of what is released
    return Drains.all(refreshed.stream().map(this::left).toList())
        .thenCompose(seen -> release(before).thenApply(drained -> seen && drained));
  }

  /**
   * Serves a target no more, and ends its sessions.
   *
   * @return as of {@link #change}
   * @throws IllegalArgumentException when there is no such target
   */
  CompletableFuture<Boolean> remove(IscsiName name) {
    TargetNode node;
    List<CompletableFuture<Boolean>> ended = new ArrayList<>();
    synchronized (changes) {
      node = existing(name);
      Map<Session, TargetNode.Seat> open;
      synchronized (this) {
        drop(name);
        open = Map.copyOf(node.seats());
      }
      open.forEach((session, seat) -> ended.add(end(session, seat, "the target was removed")));
    }
    return Drains.all(ended)
        .thenCompose(left -> release(node.units()).thenApply(drained -> left && drained));
  }

  private void drop(IscsiName name) {
    Map<IscsiName, TargetNode> next = new LinkedHashMap<>(nodes);
    next.remove(name);
    nodes = Collections.unmodifiableMap(next);
    removed.add(name);
    if (removed.size() > REMEMBERED) {
      removed.remove(removed.iterator().next());
    }
  }

  private TargetNode existing(IscsiName name) {
    TargetNode node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("there is no target " + name);
    }
    return node;
  }

  // ---- units that are served whoever is logged in

  private Set<LogicalUnit> take(Target target) {
    Set<LogicalUnit> taken = Collections.newSetFromMap(new IdentityHashMap<>());
    try {
      target.logicalUnits().forEach((number, unit) -> take(target, number, unit, taken));
      for (LunMap map : target.lunMaps()) {
        map.mappings()
            .forEach(
                (number, mapping) ->
                    mapping.source().known().ifPresent(u -> take(target, number, u, taken)));
      }
      return taken;
    } catch (RuntimeException e) {
      release(taken);
      throw e;
    }
  }

  private void take(Target target, int number, LogicalUnit unit, Set<LogicalUnit> taken) {
    if (taken.add(unit)) {
      try {
        units.take(unit, UnitSeeker.identity(target.name(), number), LogicalUnitResolver.of(unit));
      } catch (RuntimeException e) {
        taken.remove(unit);
        throw e;
      }
    }
  }

  private CompletableFuture<Boolean> release(Collection<LogicalUnit> taken) {
    return Drains.all(taken.stream().map(units::release).toList());
  }

  // ---- sessions

  /**
   * Opens a session of a target as it is described at this moment.
   *
   * @param make makes the session, with what it sees
   * @throws LoginException when the target has gone, or does not let the initiator in any more
   */
  Session open(IscsiName name, Initiator initiator, Function<TaskRouter, Session> make)
      throws LoginException {
    while (true) {
      TargetNode node = nodes.get(name);
      if (node == null) {
        throw gone(name);
      }
      Target target = node.target();
      if (!Access.allows(name, target.access(), initiator)) {
        throw new LoginException(
            LoginStatus.AUTHORIZATION_FAILURE, "the target does not let the initiator in");
      }
      LunMap map = target.lunMap(initiator);
      Optional<Session> opened = open(node, target, map, initiator, make);
      if (opened.isPresent()) {
        return opened.get();
      } // else it was described anew meanwhile
    }
  }

  private synchronized Optional<Session> open(
      TargetNode node,
      Target target,
      LunMap map,
      Initiator initiator,
      Function<TaskRouter, Session> make) {
    if (node.target() != target || nodes.get(target.name()) != node) {
      return Optional.empty();
    }
    SessionViews.View view = views.view(target.name(), map, initiator, this::reachable);
    Session session;
    try {
      session = make.apply(view.router());
    } catch (RuntimeException e) {
      release(view.held());
      throw e;
    }
    CompletableFuture<Boolean> left =
        session.settled().thenCompose(settled -> left(session, leave(node, session)));
    node.seats().put(session, new TargetNode.Seat(view, left));
    return Optional.of(session);
  }

  private CompletableFuture<Boolean> left(Session session, SessionViews.View view) {
    return release(view.held()).thenApply(drained -> drained && !session.stuck());
  }

  private synchronized SessionViews.View leave(TargetNode node, Session session) {
    return node.seats().remove(session).view();
  }

  /**
   * What becomes of a session with a new description.
   *
   * @param left completed when it uses no more what it does not see: with whether its calls are
   *     back
   * @param unused what it held, to be released then
   */
  private record Refresh(CompletableFuture<Boolean> left, Set<LogicalUnit> unused) {}

  private CompletableFuture<Boolean> left(Refresh refresh) {
    return refresh
        .left()
        .thenCompose(seen -> release(refresh.unused()).thenApply(drained -> seen && drained));
  }

  /** Lets a session see what a new description says, or ends it. */
  private Refresh refresh(TargetNode node, Session session, TargetNode.Seat seat, Target target) {
    Initiator initiator = session.info().initiator();
    if (!Access.allows(target.name(), target.access(), initiator)) {
      return ended(session, seat, "the target does not let the initiator in any more");
    }
    try {
      return refresh(node, session, seat, target, target.lunMap(initiator));
    } catch (RuntimeException e) {
      log.error("{}: the host can't say which units it sees", session, e);
      return ended(session, seat, "the host can't say which units it sees");
    }
  }

  private Refresh refresh(
      TargetNode node, Session session, TargetNode.Seat seat, Target target, LunMap map) {
    SessionViews.View before;
    SessionViews.View view;
    synchronized (this) {
      TargetNode.Seat now = node.seats().get(session);
      if (now == null) {
        return new Refresh(seat.left(), Set.of());
      }
      before = now.view();
      if (before.map().equals(map)) {
        return new Refresh(CompletableFuture.completedFuture(true), Set.of());
      }
      view = views.view(target.name(), map, session.info().initiator(), this::reachable);
      node.seats().put(session, new TargetNode.Seat(view, now.left()));
    }
    return new Refresh(session.changes().show(view.router(), drain), before.held());
  }

  private Refresh ended(Session session, TargetNode.Seat seat, String reason) {
    return new Refresh(end(session, seat, reason), Set.of());
  }

  private CompletableFuture<Boolean> end(Session session, TargetNode.Seat seat, String reason) {
    session.changes().end(reason, drain);
    return seat.left();
  }

  private synchronized LoginException gone(IscsiName name) {
    return removed.contains(name)
        ? new LoginException(LoginStatus.TARGET_REMOVED, "target " + name + " was removed")
        : new LoginException(LoginStatus.TARGET_NOT_FOUND, "no target is named " + name);
  }

  // ---- facts

  /** The target of a name, as it is described at this moment. */
  Optional<Target> target(IscsiName name) {
    return Optional.ofNullable(nodes.get(name)).map(TargetNode::target);
  }

  /** Whether a name was served and is not any more, as far as that is remembered. */
  synchronized boolean wasRemoved(IscsiName name) {
    return removed.contains(name);
  }

  /** Whether a target has sessions. */
  synchronized boolean isUsed(IscsiName name) {
    return Optional.ofNullable(nodes.get(name)).filter(n -> !n.seats().isEmpty()).isPresent();
  }

  /** All targets, in the order in which they were added. */
  List<Target> targets() {
    return nodes.values().stream().map(TargetNode::target).toList();
  }

  /** All targets with their units as they stand. */
  List<TargetSnapshot> snapshot() {
    return targets().stream().map(this::snapshot).toList();
  }

  private TargetSnapshot snapshot(Target target) {
    NavigableMap<Integer, UnitSnapshot> found = new TreeMap<>();
    target
        .logicalUnits()
        .forEach(
            (number, unit) ->
                units.find(unit).ifPresent(server -> found.put(number, server.snapshot())));
    return new TargetSnapshot(target.name(), found);
  }

  /** The units that an initiator may copy between: all that it could log in to and address. */
  private Collection<MappedUnit> reachable(Initiator initiator) {
    List<MappedUnit> reachable = new ArrayList<>();
    for (Target target : targets()) {
      if (Access.allows(target.name(), target.access(), initiator)) {
        reachable.addAll(known(target, initiator));
      }
    }
    return reachable;
  }

  /** A target whose host fails is in nobody's way who copies between others. */
  private Collection<MappedUnit> known(Target target, Initiator initiator) {
    try {
      return views.known(target.lunMap(initiator));
    } catch (RuntimeException e) {
      HostFailures.warn(log, "{} can't say what {} sees", target, initiator.name(), e);
      return List.of();
    }
  }
}
