package org.iscsi4j.api;

import java.util.Objects;
import java.util.Optional;
import org.iscsi4j.api.access.Initiator;

/**
 * Sends initiators that log in to a target elsewhere (RFC 7143 sections 11.13.5 and 13.8), to
 * spread load or because the target has moved. They log in to the same name at the address they are
 * told. Discovery, and a connection that joins a session, are not redirected.
 *
 * <p>Called on the threads of the server, which it must not block, by several at once. A login
 * where it throws is refused.
 *
 * <pre>{@code
 * builder.redirect((initiator, target) -> away.contains(target)
 *     ? Optional.of(Redirect.temporarilyTo("10.0.0.2:3260"))
 *     : Optional.empty());
 * }</pre>
 */
@FunctionalInterface
public interface LoginRedirect {

  /**
   * Where an initiator shall go; empty when it shall stay. Asked once a login, as a rule.
   *
   * @param initiator who logs in
   * @param target a target of the server
   */
  Optional<Redirect> redirect(Initiator initiator, IscsiName target);

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
      public Optional<Redirect> redirect(Initiator initiator, IscsiName target) {
        return rule.redirect(initiator, target);
      }

      @Override
      public boolean beforeAuthentication() {
        return true;
      }
    };
  }
}
