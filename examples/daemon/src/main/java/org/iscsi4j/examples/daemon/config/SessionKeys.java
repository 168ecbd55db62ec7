package org.iscsi4j.examples.daemon.config;

import java.util.Optional;
import java.util.OptionalInt;

/** Login keys of a section; those that it does not name are empty. Times in seconds. */
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
    OptionalInt errorRecoveryLevel) {}
