package org.iscsi4j.target;

import java.util.List;

/** Which digests a server accepts, header and data alike (RFC 7143 section 13.1). */
public enum Digests {
  /** Whatever the initiator likes better. */
  OPTIONAL(List.of("CRC32C", "None")),
  /** None; an initiator that insists on one can't log in. */
  NONE(List.of("None")),
  /** CRC32C; an initiator that can't do it can't log in. */
  CRC32C(List.of("CRC32C"));

  private final List<String> accepted;

  Digests(List<String> accepted) {
    this.accepted = accepted;
  }

  List<String> accepted() {
    return accepted;
  }
}
