package org.iscsi4j.target;

import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Initiator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the host's access policies: one that fails keeps everybody out. */
final class Access {

  private static final Logger log = LoggerFactory.getLogger(Access.class);

  private Access() {}

  /** Whether the policy of a target lets an initiator in. */
  static boolean allows(IscsiName target, AccessPolicy policy, Initiator initiator) {
    try {
      boolean allowed = policy.allows(initiator);
      if (!allowed && log.isDebugEnabled()) {
        log.debug("{} may not use {}: {}", initiator, target, policy.explain(initiator));
      }
      return allowed;
    } catch (RuntimeException e) {
      log.warn("the access policy of {} failed, {} is kept out", target, initiator, e);
      return false;
    }
  }
}
