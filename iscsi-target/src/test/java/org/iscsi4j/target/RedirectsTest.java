package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Redirect;
import org.iscsi4j.api.access.Initiator;
import org.junit.jupiter.api.Test;

class RedirectsTest {

  private static final InetSocketAddress NOWHERE = InetSocketAddress.createUnresolved("x", 1);
  private static final IscsiName NAME = IscsiName.of("iqn.2026-01.org.iscsi4j.test:any");

  private static LoginRedirect to(String address) {
    return (initiator, target) -> Optional.of(Redirect.temporarilyTo(address));
  }

  private static Optional<String> ask(LoginRedirect rule) {
    Initiator who = new Initiator(NAME, Optional.empty(), NOWHERE, NOWHERE, 1);
    return rule.redirect(who, NAME).map(Redirect::host);
  }

  @Test
  void moveGoesBeforeTheRule() {
    Redirects redirects = new Redirects(to("rule"));
    LoginRedirect move = to("move");
    assertThat(ask(redirects)).contains("rule");

    redirects.add(move);
    assertThat(ask(redirects)).contains("move");

    redirects.remove(move);
    assertThat(ask(redirects)).contains("rule");
  }

  @Test
  void ruleMayBeAnother() {
    Redirects redirects = new Redirects(to("rule"));

    redirects.rule(to("another"));

    assertThat(ask(redirects)).contains("another");
  }

  @Test
  void whoAMoveDoesNotConcernIsLeftToTheRule() {
    Redirects redirects = new Redirects(to("rule"));
    redirects.add((initiator, target) -> Optional.empty());

    assertThat(ask(redirects)).contains("rule");
  }

  /** Else one that minds would tell anybody where its target is. */
  @Test
  void nobodyIsAskedBeforeAuthenticationUnlessNobodyMinds() {
    Redirects redirects = new Redirects(LoginRedirect.beforeAuthentication(to("rule")));
    assertThat(redirects.beforeAuthentication()).isTrue();

    redirects.add(LoginRedirect.beforeAuthentication(to("open")));
    assertThat(redirects.beforeAuthentication()).isTrue();

    redirects.add(to("shy"));
    assertThat(redirects.beforeAuthentication()).isFalse();
    assertThat(new Redirects(to("rule")).beforeAuthentication()).isFalse();
  }
}
