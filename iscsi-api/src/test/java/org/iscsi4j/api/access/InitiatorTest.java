package org.iscsi4j.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class InitiatorTest {

  private final Initiator initiator = Initiators.named("host");

  @Test
  void isNobodyUntilItHasProvedWhoItIs() {
    assertThat(initiator.proved()).isFalse();
    assertThat(initiator.provedAs("alice").proved()).isTrue();
    assertThat(initiator.provedAs("alice").user()).contains("alice");
    assertThat(initiator.provedAs("alice").name()).isEqualTo(initiator.name());
  }

  @Test
  void staysItselfAtAnotherPortal() {
    InetSocketAddress portal = new InetSocketAddress("192.0.2.7", 3261);
    Initiator there = initiator.provedAs("alice").at(portal, 7);

    assertThat(there)
        .isEqualTo(new Initiator(initiator.name(), there.user(), initiator.remote(), portal, 7));
    assertThat(there.user()).contains("alice");
  }

  @Test
  void standsAtAPortalGroupFrom1To65535() {
    assertThat(initiator.at(initiator.local(), 65_535).portalGroup()).isEqualTo(65_535);
    for (int tag : new int[] {-1, 0, 65_536}) {
      assertThatThrownBy(() -> initiator.at(initiator.local(), tag))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("portal group tag " + tag + " is not within 1..65535");
    }
  }
}
