package org.iscsi4j.target.login;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.target.connection.Connection;

/** What the logins of one server have in common. Safe from any thread. */
public final class Logins {

  private final LoginPolicy policy;
  private final Supplier<Duration> limit;
  private final Consumer<LoginOutcome> decided;
  private final ChapServer chap = new ChapServer();
  private final RefusalLog refusals = new RefusalLog(System::nanoTime);

  /**
   * Logins that follow a policy.
   *
   * @param limit how long one that begins now may take
   * @param decided told how each login was decided, on the connection's loop
   */
  public Logins(LoginPolicy policy, Supplier<Duration> limit, Consumer<LoginOutcome> decided) {
    this.policy = policy;
    this.limit = limit;
    this.decided = decided;
  }

  /** The phase in which a connection waits for its first login request. Called on its loop. */
  public LoginPhase phase(Connection connection, int portalGroupTag, SessionOpener opener) {
    return new LoginPhase(this, connection, portalGroupTag, opener);
  }

  /**
   * Warns, in the log, of secrets that are known to be short. Called for what a server has when it
   * starts, and for each target that it gets.
   *
   * @param whose for people
   */
  public void warnOfShortSecrets(String whose, Chap value) {
    if (value.hasShortSecrets()) {
      chap.hasShortSecrets(whose);
    }
  }

  LoginPolicy policy() {
    return policy;
  }

  ChapServer chap() {
    return chap;
  }

  Duration limit() {
    return limit.get();
  }

  RefusalLog refusals() {
    return refusals;
  }

  void decided(LoginOutcome outcome) {
    decided.accept(outcome);
  }
}
