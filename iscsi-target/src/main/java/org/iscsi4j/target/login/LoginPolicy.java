package org.iscsi4j.target.login;

import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.Target;
import org.iscsi4j.protocol.OperationalOffer;
import org.iscsi4j.protocol.OperationalParameters;

/** What the server knows and wants when an initiator logs in. */
public interface LoginPolicy {

  /** Whether logins are taken; not any more while the server closes. */
  boolean serving();

  /** A target that may be logged in to; empty when the name is not known. */
  Optional<Admission> target(IscsiName name);

  /** What discovery asks for. */
  Optional<ChapPolicy> discoveryChap();

  /** Where initiators are sent. */
  LoginRedirect redirect();

  /** What the server offers in the operational stage. */
  OperationalOffer offer();

  /** The session of a handle, which another connection may join. */
  Optional<OpenSession> session(int tsih);

  /**
   * A session that is there already.
   *
   * @param target empty for discovery
   * @param groupTag of the portal group that it goes through
   * @param parameters what its leading login agreed on
   */
  record OpenSession(
      IscsiName initiator,
      long isid,
      Optional<IscsiName> target,
      int groupTag,
      OperationalParameters parameters) {}

  /**
   * What a target asks for.
   *
   * @param chap how initiators prove who they are; empty when they need not
   */
  record Admission(Target target, Optional<ChapPolicy> chap) {}
}
