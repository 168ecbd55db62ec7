package org.iscsi4j.examples.daemon;

import java.util.Locale;
import org.iscsi4j.api.Digests;

/** A digest in the words of the protocol, as the only one to agree to. */
enum DigestRule {
  NONE(Digests.NONE),
  CRC32C(Digests.CRC32C);

  private final Digests accepted;

  DigestRule(Digests accepted) {
    this.accepted = accepted;
  }

  static DigestRule parse(String text) {
    return switch (text.toUpperCase(Locale.ROOT)) {
      case "NONE" -> NONE;
      case "CRC32C" -> CRC32C;
      default -> throw new IllegalArgumentException("'" + text + "' is neither None nor CRC32C");
    };
  }

  Digests accepted() {
    return accepted;
  }
}
