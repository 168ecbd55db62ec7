package org.iscsi4j.examples.daemon.control;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Network;
import org.iscsi4j.api.access.Secret;
import org.iscsi4j.examples.daemon.config.AuthRule;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.iscsi4j.examples.daemon.config.ControlSection;
import org.iscsi4j.examples.daemon.config.PortalSpec;

/** A control channel in this process, with a user of each kind in AuthGroup 1. */
public final class TestControl implements AutoCloseable {

  static final PortalSpec LOOPBACK = new PortalSpec("UC1", "127.0.0.1", 0);

  static final ControlUsers USERS =
      (group, user) ->
          group != 1
              ? Optional.empty()
              : switch (user) {
                case "ctluser" -> Optional.of(mutual("test", "mutualuser", "mutualsecret"));
                case "one-way" -> Optional.of(Credential.of(Secret.of("one-way secret")));
                default -> Optional.empty();
              };

  static final ControlLimits LIMITS =
      new ControlLimits(8, Duration.ofSeconds(60), 3, Duration.ZERO);

  public final FakeDaemon daemon;
  public final ControlServer server;

  public TestControl(Method method) throws IOException {
    this(section(method, List.of(), Optional.empty()), LIMITS);
  }

  public TestControl(Path socket) throws IOException {
    this(section(Method.CHAP_MUTUAL, List.of(), Optional.of(socket)), LIMITS);
  }

  TestControl(ControlSection section, ControlLimits limits) throws IOException {
    daemon = new FakeDaemon();
    try {
      server = ControlServer.start(section, daemon, USERS, new FakeTraceSwitch(), limits);
    } catch (IOException | RuntimeException e) {
      daemon.close();
      throw e;
    }
  }

  static ControlSection section(Method method, List<Network> masks, Optional<Path> socket) {
    return new ControlSection(rule(method), List.of(LOOPBACK), masks, socket);
  }

  static AuthRule rule(Method method) {
    return new AuthRule(method, OptionalInt.of(1));
  }

  private static Credential mutual(String secret, String own, String ownSecret) {
    return new Credential(
        Secret.of(secret), Optional.of(new Credential.Own(own, Secret.of(ownSecret))));
  }

  public int port() {
    return server.addresses().stream()
        .filter(InetSocketAddress.class::isInstance)
        .map(InetSocketAddress.class::cast)
        .findFirst()
        .orElseThrow()
        .getPort();
  }

  @Override
  public void close() {
    server.close();
    daemon.close();
  }
}
