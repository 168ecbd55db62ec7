package org.iscsi4j.target.session;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.monitor.EndReason;

/** The sessions of a server, those included whose login is about to end. Safe from any thread. */
public final class SessionRegistry {

  private static final int MAX_TSIH = 0xffff;

  private final Map<SessionKey, Registration> sessions = new ConcurrentHashMap<>();
  private final Map<Integer, Optional<Registration>> handles = new ConcurrentHashMap<>();
  private final AtomicInteger lastHandle = new AtomicInteger();

  /** An empty registry. */
  public SessionRegistry() {}

  /**
   * A target session identifying handle that no session has, 1 to 65,535; empty when all are taken.
   * It is taken until {@link #release}.
   */
  public Optional<Integer> allocateHandle() {
    for (int tries = 0; tries < MAX_TSIH; tries++) {
      int handle = Math.floorMod(lastHandle.getAndIncrement(), MAX_TSIH) + 1;
      if (handles.putIfAbsent(handle, Optional.empty()) == null) {
        return Optional.of(handle);
      }
    }
    return Optional.empty();
  }

  /** The session that has this handle. */
  public Optional<Registration> byHandle(int handle) {
    return handles.getOrDefault(handle, Optional.empty());
  }

  /**
   * The session that a connection joins: not another one that was given the handle since the login
   * was admitted.
   *
   * @param user that the initiator of the connection proved to be
   */
  public Optional<Session> joined(int handle, SessionKey key, Optional<String> user) {
    return byHandle(handle)
        .filter(open -> open.key().equals(key))
        .map(Registration::session)
        .filter(session -> session.info().initiator().user().equals(user));
  }

  /** Frees a handle. */
  public void release(int handle) {
    handles.remove(handle);
  }

  /**
   * A session in its place.
   *
   * @param key what makes a login reinstate it
   * @param gone completed when the session has ended, and all that stood in its place before it
   */
  public record Registration(SessionKey key, Session session, CompletableFuture<Void> gone) {}

  /** Adds a session; the one that it reinstates, if any, must be gone before it begins. */
  public Optional<Registration> add(Registration added) {
    handles.put(added.session().info().tsih(), Optional.of(added));
    return Optional.ofNullable(sessions.put(added.key(), added));
  }

  /** Removes a session, unless another took its place. */
  public void remove(SessionKey key, Session session) {
    sessions.computeIfPresent(key, (same, found) -> found.session() == session ? null : found);
  }

  /** Ends all sessions of a target, each when its answers are written. */
  void endAllOf(IscsiName target, EndReason reason) {
    for (Session each : all()) {
      if (each.info().target().filter(target::equals).isPresent()) {
        each.loop().execute(() -> each.drop(reason));
      }
    }
  }

  /** Handles that are taken. */
  public int handleCount() {
    return handles.size();
  }

  /** Places that are taken, by sessions or by what is left of them. */
  public int placeCount() {
    return sessions.size();
  }

  /** All sessions that have not ended. */
  public Collection<Session> all() {
    return sessions.values().stream()
        .map(Registration::session)
        .filter(session -> !session.closed())
        .toList();
  }
}
