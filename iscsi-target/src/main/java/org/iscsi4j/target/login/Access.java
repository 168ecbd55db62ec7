package org.iscsi4j.target.login;

import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.target.limit.HostFailures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the host's access policies: one that fails keeps everybody out. */
public final class Access {

  private static final Logger log = LoggerFactory.getLogger(Access.class);

  private Access() {}

  /**
   * Whether a policy lets an initiator in.
   *
   * @param what it is the policy of, for the log
   */
  public static boolean allows(Object what, AccessPolicy policy, Initiator initiator) {
    try {
      boolean allowed = policy.allows(initiator);
      if (!allowed && log.isDebugEnabled()) {
        log.debug("{} may not use {}: {}", initiator, what, policy.explain(initiator));
      }
      return allowed;
    } catch (RuntimeException e) {
      HostFailures.warn(log, "the access policy of {} failed, {} is kept out", what, initiator, e);
      return false;
    }
  }
}
