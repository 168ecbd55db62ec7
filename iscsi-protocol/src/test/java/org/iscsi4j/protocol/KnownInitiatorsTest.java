package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What initiators in use offer, and what a target that can do everything answers. */
class KnownInitiatorsTest {

  private static final OperationalOffer OURS =
      OperationalOffer.builder()
          .maxConnections(8)
          .initialR2t(false)
          .immediateData(true)
          .maxRecvDataSegmentLength(262144)
          .maxBurstLength(1048576)
          .firstBurstLength(262144)
          .defaultTime2Wait(2)
          .defaultTime2Retain(20)
          .maxOutstandingR2t(4)
          .dataPduInOrder(false)
          .dataSequenceInOrder(false)
          .errorRecoveryLevel(2)
          .taskReporting(List.of("RFC3720", "ResponseFence", "FastAbort"))
          .iscsiProtocolLevel(2)
          .build();

  private OperationalNegotiation negotiation = new OperationalNegotiation(OURS, false, true);

  private static List<KeyValue> pairs(String lines) {
    return Arrays.stream(lines.split("\\s+"))
        .map(pair -> pair.split("=", 2))
        .map(pair -> new KeyValue(pair[0], pair[1]))
        .toList();
  }

  private void assertAnswers(String offers, String answers) throws Exception {
    assertThat(negotiation.answerAll(pairs(offers))).isEqualTo(pairs(answers));
    assertThat(negotiation.declarations()).isEqualTo(pairs("MaxRecvDataSegmentLength=262144"));
    assertThat(negotiation.failed()).isFalse();
    assertThat(negotiation.complete()).isTrue();
  }

  private static OperationalParameters parameters(
      int connections, int maxRecv, int maxBurst, int firstBurst, int time2Retain, int recovery) {
    return new OperationalParameters(
        false,
        false,
        connections,
        false,
        true,
        maxRecv,
        262144,
        maxBurst,
        firstBurst,
        2,
        time2Retain,
        1,
        true,
        true,
        recovery,
        "RFC3720",
        1);
  }

  @Test
  void openIscsi() throws Exception {
    assertAnswers(
        """
        HeaderDigest=None DataDigest=None DefaultTime2Wait=2 DefaultTime2Retain=0 IFMarker=No
        OFMarker=No ErrorRecoveryLevel=0 InitialR2T=No ImmediateData=Yes MaxBurstLength=16776192
        FirstBurstLength=262144 MaxOutstandingR2T=1 MaxConnections=1 DataPDUInOrder=Yes
        DataSequenceInOrder=Yes MaxRecvDataSegmentLength=262144""",
        """
        HeaderDigest=None DataDigest=None DefaultTime2Wait=2 DefaultTime2Retain=0 IFMarker=No
        OFMarker=No ErrorRecoveryLevel=0 InitialR2T=No ImmediateData=Yes MaxBurstLength=1048576
        FirstBurstLength=262144 MaxOutstandingR2T=1 MaxConnections=1 DataPDUInOrder=Yes
        DataSequenceInOrder=Yes""");

    assertThat(negotiation.result()).isEqualTo(parameters(1, 262144, 1048576, 262144, 0, 0));
  }

  @Test
  void openIscsiDiscovery() throws Exception {
    negotiation = new OperationalNegotiation(OURS, true, true);

    assertAnswers(
        """
        HeaderDigest=None DataDigest=None DefaultTime2Wait=2 DefaultTime2Retain=0 IFMarker=No
        OFMarker=No ErrorRecoveryLevel=0 MaxRecvDataSegmentLength=32768""",
        """
        HeaderDigest=None DataDigest=None DefaultTime2Wait=2 DefaultTime2Retain=0 IFMarker=No
        OFMarker=No ErrorRecoveryLevel=0""");

    assertThat(negotiation.result().initiatorMaxRecvDataSegmentLength()).isEqualTo(32768);
  }

  @Test
  void libiscsi() throws Exception {
    assertAnswers(
        """
        HeaderDigest=None,CRC32C DataDigest=None InitialR2T=No ImmediateData=Yes
        MaxBurstLength=262144 FirstBurstLength=262144 DefaultTime2Wait=2 DefaultTime2Retain=0
        IFMarker=No OFMarker=No MaxConnections=1 MaxRecvDataSegmentLength=262144
        MaxOutstandingR2T=1 ErrorRecoveryLevel=0 DataPDUInOrder=Yes DataSequenceInOrder=Yes""",
        """
        HeaderDigest=None DataDigest=None InitialR2T=No ImmediateData=Yes
        MaxBurstLength=262144 FirstBurstLength=262144 DefaultTime2Wait=2 DefaultTime2Retain=0
        IFMarker=No OFMarker=No MaxConnections=1
        MaxOutstandingR2T=1 ErrorRecoveryLevel=0 DataPDUInOrder=Yes DataSequenceInOrder=Yes""");

    assertThat(negotiation.result()).isEqualTo(parameters(1, 262144, 262144, 262144, 0, 0));
  }

  @Test
  void windows() throws Exception {
    assertAnswers(
        """
        HeaderDigest=None,CRC32C DataDigest=None,CRC32C ErrorRecoveryLevel=2 InitialR2T=No
        ImmediateData=Yes MaxRecvDataSegmentLength=65536 MaxBurstLength=262144
        FirstBurstLength=65536 MaxConnections=32 DataPDUInOrder=Yes DataSequenceInOrder=Yes
        DefaultTime2Wait=0 DefaultTime2Retain=60 MaxOutstandingR2T=16""",
        """
        HeaderDigest=None DataDigest=None ErrorRecoveryLevel=2 InitialR2T=No
        ImmediateData=Yes MaxBurstLength=262144
        FirstBurstLength=65536 MaxConnections=8 DataPDUInOrder=Yes DataSequenceInOrder=Yes
        DefaultTime2Wait=2 DefaultTime2Retain=20 MaxOutstandingR2T=1""");

    assertThat(negotiation.result()).isEqualTo(parameters(8, 65536, 262144, 65536, 20, 2));
  }

  @Test
  void windowsDiscovery() throws Exception {
    negotiation = new OperationalNegotiation(OURS, true, true);

    assertAnswers(
        """
        HeaderDigest=None,CRC32C DataDigest=None,CRC32C MaxRecvDataSegmentLength=65536
        DefaultTime2Wait=0 DefaultTime2Retain=60""",
        "HeaderDigest=None DataDigest=None DefaultTime2Wait=2 DefaultTime2Retain=0");
  }

  @Test
  void esxi() throws Exception {
    assertAnswers(
        """
        HeaderDigest=None,CRC32C DataDigest=None,CRC32C DefaultTime2Wait=0 DefaultTime2Retain=0
        IFMarker=No OFMarker=No ErrorRecoveryLevel=0 InitialR2T=No ImmediateData=Yes
        MaxBurstLength=262144 FirstBurstLength=262144 MaxOutstandingR2T=1 MaxConnections=1
        DataPDUInOrder=Yes DataSequenceInOrder=Yes MaxRecvDataSegmentLength=131072""",
        """
        HeaderDigest=None DataDigest=None DefaultTime2Wait=2 DefaultTime2Retain=0
        IFMarker=No OFMarker=No ErrorRecoveryLevel=0 InitialR2T=No ImmediateData=Yes
        MaxBurstLength=262144 FirstBurstLength=262144 MaxOutstandingR2T=1 MaxConnections=1
        DataPDUInOrder=Yes DataSequenceInOrder=Yes""");

    assertThat(negotiation.result()).isEqualTo(parameters(1, 131072, 262144, 262144, 0, 0));
  }
}
