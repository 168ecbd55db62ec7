package org.iscsi4j.target.login;

import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.protocol.Isid;
import org.iscsi4j.protocol.OperationalParameters;

/**
 * A login that is about to end well.
 *
 * @param target empty for discovery
 * @param cmdSn CmdSN of the login, where the session's commands begin
 */
public record LoginResult(
    IscsiName initiator,
    Optional<IscsiName> target,
    Isid isid,
    int cid,
    int cmdSn,
    OperationalParameters parameters) {}
