package org.iscsi4j.examples.daemon.http;

import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.monitor.ServerSnapshot;
import org.iscsi4j.target.IscsiServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows a server over HTTP, read-only: {@code /} a page for people, {@code /status.json} what it
 * refreshes from, {@code /metrics} for Prometheus, {@code /health} for whoever restarts it. Looks
 * at the server once a second, and keeps the last five minutes; asks nothing of who comes, so it
 * belongs on loopback.
 */
public final class StatusServer implements Closeable {

  private static final Logger log = LoggerFactory.getLogger(StatusServer.class);

  private static final int THREADS = 8;
  private static final int BACKLOG = 32;
  private static final long CLOSE_SECONDS = 1;

  static {
    // read once in the life of the program, and kept from whoever says otherwise with -D
    bound("sun.net.httpserver.maxReqTime", "10");
    bound("sun.net.httpserver.maxRspTime", "60");
    bound("sun.net.httpserver.idleInterval", "30");
    bound("sun.net.httpserver.maxIdleConnections", "16");
    bound("jdk.httpserver.maxConnections", "64");
    bound("sun.net.httpserver.maxReqHeaders", "64");
    bound("sun.net.httpserver.maxReqHeaderSize", "16384");
    bound("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer http;
  private final ExecutorService workers;
  private final ScheduledExecutorService clock;

  private StatusServer(HttpServer http, ExecutorService workers, ScheduledExecutorService clock) {
    this.http = http;
    this.workers = workers;
    this.clock = clock;
  }

  private static void bound(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * Shows a server.
   *
   * @param where port 0 lets the system choose
   * @param logins what has listened to the server since it started
   * @throws IOException when the address can't be bound
   */
  public static StatusServer start(IscsiServer server, InetSocketAddress where, LoginCounts logins)
      throws IOException {
    return start(server::snapshot, server::targets, where, logins);
  }

  static StatusServer start(
      Supplier<CompletableFuture<ServerSnapshot>> source,
      Supplier<List<Target>> targets,
      InetSocketAddress where,
      LoginCounts logins)
      throws IOException {
    HttpServer http = bind(where);
    ExecutorService workers = workers();
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(threads("iscsi4j-http-clock"));
    SnapshotCache snapshots = new SnapshotCache(source, System::nanoTime);
    History history = new History();
    StatusMaker maker = new StatusMaker(version(), Instant.now(), history);
    HostRule hosts = HostRule.of(http.getAddress().getAddress());
    http.createContext("/", new StatusHandler(hosts, new Pages(snapshots, targets, logins, maker)));
    http.setExecutor(workers);
    http.start();
    clock.scheduleAtFixedRate(() -> sample(snapshots, history, clock), 0, 1, TimeUnit.SECONDS);
    return new StatusServer(http, workers, clock);
  }

  private static HttpServer bind(InetSocketAddress where) throws IOException {
    if (!where.isUnresolved() && !where.getAddress().isLoopbackAddress()) {
      log.warn(
          "the status page on {} is open to everybody who can reach it",
          Portal.format(where.getHostString(), where.getPort()));
    }
    try {
      return HttpServer.create(where, BACKLOG);
    } catch (IOException e) {
      throw new IOException(
          "the status page can't listen on "
              + Portal.format(where.getHostString(), where.getPort())
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** As many tasks wait as there may be connections, since each has one request at a time. */
  private static ExecutorService workers() {
    ThreadPoolExecutor workers =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            threads("iscsi4j-http"));
    workers.allowCoreThreadTimeOut(true);
    return workers;
  }

  private static ThreadFactory threads(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * A failure must not end the clock; a snapshot comes on a thread of the server, which is busy.
   */
  private static void sample(
      SnapshotCache snapshots, History history, ScheduledExecutorService clock) {
    snapshots
        .recent()
        .thenAcceptAsync(server -> history.add(server, System.nanoTime()), clock)
        .exceptionally(
            e -> {
              log.debug("no sample: {}", e.toString());
              return null;
            });
  }

  private static String version() {
    return Optional.ofNullable(StatusServer.class.getPackage().getImplementationVersion())
        .orElse("(unpackaged)");
  }

  /** Where the page is, with the port that was really bound. */
  public URI uri() {
    InetSocketAddress bound = http.getAddress();
    String host = bound.getAddress().getHostAddress().replace("%", "%25"); // a scope of IPv6
    return URI.create("http://" + Portal.format(host, bound.getPort()) + "/");
  }

  /** Cuts what is under way, frees the address and ends the threads, within about a second. */
  @Override
  public void close() {
    clock.shutdownNow();
    workers.shutdownNow();
    http.stop(0);
    try {
      workers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
