package org.iscsi4j.target;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.iscsi4j.api.Portal;
import org.iscsi4j.scsi.TargetPortGroups;
import org.iscsi4j.target.loop.EventLoop;

/** The portals that listen, and which portal groups there are because of them. */
final class Portals {

  private final EventLoop loop;
  private final TargetPortGroups groups;
  private final BiConsumer<PortalListener, SocketChannel> accepted;

  /** Changed under this. */
  private final List<PortalListener> listeners = new CopyOnWriteArrayList<>();

  /** Guarded by this. */
  private boolean stopped;

  /**
   * No portals yet.
   *
   * @param loop where connections are accepted
   * @param groups gains and loses groups with their portals
   * @param accepted takes new connections, on the loop
   */
  Portals(
      EventLoop loop, TargetPortGroups groups, BiConsumer<PortalListener, SocketChannel> accepted) {
    this.loop = loop;
    this.groups = groups;
    this.accepted = accepted;
  }

  /**
   * Listens on all of these, or on none: every port is bound before the first connection is taken.
   *
   * @return what was bound, in that order
   * @throws IOException when one can't be bound, naming it
   */
  synchronized List<Portal> open(Collection<Portal> wanted) throws IOException {
    if (stopped) {
      throw new IOException("can't listen on " + wanted + ": the server is closed");
    }
    List<PortalListener> bound = new ArrayList<>();
    try {
      for (Portal portal : wanted) {
        bound.add(new PortalListener(portal, loop, accepted));
      }
    } catch (IOException | RuntimeException e) {
      bound.forEach(PortalListener::close);
      throw e;
    }
    groups.add(bound.stream().map(portal -> portal.portal().groupTag()).toList());
    listeners.addAll(bound);
    loop.execute(() -> bound.forEach(PortalListener::register));
    return bound.stream().map(PortalListener::portal).toList();
  }

  /**
   * Listens no more on some portals. Connections that came through them go on.
   *
   * @return completed when the system refuses connections; empty when there is no such portal
   */
  synchronized Optional<CompletableFuture<Void>> close(Predicate<Portal> which) {
    List<PortalListener> found =
        listeners.stream().filter(each -> which.test(each.portal())).toList();
    listeners.removeAll(found);
    return found.stream().map(PortalListener::stop).reduce(CompletableFuture::allOf);
  }

  /** Listens nowhere any more; what was bound can still be asked. */
  synchronized void stop() {
    stopped = true;
    listeners.forEach(PortalListener::close);
  }

  /** Whether a group has a portal. */
  boolean has(int groupTag) {
    return listeners.stream().anyMatch(each -> each.portal().groupTag() == groupTag);
  }

  /** Where they really listen. */
  List<BoundPortal> bound() {
    return listeners.stream().map(PortalListener::bound).toList();
  }

  /** As they were asked for, with the ports that were bound. */
  List<Portal> all() {
    return listeners.stream().map(PortalListener::portal).toList();
  }

  /** Forgets a group that has no portal and no session any more. */
  synchronized void forgetGroup(int groupTag) {
    if (!has(groupTag)) {
      groups.remove(groupTag);
    }
  }
}
