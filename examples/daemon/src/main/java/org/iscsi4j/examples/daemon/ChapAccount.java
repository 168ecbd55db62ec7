package org.iscsi4j.examples.daemon;

/** A CHAP name and its secret. */
record ChapAccount(String user, String secret) {

  /**
   * Reads {@code USER:SECRET}; the secret may hold colons.
   *
   * @throws IllegalArgumentException when it is something else; the message tells no secret
   */
  static ChapAccount parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 1 || colon == text.length() - 1) {
      throw new IllegalArgumentException("expected USER:SECRET, neither of them empty");
    }
    return new ChapAccount(text.substring(0, colon), text.substring(colon + 1));
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return user;
  }
}
