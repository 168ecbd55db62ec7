package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.SessionInfo;
import org.junit.jupiter.api.Test;

class SessionRegistryTest {

  private static final Optional<String> NOBODY = Optional.empty();

  private final SessionRegistry registry = new SessionRegistry();
  private final Session session = Sessions.withoutConnection();
  private final SessionInfo info = session.info();
  private final SessionKey key = key(info.initiator().name());

  private SessionKey key(IscsiName initiator) {
    return new SessionKey(initiator, info.isid(), info.target(), 1);
  }

  @Test
  void connectionJoinsTheSessionThatItWasAdmittedTo() {
    registry.add(new SessionRegistry.Registration(key, session, new CompletableFuture<>()));

    assertThat(registry.joined(info.tsih(), key, NOBODY)).containsSame(session);
    assertThat(registry.joined(info.tsih() + 1, key, NOBODY)).isEmpty();
  }

  @Test
  void connectionDoesNotJoinAnotherSessionThatHasTheHandleNow() {
    registry.add(new SessionRegistry.Registration(key, session, new CompletableFuture<>()));
    SessionKey others = key(IscsiName.of("iqn.2026-01.org.iscsi4j.test:other"));

    assertThat(registry.joined(info.tsih(), others, NOBODY)).isEmpty();
    assertThat(registry.joined(info.tsih(), key, Optional.of("user"))).isEmpty();
  }
}
