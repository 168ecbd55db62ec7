package org.iscsi4j.protocol;

/**
 * One key=value pair of a login or text PDU (RFC 7143 section 6.1).
 *
 * @param key without {@code =} and NUL, not empty
 * @param value without NUL, may be empty
 */
public record KeyValue(String key, String value) {
  /** The answer to a key that isn't known. */
  public static final String NOT_UNDERSTOOD = "NotUnderstood";

  /** The answer to a key that means nothing beside other keys' values. */
  public static final String IRRELEVANT = "Irrelevant";

  /** The answer to a value that can't be agreed to. */
  public static final String REJECT = "Reject";

  public KeyValue {
    if (key.isEmpty() || key.indexOf('=') >= 0 || key.indexOf(0) >= 0) {
      throw new IllegalArgumentException("illegal key '" + key + "'");
    }
    if (value.indexOf(0) >= 0) {
      throw new IllegalArgumentException("NUL in the value of " + key);
    }
  }

  /** Whether the value is one of the three words that answer a key without agreeing to a value. */
  boolean isRefusal() {
    return value.equals(NOT_UNDERSTOOD) || value.equals(IRRELEVANT) || value.equals(REJECT);
  }

  /** {@code key=value}, but for CHAP_R, with which a secret could be guessed at leisure. */
  @Override
  public String toString() {
    return key + "=" + (key.equals(Key.CHAP_R.name()) ? "(hidden)" : value);
  }
}
