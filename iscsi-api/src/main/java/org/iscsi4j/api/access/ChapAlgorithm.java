package org.iscsi4j.api.access;

/**
 * Hash functions of CHAP (RFC 7143 section 12.1.3 and IANA's registry of its numbers), the weakest
 * first.
 */
public enum ChapAlgorithm {
  /** Broken, and the only one that many initiators have. */
  MD5,
  /** Of 160 bits; weak, and better than MD5. */
  SHA1,
  /** SHA-2 of 256 bits. */
  SHA256,
  /** SHA-3 of 256 bits. */
  SHA3_256
}
