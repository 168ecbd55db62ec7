package org.iscsi4j.api;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * TLS on a portal: an extension that no standard of iSCSI knows. What RFC 7143 section 9.3 asks for
 * is IPsec; TLS here is for initiators behind a TLS tunnel, such as stunnel, and for initiators
 * that speak TLS themselves. A connection to such a portal begins with a TLS handshake, and then
 * carries iSCSI as over TCP; a peer that begins with plain iSCSI is cut off.
 *
 * <pre>{@code
 * SSLContext context = SSLContext.getInstance("TLS");
 * context.init(keyManagers, trustManagers, null);
 * TlsSettings tls = TlsSettings.of(context).withClientCertificates(ClientCertificates.REQUIRED);
 * IscsiServer.builder().portal(Portal.of("0.0.0.0", 3261).withGroupTag(2).withTls(tls))...
 * }</pre>
 *
 * <p>The context's key managers hold the server's certificate, its trust managers decide which
 * client certificates are good. They are called on the server's executor and may take their time,
 * within the time that a login may take. TLS proves who the peer is to the transport only: which
 * initiator name it uses is still its own claim, unless CHAP proves that too.
 *
 * <p>Nothing in iSCSI tells an initiator that a portal wants TLS: discovery lists the portal as any
 * other. {@link Portal#advertisedAs} has it list the near end of a tunnel instead. A portal group
 * whose portals are partly plain lets the connections of one session use both kinds; a group tag of
 * its own keeps them apart.
 *
 * <p>Until it has logged in, a connection costs up to 256 KiB more than {@link
 * org.iscsi4j.api.access.Limits.Builder#logins} says of a plain one, and what it says before it is
 * connected is bounded in bytes.
 *
 * <p>A client can't change its mind: renegotiation (TLS 1.2) ends the connection. Keys are changed
 * as TLS 1.3 has it. Immutable; its text tells the protocols, and nothing of the keys.
 *
 * @param context keys, certificates and trust; initialised by the host
 * @param clientCertificates whether clients prove who they are
 * @param protocols names of versions, such as {@code TLSv1.3}; not empty
 * @param cipherSuites names of cipher suites, the preferred first; empty for the context's defaults
 */
public record TlsSettings(
    SSLContext context,
    ClientCertificates clientCertificates,
    List<String> protocols,
    List<String> cipherSuites) {

  /** What a client must show. */
  public enum ClientCertificates {
    /** Clients are not asked for a certificate. */
    NONE,
    /** Clients are asked; one that shows none is let in, one that shows a bad one is not. */
    WANTED,
    /** Nobody is let in without a certificate that the context's trust managers accept. */
    REQUIRED
  }

  /** Older versions are broken (RFC 8996); a host that needs one has to name it. */
  private static final List<String> DEFAULT_PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  /**
   * Checks everything against the context.
   *
   * @throws IllegalArgumentException when the context is not initialised, or does not know a
   *     protocol or a cipher suite, naming it
   */
  public TlsSettings {
    Objects.requireNonNull(context, "context");
    Objects.requireNonNull(clientCertificates, "clientCertificates");
    protocols = List.copyOf(protocols);
    cipherSuites = List.copyOf(cipherSuites);
    if (protocols.isEmpty()) {
      throw new IllegalArgumentException("no TLS protocol is allowed");
    }
    SSLParameters known = supported(context);
    check("TLS protocol", protocols, List.of(known.getProtocols()));
    check("cipher suite", cipherSuites, List.of(known.getCipherSuites()));
  }

  private static SSLParameters supported(SSLContext context) {
    try {
      context.createSSLEngine(); // what the parameters do not need, and a handshake does
      return context.getSupportedSSLParameters();
    } catch (IllegalStateException e) {
      throw new IllegalArgumentException("the SSLContext is not initialised", e);
    }
  }

  private static void check(String what, List<String> wanted, List<String> known) {
    for (String name : wanted) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            what + " '" + name + "' is none of " + String.join(", ", known));
      }
    }
  }

  /**
   * TLS 1.2 and later, as far as the context has them, with the context's cipher suites, without
   * client certificates.
   *
   * @throws IllegalArgumentException when the context is not initialised, or has neither version
   */
  public static TlsSettings of(SSLContext context) {
    List<String> known = List.of(supported(context).getProtocols());
    return new TlsSettings(
        context,
        ClientCertificates.NONE,
        DEFAULT_PROTOCOLS.stream().filter(known::contains).toList(),
        List.of());
  }

  /** The same with another demand on clients. */
  public TlsSettings withClientCertificates(ClientCertificates value) {
    return new TlsSettings(context, value, protocols, cipherSuites);
  }

  /**
   * The same with these versions and no others.
   *
   * @throws IllegalArgumentException for none, and for one that the context does not know
   */
  public TlsSettings withProtocols(String... names) {
    return new TlsSettings(context, clientCertificates, List.of(names), cipherSuites);
  }

  /**
   * The same with these cipher suites and no others, the preferred first.
   *
   * @throws IllegalArgumentException for one that the context does not know
   */
  public TlsSettings withCipherSuites(String... names) {
    return new TlsSettings(context, clientCertificates, protocols, List.of(names));
  }

  /** An engine for the server's side of one connection, whose handshake has not begun. */
  public SSLEngine newEngine() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(protocols.toArray(String[]::new));
    if (!cipherSuites.isEmpty()) {
      parameters.setCipherSuites(cipherSuites.toArray(String[]::new));
    }
    parameters.setUseCipherSuitesOrder(true);
    switch (clientCertificates) {
      case NONE -> parameters.setNeedClientAuth(false);
      case WANTED -> parameters.setWantClientAuth(true);
      case REQUIRED -> parameters.setNeedClientAuth(true);
    }
    engine.setSSLParameters(parameters);
    return engine;
  }

  /** The versions and the demand on clients, such as {@code TLSv1.3, client certificates NONE}. */
  @Override
  public String toString() {
    return Stream.concat(protocols.stream(), Stream.of("client certificates " + clientCertificates))
        .reduce((a, b) -> a + ", " + b)
        .orElseThrow();
  }
}
