package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.iscsi4j.api.TlsSettings.ClientCertificates;
import org.junit.jupiter.api.Test;

class TlsSettingsTest {

  private static final String SUITE = "TLS_AES_128_GCM_SHA256";

  private final SSLContext context = initialised();
  private final TlsSettings tls = TlsSettings.of(context);

  private static SSLContext initialised() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void startsWithTls12AndLaterAndNoClientCertificates() {
    SSLEngine engine = tls.newEngine();

    assertThat(engine.getUseClientMode()).isFalse();
    assertThat(engine.getEnabledProtocols()).containsExactlyInAnyOrder("TLSv1.3", "TLSv1.2");
    assertThat(engine.getNeedClientAuth()).isFalse();
    assertThat(engine.getWantClientAuth()).isFalse();
    assertThat(engine.getEnabledCipherSuites())
        .containsExactly(context.createSSLEngine().getEnabledCipherSuites());
  }

  @Test
  void demandsOnClientsReachTheEngine() {
    SSLEngine wanted = tls.withClientCertificates(ClientCertificates.WANTED).newEngine();
    SSLEngine required = tls.withClientCertificates(ClientCertificates.REQUIRED).newEngine();

    assertThat(wanted.getWantClientAuth()).isTrue();
    assertThat(wanted.getNeedClientAuth()).isFalse();
    assertThat(required.getNeedClientAuth()).isTrue();
  }

  @Test
  void versionsAndCipherSuitesReachTheEngine() {
    SSLEngine engine = tls.withProtocols("TLSv1.3").withCipherSuites(SUITE).newEngine();

    assertThat(engine.getEnabledProtocols()).containsExactly("TLSv1.3");
    assertThat(engine.getEnabledCipherSuites()).containsExactly(SUITE);
  }

  @Test
  void refusesWhatTheContextDoesNotKnow() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tls.withProtocols("TLSv9"))
        .withMessageStartingWith("TLS protocol 'TLSv9' is none of TLSv1.3, ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tls.withCipherSuites("ROT13"))
        .withMessageStartingWith("cipher suite 'ROT13' is none of ");
    assertThatIllegalArgumentException()
        .isThrownBy(tls::withProtocols)
        .withMessage("no TLS protocol is allowed");
  }

  @Test
  void refusesAContextThatIsNotInitialised() throws Exception {
    SSLContext blank = SSLContext.getInstance("TLS");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TlsSettings.of(blank))
        .withMessage("the SSLContext is not initialised");
  }

  @Test
  void equalSettingsAreEqual() {
    assertThat(tls.withProtocols("TLSv1.3"))
        .isEqualTo(TlsSettings.of(context).withProtocols("TLSv1.3"))
        .hasSameHashCodeAs(TlsSettings.of(context).withProtocols("TLSv1.3"))
        .isNotEqualTo(tls)
        .isNotEqualTo(TlsSettings.of(initialised()).withProtocols("TLSv1.3"))
        .hasToString("TLSv1.3, client certificates NONE");
  }

  @Test
  void portalCarriesThemWhateverElseChanges() {
    Portal plain = Portal.of("127.0.0.1", 3260);
    Portal portal =
        plain.withTls(tls).withPort(3261).withGroupTag(2).advertisedAs("192.0.2.1", 3262);

    assertThat(plain.tls()).isEmpty();
    assertThat(portal.tls()).contains(tls);
    assertThat(portal).hasToString("127.0.0.1:3261");
    assertThat(portal).isNotEqualTo(plain.withPort(3261).withGroupTag(2));
  }
}
