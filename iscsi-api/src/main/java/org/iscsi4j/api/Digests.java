package org.iscsi4j.api;

/** Which digests a server accepts, header and data alike (RFC 7143 section 13.1). */
public enum Digests {
  /** Whatever the initiator likes better. */
  OPTIONAL,
  /** None; an initiator that insists on one can't log in. */
  NONE,
  /** CRC32C; an initiator that can't do it can't log in. */
  CRC32C
}
