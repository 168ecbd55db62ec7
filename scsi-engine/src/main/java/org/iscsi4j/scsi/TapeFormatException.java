package org.iscsi4j.scsi;

import java.io.IOException;

/** What is on a device is no tape that can be read here; the message says what it is instead. */
final class TapeFormatException extends IOException {

  private static final long serialVersionUID = 1L;

  TapeFormatException(String message) {
    super(message);
  }
}
