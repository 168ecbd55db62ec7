package org.iscsi4j.target.session;

import java.util.Optional;
import org.iscsi4j.api.IscsiName;

/**
 * What makes a login reinstate a session instead of opening another one (RFC 7143 section 6.3.5).
 *
 * @param target empty for discovery
 * @param groupTag the portal group tag
 */
public record SessionKey(
    IscsiName initiator, long isid, Optional<IscsiName> target, int groupTag) {}
