package org.iscsi4j.target;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Redirect;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.target.session.Session;
import org.iscsi4j.target.session.SessionRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a host does with sessions. Safe from any thread. */
final class SessionOperations {

  private static final Logger log = LoggerFactory.getLogger(SessionOperations.class);

  private static final EndReason BY_HOST =
      new EndReason(EndReason.Kind.DROPPED, "ended by the host");

  private final SessionRegistry sessions;
  private final Redirects redirects;
  private final List<Move> moves = new CopyOnWriteArrayList<>();

  /** Sessions that are to be moved away; a rule may stand in several. */
  private static final class Move implements LoginRedirect {

    private final LoginRedirect rule;
    private final Duration time;

    /** Those that were asked to log out. */
    private final Set<Session> asked = ConcurrentHashMap.newKeySet();

    Move(LoginRedirect rule, Duration time) {
      this.rule = rule;
      this.time = time;
    }

    @Override
    public Optional<Redirect> redirect(Initiator initiator, IscsiName target) {
      return rule.redirect(initiator, target);
    }

    @Override
    public boolean beforeAuthentication() {
      return rule.beforeAuthentication();
    }

    boolean concerns(Session session) {
      SessionInfo info = session.info();
      try {
        return info.target().flatMap(target -> rule.redirect(info.initiator(), target)).isPresent();
      } catch (RuntimeException e) {
        log.warn("{}: stays, as a rule to move it away failed", session, e);
        return false;
      }
    }

    /** Called on the session's loop. */
    void ask(Session session) {
      if (asked.add(session)) {
        session.requestLogout(time);
      }
    }
  }

  SessionOperations(SessionRegistry sessions, Redirects redirects) {
    this.sessions = sessions;
    this.redirects = redirects;
  }

  CompletableFuture<Void> requestLogout(SessionInfo session, Duration time) {
    return on(
        session,
        open -> {
          open.requestLogout(time);
          return open.settled();
        });
  }

  CompletableFuture<Void> end(SessionInfo session) {
    return on(
        session,
        open -> {
          open.drop(BY_HOST);
          return open.settled();
        });
  }

  CompletableFuture<Void> endConnection(SessionInfo session, int cid) {
    return on(session, open -> open.connections().drop(cid, BY_HOST));
  }

  /**
   * Does something on a session's loop, unless the session has ended.
   *
   * @return completed when that is done, or the session has ended
   */
  private CompletableFuture<Void> on(
      SessionInfo session, Function<Session, CompletableFuture<Void>> operation) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Optional<Session> found = find(session);
    if (found.isEmpty()) {
      done.complete(null);
      return done;
    }
    Session open = found.get();
    open.settled().thenRun(() -> done.complete(null));
    open.loop().execute(() -> operation.apply(open).thenRun(() -> done.complete(null)));
    return done;
  }

  /** Not another one that has taken the handle meanwhile. */
  private Optional<Session> find(SessionInfo session) {
    return sessions
        .byHandle(session.tsih())
        .map(SessionRegistry.Registration::session)
        .filter(found -> found.info().equals(session));
  }

  // ---- moving away

  Relocation moveAway(LoginRedirect rule, Duration time) {
    Move move = new Move(rule, time);
    redirects.add(move);
    moves.add(move);
    List<Session> there = sessions.all().stream().filter(move::concerns).toList();
    there.stream()
        .filter(Session::isOpened) // the others when they are
        .forEach(session -> askSoon(move, session));
    CompletableFuture<?>[] settled =
        there.stream().map(Session::settled).toArray(CompletableFuture<?>[]::new);
    return new Relocation(
        CompletableFuture.allOf(settled),
        () -> {
          redirects.remove(move);
          moves.remove(move);
        });
  }

  /** Not before its connection is there to ask over. */
  private static void askSoon(Move move, Session session) {
    session.loop().execute(() -> move.ask(session));
  }

  /** A session was opened, whose login may have begun before it was to be moved away. */
  void opened(Session session) {
    moves.stream().filter(move -> move.concerns(session)).forEach(move -> askSoon(move, session));
  }
}
