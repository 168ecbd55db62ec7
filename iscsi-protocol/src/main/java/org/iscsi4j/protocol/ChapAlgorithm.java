package org.iscsi4j.protocol;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/** Hash functions of CHAP, by the numbers of the CHAP_A key (RFC 7143 section 12.1.3 and IANA). */
public enum ChapAlgorithm {
  MD5(5, "MD5", 16),
  SHA1(6, "SHA-1", 20),
  SHA256(7, "SHA-256", 32),
  SHA3_256(8, "SHA3-256", 32);

  private final int code;
  private final String jcaName;
  private final int digestLength;

  ChapAlgorithm(int code, String jcaName, int digestLength) {
    this.code = code;
    this.jcaName = jcaName;
    this.digestLength = digestLength;
  }

  /** The number that stands for it in CHAP_A. */
  public int code() {
    return code;
  }

  /** Length of a CHAP_R, in bytes. */
  public int digestLength() {
    return digestLength;
  }

  public static Optional<ChapAlgorithm> of(int code) {
    return Arrays.stream(values()).filter(algorithm -> algorithm.code == code).findFirst();
  }

  MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance(jcaName);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(jcaName + " is missing from this Java run-time", e);
    }
  }
}
