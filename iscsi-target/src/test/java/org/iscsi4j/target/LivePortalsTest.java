package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.AccessState;
import org.iscsi4j.api.Portal;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Portals and portal groups that come and go while initiators work. */
class LivePortalsTest {

  private static final String GROUPS_CHANGED = "CHECK CONDITION 6/2a/06";

  private final TestServer test = TestServer.start();
  private final IscsiServer server = test.server();

  @AfterEach
  void stop() {
    test.close();
  }

  private static ScriptedInitiator loginThrough(Portal portal) {
    LoginScript login = ScriptedInitiator.connect(portal.socketAddress()).login();
    return login.isid(portal.groupTag()).perform().clearUnitAttentions(0);
  }

  private static String testUnitReady(ScriptedInitiator initiator) {
    return initiator.command(Cdbs.testUnitReady()).await().outcome();
  }

  @Test
  void addedPortalListensWhenItIsThere() throws IOException {
    try (ScriptedInitiator before = test.login()) {
      Portal added = server.addPortal(Portal.loopback());

      assertThat(added.port()).isPositive();
      assertThat(server.portals()).hasSize(2).contains(added);
      try (ScriptedInitiator through = loginThrough(added)) {
        through.write(0, Patterns.bytes(512, 1));
        assertThat(before.read(0, 1)).isEqualTo(Patterns.bytes(512, 1));
      }
    }
  }

  @Test
  void portalThatCannotBeBoundChangesNothing() {
    Portal taken = server.portals().get(0);

    assertThatThrownBy(() -> server.addPortal(taken.withGroupTag(9)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(taken.toString());

    assertThat(server.portals()).containsExactly(taken);
    assertThatThrownBy(() -> server.accessState(9)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void removedPortalListensNoMoreAndItsConnectionsGoOn() throws Exception {
    Portal added = server.addPortal(Portal.loopback());
    try (ScriptedInitiator through = loginThrough(added)) {
      server.removePortal(added).get(10, TimeUnit.SECONDS);

      assertThatThrownBy(() -> ScriptedInitiator.connect(added.socketAddress()))
          .hasRootCauseInstanceOf(ConnectException.class);
      assertThat(testUnitReady(through)).isEqualTo("GOOD");
      assertThat(server.portals()).doesNotContain(added);
      assertThatThrownBy(() -> server.removePortal(added))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there is no portal " + added);
    }
  }

  @Test
  void newGroupIsAnotherPortThatInitiatorsLearnOf() throws IOException {
    try (ScriptedInitiator before = test.login()) {
      Portal added = server.addPortal(Portal.loopback().withGroupTag(2));

      assertThat(testUnitReady(before)).isEqualTo(GROUPS_CHANGED);
      assertThat(server.accessState(2)).isEqualTo(AccessState.ACTIVE_OPTIMIZED);
      try (ScriptedInitiator through = loginThrough(added)) {
        server.changeAccessState(2, AccessState.STANDBY);
        assertThat(testUnitReady(through)).isEqualTo(GROUPS_CHANGED);
      }
    }
  }

  @Test
  void removedGroupTakesItsSessionsAndPortalsWithIt() throws Exception {
    Portal one = server.addPortal(Portal.loopback().withGroupTag(2));
    Portal two = server.addPortal(Portal.loopback().withGroupTag(2));
    try (ScriptedInitiator stays = test.login();
        ScriptedInitiator goes = loginThrough(two)) {
      var removed = server.removePortalGroup(2);

      goes.awaitDrop();
      assertThat(removed.get(10, TimeUnit.SECONDS)).isTrue();
      assertThat(server.portals()).hasSize(1).doesNotContain(one, two);
      assertThat(server.sessions()).hasSize(1);
      assertThat(testUnitReady(stays)).isEqualTo(GROUPS_CHANGED);
      assertThat(testUnitReady(stays)).isEqualTo("GOOD");
      assertThatThrownBy(() -> server.accessState(2)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> server.removePortalGroup(2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there is no portal group 2");
    }
  }

  @Test
  void loginThatIsUnderWayFindsItsGroupGone() throws Exception {
    Portal added = server.addPortal(Portal.loopback().withGroupTag(2));
    try (ScriptedInitiator late = ScriptedInitiator.connect(added.socketAddress())) {
      LoginScript login = late.login();
      login.request(0, 1, true, login.names());

      server.removePortalGroup(2).get(10, TimeUnit.SECONDS);

      assertThat(login.request(1, 3, true, List.of()).status())
          .isEqualTo(LoginStatus.SERVICE_UNAVAILABLE);
      assertThat(server.sessions()).isEmpty();
    }
  }

  @Test
  void closedServerListensNowhereAnyMore() throws Exception {
    Portal portal = server.portals().get(0);
    test.close();

    assertThatThrownBy(() -> server.addPortal(Portal.loopback())).isInstanceOf(IOException.class);
    server.removePortal(portal).get(10, TimeUnit.SECONDS);
  }
}
