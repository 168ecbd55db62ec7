package org.iscsi4j.api.monitor;

import java.util.Optional;

/** Types of a persistent reservation (SPC-4 clause 6.15.3.4). */
public enum ReservationType {
  /** The holder alone writes; everybody reads. */
  WRITE_EXCLUSIVE(0x1),
  /** The holder alone reads and writes. */
  EXCLUSIVE_ACCESS(0x3),
  /** Who is registered writes; everybody reads; one nexus is the holder. */
  WRITE_EXCLUSIVE_REGISTRANTS_ONLY(0x5),
  /** Who is registered reads and writes; one nexus is the holder. */
  EXCLUSIVE_ACCESS_REGISTRANTS_ONLY(0x6),
  /** Who is registered writes, and is a holder; everybody reads. */
  WRITE_EXCLUSIVE_ALL_REGISTRANTS(0x7),
  /** Who is registered reads and writes, and is a holder. */
  EXCLUSIVE_ACCESS_ALL_REGISTRANTS(0x8);

  private final int code;

  ReservationType(int code) {
    this.code = code;
  }

  /** The type of a TYPE field; empty when there is none of that value. */
  public static Optional<ReservationType> of(int code) {
    for (ReservationType each : values()) {
      if (each.code == code) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** The value of the TYPE field. */
  public int code() {
    return code;
  }

  /** Whether others may not even read. */
  public boolean exclusiveAccess() {
    return switch (this) {
      case EXCLUSIVE_ACCESS, EXCLUSIVE_ACCESS_REGISTRANTS_ONLY, EXCLUSIVE_ACCESS_ALL_REGISTRANTS ->
          true;
      default -> false;
    };
  }

  /** Whether every registered nexus may do what the holder may. */
  public boolean admitsRegistrants() {
    return this != WRITE_EXCLUSIVE && this != EXCLUSIVE_ACCESS;
  }

  /** Whether every registered nexus is a holder. */
  public boolean heldByAll() {
    return this == WRITE_EXCLUSIVE_ALL_REGISTRANTS || this == EXCLUSIVE_ACCESS_ALL_REGISTRANTS;
  }
}
