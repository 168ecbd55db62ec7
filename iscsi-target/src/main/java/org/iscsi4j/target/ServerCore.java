package org.iscsi4j.target;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.iscsi4j.api.AccessState;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.TargetResolver;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Devices;
import org.iscsi4j.scsi.TargetPortGroups;
import org.iscsi4j.scsi.TaskManager;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.limit.LoginThrottle;
import org.iscsi4j.target.limit.ServerLimits;
import org.iscsi4j.target.login.Logins;
import org.iscsi4j.target.login.SessionTerms;
import org.iscsi4j.target.loop.EventLoop;
import org.iscsi4j.target.loop.EventLoopGroup;
import org.iscsi4j.target.loop.LimitedExecutor;
import org.iscsi4j.target.session.Session;
import org.iscsi4j.target.session.SessionLimits;
import org.iscsi4j.target.session.SessionRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What runs behind an {@link IscsiServer}: owns loops, listeners, device servers and sessions. */
final class ServerCore {

  private static final Logger log = LoggerFactory.getLogger(ServerCore.class);

  /** How long closing waits, after the drain, for threads to end. */
  private static final Duration JOIN = Duration.ofSeconds(1);

  /** How long a snapshot waits for a loop. */
  private static final Duration SNAPSHOT_LIMIT = Duration.ofSeconds(2);

  private static final EndReason SERVER_CLOSED =
      new EndReason(EndReason.Kind.SERVER_CLOSED, "the server is closed");

  /** Threads that TLS handshakes may take at least, so that one that is slow is not alone. */
  private static final int HANDSHAKES = 4;

  private final ServerSettings settings;
  private final TargetPortGroups groups;
  private final Devices devices;
  private final Executor executor;

  /** Peers that nobody knows yet must not take every thread. */
  private final Executor handshakes;

  private final Optional<ExecutorService> ownExecutor;
  private final UnitServers units;
  private final Catalogue catalogue;
  private final Optional<FoundTargets> found;
  private final SessionRegistry sessions = new SessionRegistry();
  private final LoginRules rules;
  private final Logins logins;
  private final ServerLimits limits;
  private final Admissions admissions;
  private final RefusedConnections refused = new RefusedConnections(System::nanoTime);
  private final EventLoopGroup loops;
  private final Portals portals;
  private final Discovery discovery;
  private final InitiatorLimits initiatorLimits = new InitiatorLimits(System::nanoTime);
  private final ServerListener listener;
  private final Reports reports;
  private final SessionOperations operations;
  private final ServerInspector inspector;

  /** Whether somebody closes the server; written under this lock. */
  private volatile boolean closing;

  private final CountDownLatch closed = new CountDownLatch(1);

  /** Starts a server; when this returns, it listens. */
  ServerCore(ServerSettings settings) throws IOException {
    this.settings = settings;
    limits = new ServerLimits(settings.limits());
    admissions = new Admissions(limits::current);
    ownExecutor =
        settings.executor().isPresent()
            ? Optional.empty()
            : Optional.of(Executors.newCachedThreadPool(threads(settings.name())));
    executor = settings.executor().orElseGet(ownExecutor::orElseThrow);
    listener = new Listeners(settings.listeners());
    reports = new Reports(listener);
    Redirects redirects = new Redirects(settings.redirect());
    operations = new SessionOperations(sessions, redirects);
    groups = new TargetPortGroups(List.of(), this::accessStateChanged);
    devices =
        new Devices(executor, settings.stateStore(), groups, reports, settings.commandListener());
    handshakes = new LimitedExecutor(executor, Math.max(HANDSHAKES, settings.eventLoops()));
    units = new UnitServers(devices, settings.drainTimeout());
    catalogue = new Catalogue(units, new SessionViews(units, executor), settings.drainTimeout());
    try {
      catalogue.addAll(settings.targets());
      loops = new EventLoopGroup(settings.eventLoops(), settings.name());
    } catch (IOException | RuntimeException e) {
      releaseUnits();
      throw e;
    }
    found = settings.resolver().map(this::foundBy);
    rules =
        new LoginRules(
            settings,
            catalogue,
            found,
            sessions,
            redirects,
            new LoginThrottle(limits::current, System::nanoTime),
            () -> !closing);
    logins = new Logins(rules, this::loginTimeout, reports::loginDecided);
    settings.chap().ifPresent(this::warnOfShortSecrets);
    settings.discovering().chap().ifPresent(this::warnOfShortSecrets);
    settings.targets().forEach(this::warnOfShortSecrets);
    portals = new Portals(loops.first(), groups, this::accepted);
    discovery = new Discovery(catalogue::targets, found, portals::bound);
    inspector =
        new ServerInspector(
            settings.name(), portals::all, catalogue::snapshot, loops, sessions, SNAPSHOT_LIMIT);
    try {
      portals.open(settings.portals());
    } catch (IOException | RuntimeException e) {
      close(Duration.ZERO);
      throw e;
    }
  }

  private static ThreadFactory threads(String name) {
    return new ThreadFactoryBuilder().setNameFormat(name + "-io-%d").setDaemon(true).build();
  }

  private FoundTargets foundBy(TargetResolver resolver) {
    // no login outlasts that time
    Supplier<Duration> linger = () -> loginTimeout().plus(JOIN);
    return new FoundTargets(resolver, catalogue, executor, linger, this::later);
  }

  private Duration loginTimeout() {
    return limits.current().loginTimeout();
  }

  private void later(Duration delay, Runnable work) {
    EventLoop loop = loops.first();
    loop.execute(() -> loop.after(delay, work));
  }

  private void accessStateChanged(AccessState state, int group) {
    listener.accessStateChanged(group, state);
  }

  // ---- connections

  private void accepted(PortalListener portal, SocketChannel channel) {
    Optional<Admissions.Connected> place = admit(channel);
    if (place.isEmpty()) {
      refused.add(portal, channel, admissions);
      closeQuietly(channel);
      return;
    }
    EventLoop loop = loops.leastLoaded();
    loop.load().incrementAndGet(); // at once: connections that come together spread over the loops
    loop.execute(() -> open(portal, channel, loop, place.get()));
  }

  private Optional<Admissions.Connected> admit(SocketChannel channel) {
    return admissions.connection(channel.socket().getInetAddress());
  }

  private void open(
      PortalListener portal, SocketChannel channel, EventLoop loop, Admissions.Connected place) {
    Connection connection;
    try {
      connection = connect(portal.portal(), channel, loop, place);
    } catch (IOException | RuntimeException e) {
      place.closed();
      loop.load().decrementAndGet();
      log.debug("{}: lost a connection before it began: {}", portal, e.toString());
      closeQuietly(channel);
      return;
    }
    try {
      int group = portal.portal().groupTag();
      SessionStarter starter =
          new SessionStarter(
              sessions,
              place,
              catalogue,
              portals,
              group,
              groups,
              this::limits,
              discovery,
              this::opened);
      connection.start(logins.phase(connection, group, starter));
    } catch (RuntimeException e) {
      connection.failed(e);
    }
  }

  private SessionLimits limits(SessionTerms terms) {
    return new SessionLimits(
        limits,
        terms.queueDepth(),
        terms.keepAliveInterval().toNanos(),
        terms.keepAliveTimeout().toNanos(),
        settings.abortTimeout().toNanos(),
        settings.reportUnitAttentions());
  }

  /** A session takes commands from now on. Called on its loop. */
  private void opened(Session session) {
    reports.opened(session);
    operations.opened(session);
    Runnable leave = initiatorLimits.join(session.info().initiator(), session::limitBy);
    session.whenClosed(reason -> leave.run());
  }

  private Connection connect(
      Portal portal, SocketChannel channel, EventLoop loop, Admissions.Connected place)
      throws IOException {
    return portal.tls().isEmpty()
        ? new Connection(loop, channel, place::closed)
        : new Connection(loop, channel, portal.tls().get().newEngine(), handshakes, place::closed);
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("close failed", e);
    }
  }

  // ---- changes

  /** Serves a target more. */
  void addTarget(Target target) {
    catalogue.add(target);
    warnOfShortSecrets(target);
  }

  /** Serves a target no more. */
  CompletableFuture<Boolean> removeTarget(IscsiName name) {
    return found.map(targets -> targets.remove(name)).orElseGet(() -> catalogue.remove(name));
  }

  /** Describes a target anew. */
  CompletableFuture<Boolean> changeTarget(IscsiName name, UnaryOperator<Target> change) {
    CompletableFuture<Boolean> drained = catalogue.change(name, change);
    catalogue.target(name).ifPresent(this::warnOfShortSecrets);
    return drained;
  }

  private void warnOfShortSecrets(Target target) {
    target.chap().ifPresent(chap -> logins.warnOfShortSecrets("target " + target.name(), chap));
  }

  void changeChap(Optional<Chap> chap) {
    chap.ifPresent(this::warnOfShortSecrets);
    rules.chap(chap);
  }

  void changeDiscovery(LoginRules.Discovering discovering) {
    discovering.chap().ifPresent(this::warnOfShortSecrets);
    rules.discovering(discovering);
  }

  private void warnOfShortSecrets(Chap chap) {
    logins.warnOfShortSecrets("the server", chap);
  }

  /** What holds for logins. */
  LoginRules rules() {
    return rules;
  }

  /** The portals. */
  Portals openPortals() {
    return portals;
  }

  /** Closes the portals of a group, and ends the sessions that go through them. */
  CompletableFuture<Boolean> removeGroup(int groupTag) {
    groups.state(groupTag); // throws when there is no such group; its portals may have gone already
    CompletableFuture<Void> refusing =
        portals
            .close(portal -> portal.groupTag() == groupTag)
            .orElseGet(() -> CompletableFuture.completedFuture(null));
    List<CompletableFuture<Boolean>> ends =
        sessions.all().stream()
            .filter(session -> session.info().initiator().portalGroup() == groupTag)
            .map(each -> each.changes().end("portal group removed", settings.drainTimeout()))
            .toList();
    return Drains.all(ends)
        .thenCombine(refusing, (drained, nothing) -> drained)
        .whenComplete((drained, failure) -> portals.forgetGroup(groupTag));
  }

  // ---- limits

  /** The device server of a unit that is served. */
  DeviceServer unit(LogicalUnit unit) {
    return units
        .find(unit)
        .orElseThrow(() -> new IllegalArgumentException("the server has no " + unit));
  }

  /** Ends what initiators do and hold at a unit; true when that is over, false when it is late. */
  CompletableFuture<Boolean> reset(LogicalUnit unit) {
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    TaskManager.logicalUnitReset(unit(unit), () -> ended.complete(true));
    return ended.completeOnTimeout(false, settings.abortTimeout().toNanos(), TimeUnit.NANOSECONDS);
  }

  InitiatorLimits initiatorLimits() {
    return initiatorLimits;
  }

  // ---- facts

  List<Portal> portals() {
    return portals.all();
  }

  List<Target> targets() {
    return catalogue.targets();
  }

  /** How much initiators may have. */
  ServerLimits limits() {
    return limits;
  }

  /** The portal groups with their access states. */
  TargetPortGroups groups() {
    return groups;
  }

  List<String> uris() {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    List<String> uris = new ArrayList<>();
    for (BoundPortal portal : portals.bound()) {
      for (Target target : catalogue.targets()) {
        for (int number : target.logicalUnits().keySet()) {
          uris.add(UnitUri.of(portal.addressFor(loopback), target.name(), number));
        }
      }
    }
    return uris;
  }

  List<SessionInfo> sessions() {
    return sessions.all().stream().map(Session::info).toList();
  }

  /** What the host does with sessions. */
  SessionOperations operations() {
    return operations;
  }

  /** The server as it stands. */
  CompletableFuture<ServerSnapshot> snapshot() {
    return inspector.snapshot();
  }

  /**
   * What a server holds at one moment.
   *
   * @param places sessions, or what is left of them in a device
   * @param handles TSIHs that are taken
   * @param sessions sessions that count
   * @param connections connections, those that have not logged in included
   * @param logins connections that have not logged in
   * @param load connections by the count of the loops
   * @param buffers buffers of the loops that are in use
   * @param pools commands and bytes that all sessions have
   */
  record Usage(
      int places,
      int handles,
      int sessions,
      int connections,
      int logins,
      int load,
      int buffers,
      long pools) {
    static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0, 0, 0);
  }

  /** What the server holds. Not for a thread of a loop, as it waits for all of them. */
  Usage usage() {
    int buffers =
        loops.all().stream()
            .map(loop -> CompletableFuture.supplyAsync(() -> loop.buffers().outstanding(), loop))
            .mapToInt(CompletableFuture::join)
            .sum();
    int load = loops.all().stream().mapToInt(loop -> loop.load().get()).sum();
    return new Usage(
        sessions.placeCount(),
        sessions.handleCount(),
        admissions.sessions(),
        admissions.connections(),
        admissions.logins(),
        load,
        buffers,
        limits.pools().used());
  }

  // ---- end

  void close(Duration drain) {
    long deadline = System.nanoTime() + drain.toNanos();
    boolean first;
    synchronized (this) {
      first = !closing;
      closing = true;
    }
    if (first) {
      shutDown(deadline);
      closed.countDown();
    } else if (!loops.inLoop()) {
      await(closed, deadline + JOIN.toNanos());
    }
  }

  private void shutDown(long deadline) {
    portals.stop();
    if (!loops.inLoop()) {
      drain(deadline);
    }
    forEachSession(session -> session.drop(SERVER_CLOSED));
    if (!loops.close(JOIN)) {
      log.warn("an event loop has not ended within {} ms", JOIN.toMillis());
    }
    devices.close();
    if (!loops.inLoop()) {
      awaitCalls(deadline);
    }
    releaseUnits();
    found.ifPresent(FoundTargets::close);
  }

  /** Lets device calls end by themselves: an interrupt would close a file under others. */
  private void awaitCalls(long deadline) {
    try {
      if (!devices.awaitIdle(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
        log.warn("a device call has not come back; its thread is left behind");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void releaseUnits() {
    units.close();
    ownExecutor.ifPresent(ExecutorService::shutdown);
  }

  private static boolean await(CountDownLatch latch, long deadline) {
    try {
      return latch.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Lets the outstanding commands of all sessions end; new ones are not taken any more. */
  private void drain(long deadline) {
    Collection<Session> open = sessions.all();
    CountDownLatch idle = new CountDownLatch(open.size());
    open.forEach(session -> session.loop().execute(() -> session.drain(idle::countDown)));
    if (!await(idle, deadline)) {
      log.warn("{} sessions had commands outstanding when the server was closed", idle.getCount());
    }
  }

  private void forEachSession(Consumer<Session> action) {
    sessions.all().forEach(s -> s.loop().execute(() -> action.accept(s)));
  }
}
