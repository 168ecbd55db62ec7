package org.iscsi4j.examples.daemon.config;

import org.iscsi4j.api.access.Credential;

/**
 * An Auth line: a user, his secret, and who the other side is to him in mutual CHAP.
 *
 * @param user CHAP_N
 */
public record Account(String user, Credential credential) {

  /** Names stay out of logs as secrets do. */
  @Override
  public String toString() {
    return "Account";
  }
}
