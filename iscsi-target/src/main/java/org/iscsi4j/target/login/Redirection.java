package org.iscsi4j.target.login;

import java.util.Optional;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Redirect;
import org.iscsi4j.protocol.Key;
import org.iscsi4j.protocol.LoginRequestPdu;

/**
 * Decides whether one login ends with an address to go to (RFC 7143 section 11.13.5): asks the
 * host's rule as soon as the initiator may be told.
 */
final class Redirection {

  private final LoginRedirect rule;
  private boolean askedEarly;
  private boolean asked;

  Redirection(LoginRedirect rule) {
    this.rule = rule;
  }

  /** Where the initiator goes instead of being answered; empty when the login goes on. */
  Optional<Redirect> after(
      LoginNegotiation.Step step, LoginNegotiation negotiation, LoginRequestPdu pdu) {
    if (negotiation.target().isEmpty() || pdu.tsih() != 0 || asked || owesProof(step)) {
      return Optional.empty();
    }
    if (negotiation.admitted()) {
      asked = true;
      return ask(negotiation);
    }
    if (rule.beforeAuthentication() && !askedEarly) {
      askedEarly = true;
      return ask(negotiation);
    }
    return Optional.empty();
  }

  /** An initiator that asks the target to prove itself gets the proof first, if it can wait. */
  private static boolean owesProof(LoginNegotiation.Step step) {
    return !step.finished()
        && step.answers().stream().anyMatch(pair -> pair.key().equals(Key.CHAP_R.name()));
  }

  private Optional<Redirect> ask(LoginNegotiation negotiation) {
    return rule.redirect(
        negotiation.initiator().orElseThrow(), negotiation.target().orElseThrow().name());
  }
}
