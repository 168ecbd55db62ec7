package org.iscsi4j.target.login;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.ResolutionException;
import org.iscsi4j.protocol.OperationalParameters;

/** What the server knows and wants when an initiator logs in. Safe from any thread. */
public interface LoginPolicy {

  /** Whether logins are taken; not any more while the server closes. */
  boolean serving();

  /**
   * Finds a target that may be logged in to. Complete already where nobody has to be asked.
   *
   * @param initiator who asks; it has not proved yet who it is
   * @return fails with a {@link ResolutionException} when there is no such target, or not now, or
   *     not for this initiator
   */
  CompletionStage<Admission> target(IscsiName name, Initiator initiator);

  /** What discovery asks for; empty for nothing. */
  Optional<Chap> discoveryChap();

  /** Who may discover targets. */
  AccessPolicy discoveryAccess();

  /**
   * Whether proofs are taken from an address, or it has given too many wrong ones: asked before it
   * gets a challenge, and again before its answer is looked at. Where not, the login ends with
   * status 0301h (service unavailable), which tells an initiator to try again later and not that
   * its secret is wrong.
   */
  default boolean mayTry(InetAddress address) {
    return true;
  }

  /** An address has given a wrong proof. */
  default void failed(InetAddress address) {}

  /** Where initiators are sent. */
  LoginRedirect redirect();

  /** What a discovery session is offered and held to. */
  SessionTerms discoveryTerms();

  /** The session of a handle, which another connection may join. */
  Optional<OpenSession> session(int tsih);

  /**
   * A session that is there already.
   *
   * @param initiator of its leading login, with the user that it proved to be
   * @param target empty for discovery
   * @param parameters what its leading login agreed on
   */
  record OpenSession(
      Initiator initiator,
      long isid,
      Optional<IscsiName> target,
      OperationalParameters parameters) {}

  /**
   * A target that may be logged in to by those whom its {@linkplain Target#access access policy}
   * lets in.
   *
   * @param chap how initiators prove who they are: the target's own, else the server's; empty when
   *     they need not
   * @param terms what a session is offered and held to: the target's own, else the server's
   */
  record Admission(Target target, Optional<Chap> chap, SessionTerms terms) {}
}
