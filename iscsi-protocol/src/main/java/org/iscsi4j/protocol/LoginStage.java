package org.iscsi4j.protocol;

/** Stages of a connection, as in CSG and NSG of the login PDUs (RFC 7143 section 11.12.3). */
public final class LoginStage {
  public static final int SECURITY = 0;
  public static final int OPERATIONAL = 1;
  public static final int FULL_FEATURE = 3;

  private LoginStage() {}

  /** Whether {@code stage} is one of the three; 2 is reserved. */
  public static boolean isDefined(int stage) {
    return stage == SECURITY || stage == OPERATIONAL || stage == FULL_FEATURE;
  }
}
