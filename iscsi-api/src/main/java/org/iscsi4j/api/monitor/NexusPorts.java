package org.iscsi4j.api.monitor;

/**
 * Who an initiator is to a logical unit: the names of the two ports of an I_T nexus (SAM-5 clause
 * 4.6).
 *
 * @param initiatorPort SCSI port name of the initiator: the iSCSI name with {@code ,i,0x} and the
 *     ISID behind it (RFC 7143 section 4.4.2)
 * @param targetPort SCSI port name of the target: the iSCSI name with {@code ,t,0x} and the portal
 *     group tag behind it
 */
public record NexusPorts(String initiatorPort, String targetPort) {

  /** Both names. */
  @Override
  public String toString() {
    return initiatorPort + " - " + targetPort;
  }
}
