package org.iscsi4j.api;

import java.net.SocketAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * Sends initiators that log in to a target elsewhere (RFC 7143 sections 11.13.5 and 13.8), to
 * spread load or because the target has moved. They log in to the same name at the address they are
 * told. Discovery, and a connection that joins a session, are not redirected.
 *
 * <p>Called on the threads of the server, which it must not block, by several at once. A login
 * where it throws is refused.
 *
 * <pre>{@code
 * builder.redirect(login -> away.contains(login.target())
 *     ? Optional.of(Redirect.temporarilyTo("10.0.0.2:3260"))
 *     : Optional.empty());
 * }</pre>
 */
@FunctionalInterface
public interface LoginRedirect {

  /** Where the initiator shall go; empty when it shall stay. Asked once a login, as a rule. */
  Optional<Redirect> redirect(Login login);

  /**
   * Whether the rule is asked as well before an initiator has proved who it is, of whom the target
   * demands that; then anybody who knows the name of a target can learn where it is. Not unless
   * overridden, or made with {@link #beforeAuthentication(LoginRedirect)}.
   */
  default boolean beforeAuthentication() {
    return false;
  }

  /** The same rule, asked before authentication too. */
  static LoginRedirect beforeAuthentication(LoginRedirect rule) {
    Objects.requireNonNull(rule, "rule");
    return new LoginRedirect() {
      @Override
      public Optional<Redirect> redirect(Login login) {
        return rule.redirect(login);
      }

      @Override
      public boolean beforeAuthentication() {
        return true;
      }
    };
  }

  /**
   * A login that is under way.
   *
   * @param initiator the name that the initiator gives itself
   * @param target a target of the server
   * @param remote the initiator's address
   * @param local the portal's address
   * @param portalGroup the portal's group tag
   * @param authenticated whether the initiator has proved its right to log in; false also where
   *     nobody needs to
   */
  record Login(
      IscsiName initiator,
      IscsiName target,
      SocketAddress remote,
      SocketAddress local,
      int portalGroup,
      boolean authenticated) {}
}
