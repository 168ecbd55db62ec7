package org.iscsi4j.target.session;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.AsyncEvent;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.OperationalParameters;

/**
 * The connections of a session (RFC 7143 section 4.2.1): those whose login is about to end, those
 * in full feature phase, and those that are gone and may be recovered. Touched by the session's
 * loop alone.
 */
public final class SessionConnections {

  private final Session session;
  private final Map<Integer, SessionConnection> byCid = new LinkedHashMap<>();

  /** CIDs of connections whose login is about to end. */
  private final Set<Integer> joining = new HashSet<>();

  private final LostConnections lost;
  private long bytesIn;
  private long bytesOut;

  SessionConnections(Session session, SessionLimits limits) {
    this.session = session;
    lost = new LostConnections(session, limits.pools().lostConnections());
  }

  // ---- coming

  /**
   * Makes way for a connection that logs in to this session, until it {@linkplain #join joins} or
   * {@linkplain #staysAway stays away}. One with the same CID is logged out by that (RFC 7143
   * section 6.3.4); at ErrorRecoveryLevel 2 its commands may be reassigned then.
   *
   * @param expStatSn what the login acknowledges of the connection that it reinstates
   * @return completed on any thread when no command of a connection with this CID can change a unit
   *     any more
   * @throws LoginException when there is no room for another connection
   */
  public CompletableFuture<Void> makeWay(int cid, int expStatSn) throws LoginException {
    if (session.ends() || session.draining()) {
      throw new LoginException(
          LoginStatus.SESSION_DOES_NOT_EXIST, "the session has ended meanwhile");
    }
    SessionConnection old = byCid.get(cid);
    int others = byCid.size() + joining.size();
    boolean full = old == null && others >= session.parameters().maxConnections();
    if (full || !joining.add(cid)) {
      throw new LoginException(
          LoginStatus.TOO_MANY_CONNECTIONS,
          "the session has "
              + others
              + " of "
              + session.parameters().maxConnections()
              + " connections");
    }
    CompletableFuture<Void> gone = new CompletableFuture<>();
    EndReason reason =
        new EndReason(EndReason.Kind.REINSTATED, "connection reinstated by a new login");
    reinstate(cid, expStatSn, reason, () -> gone.complete(null));
    return session.inTime(gone, reason);
  }

  private void reinstate(int cid, int expStatSn, EndReason reason, Runnable settled) {
    SessionConnection old = byCid.get(cid);
    if (old != null && !old.isRecoverable()) {
      logOut(old, reason, settled);
      return;
    }
    if (old != null) {
      old.acknowledged(expStatSn);
      old.loggedOutForRecovery();
      old.transport().close(reason);
    } else {
      lost.acknowledged(cid, expStatSn);
      lost.logOutForRecovery(cid);
    }
    settled.run();
  }

  /** Takes a connection into the session whose login ends now. */
  void join(SessionConnection connection) {
    joining.remove(connection.cid());
    byCid.put(connection.cid(), connection);
    session.watcher().connectionOpened(connection.info());
  }

  /** A connection was lost, or its login failed, before it could join. */
  public void staysAway(int cid, EndReason reason) {
    joining.remove(cid);
    closeIfEmpty(reason);
  }

  // ---- going

  /**
   * Closes a connection on behalf of the initiator: what is outstanding on it ends without a
   * response.
   *
   * @param settled runs once when none of it can change a unit any more
   */
  void logOut(SessionConnection connection, EndReason reason, Runnable settled) {
    session.endTasksOf(connection, settled);
    connection.loggedOut();
    connection.transport().close(reason);
  }

  /**
   * Ends a connection on the target's own account: the initiator is told (RFC 7143 section 11.9).
   * Where its commands can't be reassigned, and no other connection could go on without those that
   * were on their way, the session ends. Called on the loop.
   *
   * @return completed when nothing that came over the connection can change a unit any more, or
   *     waits to be reassigned; a device that holds on to a command is waited for no longer than
   *     {@link SessionLimits#abortTimeout}
   */
  public CompletableFuture<Void> drop(int cid, EndReason reason) {
    SessionConnection connection = byCid.get(cid);
    if (connection == null) {
      return CompletableFuture.completedFuture(null);
    }
    boolean last = byCid.size() == 1;
    boolean together = last || session.parameters().errorRecoveryLevel() == 0;
    if (together && !connection.isRecoverable()) {
      session.drop(reason);
      return session.settled();
    }
    if (!connection.ending()) {
      announce(connection);
      connection.transport().closeWhenFlushed(reason);
      session.loop().after(Session.FAREWELL, () -> connection.transport().close(reason));
    }
    return connection.settled();
  }

  private void announce(SessionConnection connection) {
    OperationalParameters agreed = session.parameters();
    int retain = connection.isRecoverable() ? agreed.defaultTime2Retain() : 0;
    connection.tell(
        AsyncEvent.DROP_CONNECTION, connection.cid(), agreed.defaultTime2Wait(), retain);
  }

  /** A connection is closed, for whatever reason. */
  void lost(SessionConnection connection, EndReason reason) {
    byCid.remove(connection.cid(), connection);
    bytesIn += connection.transport().bytesIn();
    bytesOut += connection.transport().bytesOut();
    session.watcher().connectionClosed(connection.info(), reason);
    if (session.closed()) {
      settle(connection, session.settled());
      connection.forgetSent();
      return;
    }
    if (connection.isRecoverable() && session.ending().isEmpty() && lost.add(connection, reason)) {
      session.held().removeOf(connection); // the initiator sends them again
      settle(connection, CompletableFuture.completedFuture(null));
      return;
    }
    CompletableFuture<Void> writes = new CompletableFuture<>();
    session.endTasksOf(connection, () -> writes.complete(null));
    if (connection.isAwaited()) {
      settle(connection, session.inTime(writes, reason));
    }
    connection.forgetSent();
    // at level 0 all recovery is that of the session (RFC 7143 section 7.1.4.1); one that ends
    // anyway lets its other connections say what they have to
    boolean expected = session.ending().isPresent() || connection.isLoggedOut();
    boolean fatal = session.parameters().errorRecoveryLevel() == 0 && !expected;
    if (fatal) {
      session.close(reason);
    } else {
      closeIfEmpty(session.ending().orElse(reason));
    }
  }

  private static void settle(SessionConnection connection, CompletableFuture<Void> with) {
    if (connection.isAwaited()) {
      with.thenRun(() -> connection.settled().complete(null));
    }
  }

  /** Ends the session if no connection is left, and none may come to one that does not end. */
  void closeIfEmpty(EndReason reason) {
    boolean mayCome = session.ending().isEmpty() && !(joining.isEmpty() && lost.isEmpty());
    if (byCid.isEmpty() && !mayCome) {
      session.close(reason);
    }
  }

  /** Closes all as soon as what they have to say is written; at once if there are none. */
  void closeWhenFlushed(EndReason reason) {
    all().forEach(each -> each.transport().closeWhenFlushed(reason));
    if (byCid.isEmpty()) {
      session.close(reason);
    }
  }

  /** Closes all, and forgets those that are gone. */
  void close(EndReason reason) {
    lost.clear();
    all().forEach(each -> each.transport().close(reason));
  }

  /** Runs work once when all that was sent is written. */
  void whenFlushed(Runnable work) {
    Countdown open = new Countdown(work);
    all().forEach(each -> each.transport().whenFlushed(open.expect()));
    open.start();
  }

  // ---- facts

  /** Bytes received over connections that have ended. */
  public long bytesIn() {
    return bytesIn;
  }

  /** Bytes sent over connections that have ended. */
  public long bytesOut() {
    return bytesOut;
  }

  /** Those that something may be sent over. */
  List<SessionConnection> open() {
    return byCid.values().stream().filter(each -> !each.ending()).toList();
  }

  /** All of them. */
  List<SessionConnection> all() {
    return List.copyOf(byCid.values());
  }

  /** The other connections. */
  List<SessionConnection> othersThan(SessionConnection one) {
    return byCid.values().stream().filter(each -> each != one).toList();
  }

  /** The connection with a CID, or null. */
  SessionConnection get(int cid) {
    return byCid.get(cid);
  }

  /** Those that are gone, and whose commands are not. */
  LostConnections lost() {
    return lost;
  }
}
