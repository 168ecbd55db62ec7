package org.iscsi4j.target.session;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.protocol.KeyValue;

/** Answers SendTargets (RFC 7143 appendix C). */
@FunctionalInterface
public interface SendTargets {

  /**
   * The answer to one SendTargets key. Called on the connection's loop.
   *
   * @param value {@code All}, a target name, or nothing for the session's own target
   * @param reached the address under which the initiator reached the server
   */
  Answer answer(String value, SessionInfo session, InetAddress reached);

  /**
   * TargetName and TargetAddress pairs, or one pair that rejects the key.
   *
   * @param known what is to be said when the rest takes too long
   * @param whole completed on any thread, and never exceptionally
   */
  record Answer(List<KeyValue> known, CompletableFuture<List<KeyValue>> whole) {

    /** An answer that need not be looked for. */
    public static Answer of(List<KeyValue> known) {
      return new Answer(known, CompletableFuture.completedFuture(known));
    }
  }
}
