package org.iscsi4j.target.connection;

import java.io.IOException;

/**
 * A header came damaged: the lengths in it are worth nothing, so framing is lost (RFC 7143 section
 * 7.8).
 */
final class HeaderDigestException extends IOException {
  private static final long serialVersionUID = 1;

  HeaderDigestException() {
    super("header digest error");
  }
}
