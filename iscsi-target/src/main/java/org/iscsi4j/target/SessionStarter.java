package org.iscsi4j.target;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.scsi.TargetPortGroups;
import org.iscsi4j.scsi.TaskRouter;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.connection.Phase;
import org.iscsi4j.target.login.LoginResult;
import org.iscsi4j.target.login.SessionOpener;
import org.iscsi4j.target.login.SessionTerms;
import org.iscsi4j.target.session.FullFeaturePhase;
import org.iscsi4j.target.session.SendTargets;
import org.iscsi4j.target.session.Session;
import org.iscsi4j.target.session.SessionKey;
import org.iscsi4j.target.session.SessionLimits;
import org.iscsi4j.target.session.SessionRegistry;

/** Makes sessions of the logins that end well on one portal. */
final class SessionStarter implements SessionOpener {

  private static final EndReason LOST_DURING_LOGIN =
      new EndReason(EndReason.Kind.CONNECTION_LOST, "connection lost during login");
  private static final EndReason REINSTATED =
      new EndReason(EndReason.Kind.REINSTATED, "session reinstated by a new login");

  private static final TaskRouter NO_UNITS = new TaskRouter(Map.of());

  private final SessionRegistry registry;
  private final Admissions.Connected place;
  private final Catalogue catalogue;
  private final Portals portals;
  private final int groupTag;
  private final TargetPortGroups groups;
  private final Function<SessionTerms, SessionLimits> limits;
  private final SendTargets discovery;
  private final Consumer<Session> opened;

  SessionStarter(
      SessionRegistry registry,
      Admissions.Connected place,
      Catalogue catalogue,
      Portals portals,
      int groupTag,
      TargetPortGroups groups,
      Function<SessionTerms, SessionLimits> limits,
      SendTargets discovery,
      Consumer<Session> opened) {
    this.registry = registry;
    this.place = place;
    this.catalogue = catalogue;
    this.portals = portals;
    this.groupTag = groupTag;
    this.groups = groups;
    this.limits = limits;
    this.discovery = discovery;
    this.opened = opened;
  }

  @Override
  public void open(Connection connection, LoginResult login, Waiting waiting) {
    try {
      if (!portals.has(groupTag)) {
        throw groupRemoved();
      }
      if (login.tsih() == 0) {
        openSession(connection, login, waiting);
      } else {
        join(connection, login, waiting);
      }
    } catch (LoginException e) {
      waiting.refused(e);
    }
  }

  private static LoginException groupRemoved() {
    return new LoginException(LoginStatus.SERVICE_UNAVAILABLE, "the portal group was removed");
  }

  // ---- another connection of a session

  private void join(Connection connection, LoginResult login, Waiting waiting)
      throws LoginException {
    Session session =
        registry
            .joined(login.tsih(), key(login), login.initiator().user())
            .orElseThrow(SessionStarter::endedMeanwhile);
    if (session.loop() == connection.loop()) {
      joinHere(session, connection, login, waiting);
    } else {
      connection.moveTo(session.loop(), () -> joinHere(session, connection, login, waiting));
    }
  }

  private SessionKey key(LoginResult login) {
    return new SessionKey(
        login.initiator().name(), login.isid().value(), login.target().map(Target::name), groupTag);
  }

  private static LoginException endedMeanwhile() {
    return new LoginException(
        LoginStatus.SESSION_DOES_NOT_EXIST, "the session has ended during the login");
  }

  /** Now that the connection lives on the session's loop. */
  private void joinHere(
      Session session, Connection connection, LoginResult login, Waiting waiting) {
    if (connection.closed()) {
      return;
    }
    try {
      CompletableFuture<Void> free = session.connections().makeWay(login.cid(), login.expStatSn());
      then(free, connection, () -> admit(session, connection, login, waiting));
    } catch (LoginException e) {
      waiting.refused(e);
    }
  }

  private void admit(Session session, Connection connection, LoginResult login, Waiting waiting) {
    if (connection.closed()) {
      session.connections().staysAway(login.cid(), LOST_DURING_LOGIN);
    } else if (session.ends()) {
      waiting.refused(endedMeanwhile());
    } else {
      waiting.opened(
          opened(
              session,
              () -> phase(session, connection, login),
              reason -> session.connections().staysAway(login.cid(), reason)));
    }
  }

  private FullFeaturePhase phase(Session session, Connection connection, LoginResult login) {
    place.loggedIn();
    return new FullFeaturePhase(
        session,
        login.cid(),
        connection,
        login.parameters(),
        limits.apply(login.terms()),
        discovery,
        registry);
  }

  private static Opened opened(Session session, Supplier<Phase> start, Consumer<EndReason> giveUp) {
    return new Opened(session.info().tsih(), session.expCmdSn(), session.maxCmdSn(), start, giveUp);
  }

  /** Goes on when the way is free: at once, or later on the connection's loop. */
  private static void then(CompletableFuture<Void> free, Connection connection, Runnable next) {
    if (free.isDone()) {
      next.run();
    } else {
      free.thenRun(() -> connection.loop().execute(next));
    }
  }

  // ---- a new session

  private void openSession(Connection connection, LoginResult login, Waiting waiting)
      throws LoginException {
    Optional<IscsiName> target = login.target().map(Target::name);
    SessionKey key = key(login);
    Admissions.Admitted admitted = place.session(key);
    Session session;
    try {
      session = session(connection, login, target);
    } catch (LoginException | RuntimeException e) {
      admitted.ended();
      throw e;
    }
    session.whenClosed(
        reason -> {
          registry.release(session.info().tsih());
          admitted.ended();
        });
    // its place is taken until no command of it can change a unit any more, however it ended
    session.settled().thenRun(() -> registry.remove(key, session));
    then(reinstate(key, session), connection, () -> begin(session, connection, login, waiting));
  }

  private void begin(Session session, Connection connection, LoginResult login, Waiting waiting) {
    if (connection.closed()) {
      session.close(LOST_DURING_LOGIN);
    } else if (session.ends()) {
      endedDuringLogin(session.ending().orElseThrow(), connection, waiting);
    } else if (!portals.has(groupTag)) {
      session.close(new EndReason(EndReason.Kind.DROPPED, "portal group removed during login"));
      waiting.refused(groupRemoved());
    } else {
      waiting.opened(opened(session, () -> start(session, connection, login), session::close));
    }
  }

  private static void endedDuringLogin(EndReason why, Connection connection, Waiting waiting) {
    if (why.kind() == EndReason.Kind.REINSTATED) {
      connection.close(
          new EndReason(
              EndReason.Kind.REINSTATED, "session reinstated before its login had ended"));
    } else {
      // whoever tries again learns what holds by then
      waiting.refused(
          new LoginException(
              LoginStatus.SERVICE_UNAVAILABLE, "the session has ended during the login: " + why));
    }
  }

  private Phase start(Session session, Connection connection, LoginResult login) {
    opened.accept(session);
    return phase(session, connection, login);
  }

  /**
   * Takes the place of a session of the same name and ISID, and ends that one (RFC 7143 6.3.5).
   *
   * @return completed when the place is free, those included who were themselves waiting for it
   */
  private CompletableFuture<Void> reinstate(SessionKey key, Session session) {
    CompletableFuture<Void> free = new CompletableFuture<>();
    CompletableFuture<Void> gone = CompletableFuture.allOf(session.settled(), free);
    Optional<SessionRegistry.Registration> before =
        registry.add(new SessionRegistry.Registration(key, session, gone));
    if (before.isEmpty()) {
      free.complete(null);
      return free;
    }
    Session old = before.get().session();
    old.loop().execute(() -> old.close(REINSTATED));
    before.get().gone().thenRun(() -> free.complete(null));
    return free;
  }

  private Session session(Connection connection, LoginResult login, Optional<IscsiName> target)
      throws LoginException {
    int tsih =
        registry
            .allocateHandle()
            .orElseThrow(
                () -> new LoginException(LoginStatus.OUT_OF_RESOURCES, "every TSIH is taken"));
    try {
      return session(connection, login, target, tsih);
    } catch (LoginException | RuntimeException e) {
      registry.release(tsih);
      throw e;
    }
  }

  private Session session(
      Connection connection, LoginResult login, Optional<IscsiName> target, int tsih)
      throws LoginException {
    SessionInfo info = new SessionInfo(login.initiator(), login.isid().value(), tsih, target);
    if (target.isEmpty()) {
      return session(connection, login, info, NO_UNITS);
    }
    return catalogue.open(
        target.get(), login.initiator(), router -> session(connection, login, info, router));
  }

  private Session session(
      Connection connection, LoginResult login, SessionInfo info, TaskRouter router) {
    String device = info.target().map(IscsiName::toString).orElse("");
    return new Session(
        info,
        groups.port(device, groupTag),
        router,
        login.parameters(),
        limits.apply(login.terms()),
        connection.loop(),
        login.cmdSn());
  }
}
