package org.iscsi4j.examples.daemon.control;

import java.io.IOException;
import java.util.Optional;
import org.iscsi4j.api.access.Credential;

/** Where the secrets of an AuthGroup are. Any thread. */
@FunctionalInterface
public interface ControlUsers {

  /**
   * Finds the credential of a user: the secret, and who the daemon is to that user in mutual CHAP.
   * What is given is wiped after use.
   *
   * @param group N of AuthGroupN
   * @param user as the client says it; case does not count
   * @return empty when there is no such user or group
   * @throws IOException when the secrets can't be read; the client is told that it is unknown
   */
  Optional<Credential> find(int group, String user) throws IOException;
}
