package org.iscsi4j.scsi;

import java.util.Optional;

/** Task attributes (SAM-5 clause 8.6), with the codes that RFC 7143 section 11.3.1 gives them. */
public enum TaskAttribute {
  UNTAGGED,
  SIMPLE,
  ORDERED,
  HEAD_OF_QUEUE,
  ACA;

  private static final TaskAttribute[] BY_CODE = values();

  /** The attribute of a code from 0 to 4; empty for another code. */
  public static Optional<TaskAttribute> of(int code) {
    return code >= 0 && code < BY_CODE.length ? Optional.of(BY_CODE[code]) : Optional.empty();
  }
}
