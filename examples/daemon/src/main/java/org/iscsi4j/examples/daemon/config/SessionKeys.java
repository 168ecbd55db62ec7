package org.iscsi4j.examples.daemon.config;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Login keys of a section; those that a unit does not name are empty. Times in seconds, lengths in
 * bytes.
 */
public record SessionKeys(
    OptionalInt maxConnections,
    OptionalInt maxOutstandingR2t,
    OptionalInt defaultTime2Wait,
    OptionalInt defaultTime2Retain,
    OptionalInt firstBurstLength,
    OptionalInt maxBurstLength,
    OptionalInt maxRecvDataSegmentLength,
    Optional<Boolean> initialR2t,
    Optional<Boolean> immediateData,
    Optional<Boolean> dataPduInOrder,
    Optional<Boolean> dataSequenceInOrder,
    OptionalInt errorRecoveryLevel) {

  /** These keys, and others for those that are empty. */
  public SessionKeys orElse(SessionKeys other) {
    return new SessionKeys(
        or(maxConnections, other.maxConnections),
        or(maxOutstandingR2t, other.maxOutstandingR2t),
        or(defaultTime2Wait, other.defaultTime2Wait),
        or(defaultTime2Retain, other.defaultTime2Retain),
        or(firstBurstLength, other.firstBurstLength),
        or(maxBurstLength, other.maxBurstLength),
        or(maxRecvDataSegmentLength, other.maxRecvDataSegmentLength),
        initialR2t.or(other::initialR2t),
        immediateData.or(other::immediateData),
        dataPduInOrder.or(other::dataPduInOrder),
        dataSequenceInOrder.or(other::dataSequenceInOrder),
        or(errorRecoveryLevel, other.errorRecoveryLevel));
  }

  private static OptionalInt or(OptionalInt one, OptionalInt other) {
    return one.isPresent() ? one : other;
  }

  SessionKeys withFirstBurstLength(int bytes) {
    return new SessionKeys(
        maxConnections,
        maxOutstandingR2t,
        defaultTime2Wait,
        defaultTime2Retain,
        OptionalInt.of(bytes),
        maxBurstLength,
        maxRecvDataSegmentLength,
        initialR2t,
        immediateData,
        dataPduInOrder,
        dataSequenceInOrder,
        errorRecoveryLevel);
  }
}
