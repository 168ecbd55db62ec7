package org.iscsi4j.examples.daemon.config;

import java.util.OptionalInt;

/**
 * AuthMethod and AuthGroup of a section.
 *
 * @param group the AuthGroup whose users may come; empty for None
 */
public record AuthRule(Method method, OptionalInt group) {

  /** AuthMethod. */
  public enum Method {
    /** Whatever the other side offers. */
    AUTO,
    NONE,
    CHAP,
    /** Both sides prove themselves. */
    CHAP_MUTUAL
  }
}
