package org.iscsi4j.scsi;

/**
 * The port of the target device through which a nexus reaches it (SAM-5 clause 4.6.5). Its facts
 * stand in the device identification page.
 *
 * @param deviceName the SCSI device name of the target, such as an iSCSI name
 * @param portName the SCSI port name, such as an iSCSI name with {@code ,t,0x0001} behind it
 * @param relativeId relative target port identifier, 1 to 65,535
 * @param group target port group, 0 to 65,535
 */
public record TargetPort(String deviceName, String portName, int relativeId, int group) {

  /** The port of an iSCSI target in a portal group, named as RFC 7143 section 4.4.2 says. */
  static TargetPort of(String deviceName, int relativeId, int group) {
    return new TargetPort(
        deviceName, String.format("%s,t,0x%04x", deviceName, group), relativeId, group);
  }
}
