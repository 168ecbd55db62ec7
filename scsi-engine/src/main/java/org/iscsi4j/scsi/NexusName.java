package org.iscsi4j.scsi;

import org.iscsi4j.api.monitor.NexusPorts;

/**
 * The ports of an I_T nexus by their names: what a registration is bound to, and what a nexus that
 * comes back is known by (SPC-4 clause 5.13.1).
 *
 * @param initiatorPort SCSI port name of the initiator
 * @param targetPort SCSI port name of the target
 * @param relativeId relative target port identifier; says nothing about who the nexus is
 */
record NexusName(String initiatorPort, String targetPort, int relativeId) {

  static NexusName of(String initiatorPort, TargetPort targetPort) {
    return new NexusName(initiatorPort, targetPort.portName(), targetPort.relativeId());
  }

  static NexusName of(Nexus nexus) {
    return of(nexus.initiatorPort(), nexus.targetPort());
  }

  /** For the host. */
  NexusPorts ports() {
    return new NexusPorts(initiatorPort, targetPort);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NexusName name
        && name.initiatorPort.equals(initiatorPort)
        && name.targetPort.equals(targetPort);
  }

  @Override
  public int hashCode() {
    return 31 * initiatorPort.hashCode() + targetPort.hashCode();
  }
}
