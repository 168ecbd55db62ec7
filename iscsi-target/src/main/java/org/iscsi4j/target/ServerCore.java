package org.iscsi4j.target;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.iscsi4j.api.AccessState;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.Target;
import org.iscsi4j.protocol.OperationalOffer;
import org.iscsi4j.scsi.DeviceServer;
import org.iscsi4j.scsi.Devices;
import org.iscsi4j.scsi.Nexus;
import org.iscsi4j.scsi.TargetPortGroups;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.login.ChapPolicy;
import org.iscsi4j.target.login.LoginPhase;
import org.iscsi4j.target.login.LoginPolicy;
import org.iscsi4j.target.loop.EventLoop;
import org.iscsi4j.target.loop.EventLoopGroup;
import org.iscsi4j.target.session.Session;
import org.iscsi4j.target.session.SessionKey;
import org.iscsi4j.target.session.SessionRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What runs behind an {@link IscsiServer}: owns loops, listeners, device servers and sessions. */
final class ServerCore implements LoginPolicy {

  private static final Logger log = LoggerFactory.getLogger(ServerCore.class);

  /** How long closing waits, after the drain, for threads to end. */
  private static final Duration JOIN = Duration.ofSeconds(1);

  private final ServerSettings settings;
  private final TargetPortGroups groups;
  private final Devices devices;
  private final Optional<ExecutorService> ownExecutor;
  private final IdentityHashMap<LogicalUnit, DeviceServer> servers = new IdentityHashMap<>();
  private final List<TargetNode> nodes;
  private final SessionRegistry sessions = new SessionRegistry();
  private final AtomicInteger connections = new AtomicInteger();
  private final EventLoopGroup loops;
  private final List<PortalListener> portals = new ArrayList<>();
  private final Discovery discovery;
  private final ServerListener listener;

  /** Whether somebody closes the server; written under this lock. */
  private volatile boolean closing;

  private final CountDownLatch closed = new CountDownLatch(1);

  /** Starts a server; when this returns, it listens. */
  ServerCore(ServerSettings settings) throws IOException {
    this.settings = settings;
    ownExecutor =
        settings.executor().isPresent()
            ? Optional.empty()
            : Optional.of(Executors.newCachedThreadPool(threads(settings.name())));
    listener = new Listeners(settings.listeners());
    groups = new TargetPortGroups(groupTags(), this::accessStateChanged);
    devices =
        new Devices(
            settings.executor().orElseGet(ownExecutor::orElseThrow), settings.stateStore(), groups);
    try {
      nodes =
          settings.targets().stream()
              .map(t -> TargetNode.of(t, servers, devices, this::reachable))
              .toList();
      loops = new EventLoopGroup(settings.eventLoops(), settings.name());
    } catch (IOException | RuntimeException e) {
      releaseUnits();
      throw e;
    }
    discovery = new Discovery(nodes, this::bound);
    try {
      for (Portal portal : settings.portals()) {
        portals.add(new PortalListener(portal, this::accepted));
      }
    } catch (IOException | RuntimeException e) {
      close(Duration.ZERO);
      throw e;
    }
    // all ports are bound before the first connection is taken
    loops.first().execute(() -> portals.forEach(portal -> portal.register(loops.first())));
  }

  private static ThreadFactory threads(String name) {
    return new ThreadFactoryBuilder().setNameFormat(name + "-io-%d").setDaemon(true).build();
  }

  /** A portal group is one SCSI port of each target (RFC 7143 section 4.4.2). */
  private List<Integer> groupTags() {
    return settings.portals().stream().map(Portal::groupTag).distinct().toList();
  }

  private void accessStateChanged(AccessState state, int group) {
    listener.accessStateChanged(group, state);
  }

  // ---- connections

  private void accepted(PortalListener portal, SocketChannel channel) {
    if (connections.incrementAndGet() > settings.maxConnections()) {
      connections.decrementAndGet();
      log.debug("{}: refused a connection, {} are open", portal, settings.maxConnections());
      closeQuietly(channel);
      return;
    }
    EventLoop loop = loops.leastLoaded();
    loop.load().incrementAndGet(); // at once: connections that come together spread over the loops
    loop.execute(() -> open(portal, channel, loop));
  }

  private void open(PortalListener portal, SocketChannel channel, EventLoop loop) {
    Connection connection;
    try {
      connection = new Connection(loop, channel, connections::decrementAndGet);
    } catch (IOException | RuntimeException e) {
      connections.decrementAndGet();
      loop.load().decrementAndGet();
      log.debug("{}: lost a connection before it began: {}", portal, e.toString());
      closeQuietly(channel);
      return;
    }
    try {
      SessionStarter starter =
          new SessionStarter(
              sessions, this::node, portal, groups, settings.limits(), discovery, listener);
      connection.start(
          new LoginPhase(
              connection,
              this,
              portal.portal().groupTag(),
              starter,
              settings.loginTimeout(),
              settings.limits().queueDepth(),
              (refused, why) -> listener.loginRefused(refused.remote(), why)));
    } catch (RuntimeException e) {
      connection.failed(e);
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("close failed", e);
    }
  }

  // ---- login policy

  private Optional<TargetNode> node(IscsiName name) {
    return nodes.stream().filter(node -> node.target().name().equals(name)).findFirst();
  }

  /**
   * The units that the initiator of a nexus may copy between: those of every target, as it may log
   * in to each of them.
   */
  private Set<DeviceServer> reachable(Nexus nexus) {
    Set<DeviceServer> units = new LinkedHashSet<>(nexus.router().units().values());
    nodes.forEach(node -> units.addAll(node.router().units().values()));
    return units;
  }

  @Override
  public boolean serving() {
    return !closing;
  }

  @Override
  public Optional<Admission> target(IscsiName name) {
    return node(name).map(node -> new Admission(node.target(), chap()));
  }

  @Override
  public Optional<ChapPolicy> discoveryChap() {
    return chap();
  }

  private Optional<ChapPolicy> chap() {
    return settings.chap().map(Chap::policy);
  }

  @Override
  public LoginRedirect redirect() {
    return settings.redirect();
  }

  @Override
  public OperationalOffer offer() {
    return settings.offer();
  }

  @Override
  public Optional<OpenSession> session(int tsih) {
    return sessions.byHandle(tsih).map(ServerCore::openSession);
  }

  private static OpenSession openSession(SessionRegistry.Registration open) {
    SessionKey key = open.key();
    return new OpenSession(
        key.initiator(), key.isid(), key.target(), key.groupTag(), open.session().parameters());
  }

  // ---- facts

  List<Portal> portals() {
    return portals.stream().map(PortalListener::portal).toList();
  }

  List<Target> targets() {
    return settings.targets();
  }

  private List<BoundPortal> bound() {
    return portals.stream().map(PortalListener::bound).toList();
  }

  /** The portal groups with their access states. */
  TargetPortGroups groups() {
    return groups;
  }

  List<String> uris() {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    List<String> uris = new ArrayList<>();
    for (BoundPortal portal : bound()) {
      for (Target target : settings.targets()) {
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

  CompletableFuture<Void> requestLogout(SessionInfo session, Duration time) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    Optional<Session> open =
        sessions
            .byHandle(session.tsih())
            .map(SessionRegistry.Registration::session)
            .filter(found -> found.info().equals(session));
    if (open.isEmpty()) {
      ended.complete(null);
      return ended;
    }
    open.get()
        .loop()
        .execute(
            () -> {
              open.get().requestLogout(time);
              open.get().whenClosed(reason -> ended.complete(null));
            });
    return ended;
  }

  /**
   * What a server holds at one moment.
   *
   * @param places sessions, or what is left of them in a device
   * @param handles TSIHs that are taken
   * @param connections connections, those that have not logged in included
   * @param load connections by the count of the loops
   * @param buffers buffers of the loops that are in use
   */
  record Usage(int places, int handles, int connections, int load, int buffers) {
    static final Usage NONE = new Usage(0, 0, 0, 0, 0);
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
        sessions.placeCount(), sessions.handleCount(), connections.get(), load, buffers);
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
    portals.forEach(PortalListener::close);
    if (!loops.inLoop()) {
      drain(deadline);
    }
    forEachSession(session -> session.drop("the server is closed"));
    if (!loops.close(JOIN)) {
      log.warn("an event loop has not ended within {} ms", JOIN.toMillis());
    }
    devices.close();
    if (!loops.inLoop()) {
      awaitCalls(deadline);
    }
    releaseUnits();
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
    servers.values().forEach(DeviceServer::close);
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
