package org.iscsi4j.api.access;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.iscsi4j.api.IscsiName;

/**
 * Where secrets are kept: a table in the program, or a store elsewhere. May be called from any
 * thread, by several at once, and must not block: what takes time is done elsewhere, and completes
 * the stage. A login waits no longer than its time limit.
 */
@FunctionalInterface
public interface Credentials {

  /**
   * Finds the credential of a user. What is given belongs to the server, which wipes its secrets
   * after use: give copies.
   *
   * @param user CHAP_N as the initiator sent it, up to 255 bytes in UTF-8, of any characters
   * @param initiator who logs in; it has not proved yet who it is
   * @param target where to; empty for discovery
   * @return empty for an unknown user, which looks the same to the initiator as a wrong secret; a
   *     stage that fails refuses the login with status 0301h (service unavailable), and is logged
   */
  CompletionStage<Optional<Credential>> find(
      String user, Initiator initiator, Optional<IscsiName> target);
}
