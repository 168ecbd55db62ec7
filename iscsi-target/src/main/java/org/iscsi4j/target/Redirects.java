package org.iscsi4j.target;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Redirect;
import org.iscsi4j.api.access.Initiator;

/** Where logins are sent: by the moves that are under way, else by the host's rule. */
final class Redirects implements LoginRedirect {

  private volatile LoginRedirect rule;
  private final List<LoginRedirect> moves = new CopyOnWriteArrayList<>();

  Redirects(LoginRedirect rule) {
    this.rule = rule;
  }

  /** Another rule of the host, from the next login on. */
  void rule(LoginRedirect value) {
    rule = value;
  }

  void add(LoginRedirect move) {
    moves.add(move);
  }

  void remove(LoginRedirect move) {
    moves.remove(move);
  }

  @Override
  public Optional<Redirect> redirect(Initiator initiator, IscsiName target) {
    for (LoginRedirect move : moves) {
      Optional<Redirect> elsewhere = move.redirect(initiator, target);
      if (elsewhere.isPresent()) {
        return elsewhere;
      }
    }
    return rule.redirect(initiator, target);
  }

  /** Only if nobody minds: who is asked early can't tell that from being asked in time. */
  @Override
  public boolean beforeAuthentication() {
    return rule.beforeAuthentication()
        && moves.stream().allMatch(move -> move.beforeAuthentication());
  }
}
