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
import org.iscsi4j.target.session.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The targets as they are served: one owner of which there are, what their sessions see, and how
 * both change while initiators work. A change replaces the description of a target; the difference
 * alone is applied, and nobody else notices.
 *
 * <p>Changes are made on threads of the host, which may wait for each other under {@link #changes}.
 * The threads that serve connections take only the lock of this object, under which nothing blocks
 * and no method of a host is called.
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
      put(new TargetNode(target, take(target)));
    }
  }

  private synchronized void put(TargetNode node) {
    Map<IscsiName, TargetNode> next = new LinkedHashMap<>(nodes);
    next.put(node.target().name(), node);
    nodes = Collections.unmodifiableMap(next);
    removed.remove(node.target().name());
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
    synchronized (changes) {
      TargetNode node = existing(name);
      Target next = change.apply(node.target());
      if (!next.name().equals(name)) {
        throw new IllegalArgumentException("target " + name + " can't become " + next.name());
      }
      Set<LogicalUnit> taken = take(next);
      Set<LogicalUnit> before;
      Map<Session, TargetNode.Seat> open;
      synchronized (this) {
        before = node.describe(next, taken);
        open = Map.copyOf(node.seats());
      }
      List<CompletableFuture<Boolean>> refreshed = new ArrayList<>();
      open.forEach((session, seat) -> refreshed.add(refresh(node, session, seat, next)));
      return Drains.all(refreshed)
          .thenCompose(seen -> release(before).thenApply(drained -> seen && drained));
    }
  }

  /**
   * Serves a target no more, and ends its sessions.
   *
   * @return as of {@link #change}
   * @throws IllegalArgumentException when there is no such target
   */
  CompletableFuture<Boolean> remove(IscsiName name) {
    synchronized (changes) {
      TargetNode node = existing(name);
      Map<Session, TargetNode.Seat> open;
      synchronized (this) {
        drop(name);
        open = Map.copyOf(node.seats());
      }
      List<CompletableFuture<Boolean>> ended = new ArrayList<>();
      open.forEach((session, seat) -> ended.add(end(session, seat, "the target was removed")));
      return Drains.all(ended)
          .thenCompose(left -> release(node.units()).thenApply(drained -> left && drained));
    }
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
    Session session = make.apply(view.router());
    CompletableFuture<Boolean> left =
        session.settled().thenCompose(settled -> release(leave(node, session).held()));
    node.seats().put(session, new TargetNode.Seat(view, left));
    return Optional.of(session);
  }

  private synchronized SessionViews.View leave(TargetNode node, Session session) {
    return node.seats().remove(session).view();
  }

  /** Lets a session see what a new description says, or ends it. */
  private CompletableFuture<Boolean> refresh(
      TargetNode node, Session session, TargetNode.Seat seat, Target target) {
    Initiator initiator = session.info().initiator();
    if (!Access.allows(target.name(), target.access(), initiator)) {
      return end(session, seat, "the target does not let the initiator in any more");
    }
    LunMap map;
    try {
      map = target.lunMap(initiator);
    } catch (RuntimeException e) {
      log.error("{}: the host can't say which units it sees", session, e);
      return end(session, seat, "the host can't say which units it sees");
    }
    SessionViews.View before;
    SessionViews.View view;
    synchronized (this) {
      TargetNode.Seat now = node.seats().get(session);
      if (now == null || now.view().map().equals(map)) {
        return CompletableFuture.completedFuture(true);
      }
      before = now.view();
      view = views.view(target.name(), map, initiator, this::reachable);
      node.seats().put(session, new TargetNode.Seat(view, now.left()));
    }
    return session
        .changes()
        .show(view.router(), drain)
        .thenCompose(shown -> release(before.held()).thenApply(drained -> shown && drained));
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
        reachable.addAll(views.known(target.lunMap(initiator)));
      }
    }
    return reachable;
  }
}
