package org.iscsi4j.protocol;

/**
 * What both sides of a connection have agreed to (RFC 7143 section 13).
 *
 * @param initiatorMaxRecvDataSegmentLength the most data the target may send in a PDU, in bytes
 * @param targetMaxRecvDataSegmentLength the most data the initiator may send in a PDU, in bytes
 * @param maxBurstLength the most data of a Data-In sequence or an R2T, in bytes
 * @param firstBurstLength the most unsolicited data of a command, in bytes; at most {@code
 *     maxBurstLength}
 * @param defaultTime2Wait in seconds
 * @param defaultTime2Retain in seconds; of consequence at {@code errorRecoveryLevel} 2 alone
 * @param maxOutstandingR2t 1 where sequences are in order and {@code errorRecoveryLevel} is not 0
 * @param errorRecoveryLevel 0 to 2
 * @param taskReporting {@code RFC3720}, {@code ResponseFence} or {@code FastAbort}
 * @param iscsiProtocolLevel 1 RFC 7143, 2 RFC 7144
 */
public record OperationalParameters(
    boolean headerDigest,
    boolean dataDigest,
    int maxConnections,
    boolean initialR2t,
    boolean immediateData,
    int initiatorMaxRecvDataSegmentLength,
    int targetMaxRecvDataSegmentLength,
    int maxBurstLength,
    int firstBurstLength,
    int defaultTime2Wait,
    int defaultTime2Retain,
    int maxOutstandingR2t,
    boolean dataPduInOrder,
    boolean dataSequenceInOrder,
    int errorRecoveryLevel,
    String taskReporting,
    int iscsiProtocolLevel) {

  /** What holds as long as nothing is negotiated: the RFC's defaults. */
  public static OperationalParameters defaults() {
    return new OperationalParameters(
        false, // HeaderDigest
        false, // DataDigest
        Key.MAX_CONNECTIONS.defaultValue(),
        Key.INITIAL_R2T.defaultValue(),
        Key.IMMEDIATE_DATA.defaultValue(),
        Key.MAX_RECV_DATA_SEGMENT_LENGTH.defaultValue(), // the initiator's
        Key.MAX_RECV_DATA_SEGMENT_LENGTH.defaultValue(), // the target's
        Key.MAX_BURST_LENGTH.defaultValue(),
        Key.FIRST_BURST_LENGTH.defaultValue(),
        Key.DEFAULT_TIME2WAIT.defaultValue(),
        Key.DEFAULT_TIME2RETAIN.defaultValue(),
        Key.MAX_OUTSTANDING_R2T.defaultValue(),
        Key.DATA_PDU_IN_ORDER.defaultValue(),
        Key.DATA_SEQUENCE_IN_ORDER.defaultValue(),
        Key.ERROR_RECOVERY_LEVEL.defaultValue(),
        Key.TASK_REPORTING.defaultValue().get(0),
        Key.ISCSI_PROTOCOL_LEVEL.defaultValue());
  }

  /** The session-wide values, with those of a connection back at the RFC's defaults. */
  OperationalParameters ofNewConnection() {
    OperationalParameters defaults = defaults();
    return new OperationalParameters(
        defaults.headerDigest,
        defaults.dataDigest,
        maxConnections,
        initialR2t,
        immediateData,
        defaults.initiatorMaxRecvDataSegmentLength,
        defaults.targetMaxRecvDataSegmentLength,
        maxBurstLength,
        firstBurstLength,
        defaultTime2Wait,
        defaultTime2Retain,
        maxOutstandingR2t,
        dataPduInOrder,
        dataSequenceInOrder,
        errorRecoveryLevel,
        taskReporting,
        iscsiProtocolLevel);
  }
}
