package org.iscsi4j.target.login;

import java.time.Duration;
import java.util.List;
import org.iscsi4j.api.Digests;
import org.iscsi4j.api.SessionSettings;
import org.iscsi4j.api.TaskReporting;
import org.iscsi4j.protocol.OperationalOffer;

/**
 * What a session that begins now is offered and held to.
 *
 * @param offer of the operational keys
 * @param queueDepth commands outstanding at once
 * @param keepAliveInterval silence after which the initiator is asked whether it lives; 0 for never
 * @param keepAliveTimeout further silence after which a connection ends
 */
public record SessionTerms(
    OperationalOffer offer, int queueDepth, Duration keepAliveInterval, Duration keepAliveTimeout) {

  private static final String CRC32C = "CRC32C";
  private static final String NONE = "None";

  /** The terms of settings; what they leave open is as it is by default. */
  public static SessionTerms of(SessionSettings settings) {
    SessionSettings all = settings.or(SessionSettings.defaults());
    return new SessionTerms(
        offer(all),
        all.queueDepth().orElseThrow(),
        all.keepAliveInterval().orElseThrow(),
        all.keepAliveTimeout().orElseThrow());
  }

  private static OperationalOffer offer(SessionSettings all) {
    return OperationalOffer.builder()
        .headerDigests(accepted(all.headerDigest().orElseThrow()))
        .dataDigests(accepted(all.dataDigest().orElseThrow()))
        .maxConnections(all.maxConnections().orElseThrow())
        .initialR2t(all.initialR2t().orElseThrow())
        .immediateData(all.immediateData().orElseThrow())
        .maxRecvDataSegmentLength(all.maxRecvDataSegmentLength().orElseThrow())
        .maxBurstLength(all.maxBurstLength().orElseThrow())
        .firstBurstLength(all.firstBurstLength().orElseThrow())
        .maxOutstandingR2t(all.maxOutstandingR2t().orElseThrow())
        .defaultTime2Wait((int) all.defaultTime2Wait().orElseThrow().toSeconds())
        .defaultTime2Retain((int) all.defaultTime2Retain().orElseThrow().toSeconds())
        .dataPduInOrder(all.dataPduInOrder().orElseThrow())
        .dataSequenceInOrder(all.dataSequenceInOrder().orElseThrow())
        .errorRecoveryLevel(all.errorRecoveryLevel().orElseThrow())
        .taskReporting(accepted(all.taskReporting().orElseThrow()))
        .iscsiProtocolLevel(all.iscsiProtocolLevel().orElseThrow())
        .build();
  }

  private static List<String> accepted(Digests digests) {
    return switch (digests) {
      case OPTIONAL -> List.of(CRC32C, NONE);
      case NONE -> List.of(NONE);
      case CRC32C -> List.of(CRC32C);
    };
  }

  /** Each includes those before it. */
  private static List<String> accepted(TaskReporting most) {
    return List.of("RFC3720", "ResponseFence", "FastAbort").subList(0, most.ordinal() + 1);
  }
}
