package org.iscsi4j.examples.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.iscsi4j.api.access.Network;
import org.iscsi4j.examples.daemon.config.AuthRule;
import org.iscsi4j.examples.daemon.config.AuthRule.Method;
import org.iscsi4j.examples.daemon.config.ControlSection;
import org.iscsi4j.examples.daemon.config.PortalSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections: who gets one, and how long it lives. */
class ControlServerTest {

  @Test
  void greetsAsIstgtDoes() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO);
        Wire client = new Wire(control.port())) {
      assertThat(client.read())
          .matches(
              "iSCSI Target Controller version \\S+ \\(iscsi4j\\) on 127\\.0\\.0\\.1 from 127\\.0\\.0\\.1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r", "\r\n"})
  void takesEachEndOfALine(String end) throws IOException {
    try (TestControl control = new TestControl(Method.AUTO);
        Wire client = greeted(control)) {
      client.send("noop" + end + "Noop" + end);

      assertThat(client.read()).isEqualTo("OK NOOP");
      assertThat(client.read()).isEqualTo("OK NOOP");
      assertThat(client.ask("QUIT")).containsExactly("OK QUIT"); // no line of its own came between
    }
  }

  @Test
  void quitEndsTheConnection() throws IOException {
    try (TestControl control = new TestControl(Method.CHAP);
        Wire client = greeted(control)) {
      assertThat(client.ask("quit")).containsExactly("OK QUIT");
      assertThat(client.read()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"VERSION", "NOOP", "LIST", "BOGUS", "JSON LIST"})
  void strangersAreToldToAuthenticate(String command) throws IOException {
    try (TestControl control = new TestControl(Method.CHAP);
        Wire client = greeted(control)) {
      assertThat(client.ask(command)).singleElement().asString().contains("auth required");
    }
  }

  @Test
  void whoAnswersWrongTooOftenIsLeft() throws IOException {
    try (TestControl control = new TestControl(Method.CHAP);
        Wire client = greeted(control)) {
      String wrong = "AUTH CHAP_NR ctluser 0x" + "00".repeat(16);
      for (int i = 0; i < TestControl.LIMITS.failures(); i++) {
        client.send("AUTH CHAP_A 5\r\n");
        client.read();
        assertThat(client.ask(wrong)).containsExactly("ERR auth user or secret is missing");
      }
      assertThat(client.read()).isNull();
    }
  }

  @Test
  void aStrangerHasNoManyLines() throws IOException {
    try (TestControl control = new TestControl(Method.CHAP);
        Wire client = greeted(control)) {
      for (int i = 0; i < ControlLimits.STRANGER_LINES; i++) {
        client.ask("NOOP");
      }
      assertThat(client.read()).isNull();
    }
  }

  @Test
  void aLineHasALimit() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO);
        Wire client = greeted(control)) {
      String longest = "NOOP" + " ".repeat(ControlLimits.LINE_BYTES - 4);
      assertThat(client.ask(longest)).containsExactly("OK NOOP");

      assertThat(client.ask(longest + " "))
          .containsExactly("ERR line too long: 4096 bytes are allowed");
      assertThat(client.read()).isNull();
    }
  }

  @Test
  void silenceEndsTheConnection() throws IOException {
    ControlLimits limits = new ControlLimits(8, Duration.ofMillis(50), 3, Duration.ZERO);
    try (TestControl control =
            new TestControl(TestControl.section(Method.AUTO, List.of(), Optional.empty()), limits);
        Wire client = greeted(control)) {
      client.send("NO");

      assertThat(client.read()).isNull();
    }
  }

  @Test
  void whoIsOutsideTheNetmasksIsLeftWithoutAWord() throws IOException {
    List<Network> masks = List.of(Network.parse("10.0.0.0/8"), Network.parse("::1"));
    try (TestControl control =
            new TestControl(
                TestControl.section(Method.AUTO, masks, Optional.empty()), TestControl.LIMITS);
        Wire client = new Wire(control.port())) {
      assertThat(client.read()).isNull();
    }
  }

  @Test
  void thereAreNoMoreClientsThanThereMayBe() throws IOException {
    ControlLimits one = new ControlLimits(1, Duration.ofSeconds(60), 3, Duration.ZERO);
    try (TestControl control =
            new TestControl(TestControl.section(Method.AUTO, List.of(), Optional.empty()), one);
        Wire first = greeted(control)) {
      try (Wire second = new Wire(control.port())) {
        assertThat(second.read()).isEqualTo("ERR too many clients");
        assertThat(second.read()).isNull();
      }
      assertThat(first.ask("NOOP")).containsExactly("OK NOOP");
    }
  }

  @Test
  void listensOnSeveralPortals() throws IOException {
    PortalSpec v6 = new PortalSpec("UC2", "::1", 0);
    ControlSection both =
        new ControlSection(
            TestControl.rule(Method.AUTO),
            List.of(TestControl.LOOPBACK, v6),
            List.of(),
            Optional.empty());
    try (TestControl control = new TestControl(both, TestControl.LIMITS)) {
      assertThat(control.server.addresses())
          .extracting(address -> ((InetSocketAddress) address).getAddress().getHostAddress())
          .containsExactlyInAnyOrder("127.0.0.1", "0:0:0:0:0:0:0:1");
    }
  }

  @Test
  void aPortInUseIsNamed() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO)) {
      ControlSection taken =
          new ControlSection(
              TestControl.rule(Method.AUTO),
              List.of(new PortalSpec("UC1", "127.0.0.1", control.port())),
              List.of(),
              Optional.empty());

      assertThatThrownBy(() -> new TestControl(taken, TestControl.LIMITS).close())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("control portal 127.0.0.1:" + control.port());
    }
  }

  @Test
  void anotherSectionHoldsForThoseWhoComeLater() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO);
        Wire there = greeted(control)) {
      control.server.change(TestControl.section(Method.CHAP, List.of(), Optional.empty()));

      assertThat(there.ask("NOOP")).containsExactly("OK NOOP");
      try (Wire later = greeted(control)) {
        assertThat(later.ask("NOOP")).containsExactly("ERR auth required");
      }
    }
  }

  @Test
  void aPortalThatIsTakenChangesNothing() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO);
        TestControl other = new TestControl(Method.AUTO)) {
      PortalSpec taken = new PortalSpec("UC2", "127.0.0.1", other.port());
      ControlSection bad =
          new ControlSection(
              new AuthRule(Method.CHAP, OptionalInt.of(1)),
              List.of(TestControl.LOOPBACK, taken),
              List.of(),
              Optional.empty());

      assertThatThrownBy(() -> control.server.change(bad)).isInstanceOf(IOException.class);

      try (Wire client = greeted(control)) {
        assertThat(client.ask("NOOP")).containsExactly("OK NOOP");
      }
    }
  }

  @Test
  void closesItsClients() throws IOException {
    try (TestControl control = new TestControl(Method.AUTO);
        Wire client = greeted(control)) {
      control.server.close();

      assertThat(client.read()).isNull();
    }
  }

  private static Wire greeted(TestControl control) throws IOException {
    Wire client = new Wire(control.port());
    client.read();
    return client;
  }
}
