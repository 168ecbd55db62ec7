package org.iscsi4j.examples.daemon.control;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.iscsi4j.examples.daemon.config.AuthRule;
import org.iscsi4j.examples.daemon.config.ControlSection;
import org.iscsi4j.examples.daemon.config.PortalSpec;
import org.iscsi4j.examples.daemon.service.DaemonService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control channel: listens where [UnitControl] says, and answers each client on a thread of its
 * own. Safe from any thread.
 */
public final class ControlServer implements Closeable {

  private static final Logger log = LoggerFactory.getLogger(ControlServer.class);

  /** Where the socket is unless somebody says otherwise. */
  public static final Path DEFAULT_SOCKET = Path.of("/run/iscsi-daemon/control.sock");

  /** The file system's permissions have said already who may come. */
  private static final AuthRule BY_PERMISSIONS =
      new AuthRule(AuthRule.Method.NONE, OptionalInt.empty());

  private final Verbs verbs;
  private final ControlUsers users;
  private final Reception network;
  private final Reception local;

  /** By {@link PortalSpec} or {@link Path}; guarded by this. */
  private Map<Object, Listener> listeners = Map.of();

  private volatile ControlSection section;

  private ControlServer(
      ControlSection section, Verbs verbs, ControlUsers users, ControlLimits limits) {
    this.section = section;
    this.verbs = verbs;
    this.users = users;
    network = new Reception(limits);
    local = new Reception(limits);
  }

  /**
   * Begins to listen.
   *
   * @throws IOException when one of the portals or the socket can't be had; nothing listens then
   */
  public static ControlServer start(
      ControlSection section,
      DaemonService service,
      ControlUsers users,
      TraceSwitch traces,
      ControlLimits limits)
      throws IOException {
    ControlServer server = new ControlServer(section, new Verbs(service, traces), users, limits);
    server.change(section);
    return server;
  }

  /**
   * Goes by another section from now on: clients that are there stay, those that come meet its
   * netmasks and its demands.
   *
   * @throws IOException when a portal or the socket can't be had; nothing has changed then
   */
  public synchronized void change(ControlSection next) throws IOException {
    Map<Object, Listener> opened = new LinkedHashMap<>();
    try {
      for (Object place : places(next)) {
        opened.put(place, listeners.containsKey(place) ? listeners.get(place) : open(place));
      }
    } catch (IOException | RuntimeException e) {
      opened.values().stream().filter(each -> !listeners.containsValue(each)).forEach(this::close);
      throw e;
    }
    section = next;
    listeners.values().stream().filter(each -> !opened.containsValue(each)).forEach(this::close);
    listeners = opened;
  }

  private static Set<Object> places(ControlSection section) {
    return Stream.concat(section.portals().stream(), section.socket().stream())
        .collect(Collectors.toSet());
  }

  private Listener open(Object place) throws IOException {
    return place instanceof Path path
        ? Listener.unix(UnixSocket.bind(path)).start(client -> receiveLocal(client, path))
        : Listener.tcp((PortalSpec) place).start(this::receive);
  }

  /** Where it really listens, TCP and Unix-domain, in no particular order. */
  public synchronized List<SocketAddress> addresses() {
    return listeners.values().stream().map(Listener::address).toList();
  }

  // ---- clients

  private void receive(SocketChannel client) {
    try {
      InetSocketAddress remote = (InetSocketAddress) client.getRemoteAddress();
      InetSocketAddress own = (InetSocketAddress) client.getLocalAddress();
      ControlSection rules = section;
      boolean allowed =
          rules.netmasks().isEmpty()
              || rules.netmasks().stream().anyMatch(mask -> mask.contains(remote.getAddress()));
      if (!allowed) {
        log.info("control: {} may not connect", remote);
        client.close();
        return;
      }
      String from = remote.getAddress().getHostAddress();
      String greeting = Banner.greeting(own.getAddress().getHostAddress(), from);
      network.receive(client, conversation(rules.auth(), network, from), greeting);
    } catch (IOException e) {
      log.debug("control: a client is gone already: {}", e.toString());
    }
  }

  private void receiveLocal(SocketChannel client, Path path) {
    try {
      String greeting = Banner.greeting(path.toString(), "local");
      local.receive(client, conversation(BY_PERMISSIONS, local, "local"), greeting);
    } catch (IOException e) {
      log.debug("control: a client is gone already: {}", e.toString());
    }
  }

  private Conversation conversation(AuthRule rule, Reception reception, String client) {
    Authenticator authenticator = new Authenticator(rule, users);
    return new Conversation(verbs, authenticator, reception.limits().failures(), client);
  }

  // ---- the end

  private void close(Listener listener) {
    try {
      listener.close();
    } catch (IOException e) {
      log.warn("control: {}", Objects.requireNonNullElse(e.getMessage(), e.toString()));
    }
  }

  /** Listens no more and leaves every client, within 2 s; commands under way come to their end. */
  @Override
  public synchronized void close() {
    listeners.values().forEach(this::close);
    listeners = Map.of();
    network.close();
    local.close();
  }
}
