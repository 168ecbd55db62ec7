package org.iscsi4j.target.session;

import java.util.List;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.target.connection.Connection;

/** Answers SendTargets (RFC 7143 appendix C). */
@FunctionalInterface
public interface SendTargets {

  /**
   * The answer to one SendTargets key: TargetName and TargetAddress pairs, or one pair that rejects
   * it.
   *
   * @param value {@code All}, a target name, or nothing for the session's own target
   */
  List<KeyValue> answer(String value, SessionInfo session, Connection connection);
}
