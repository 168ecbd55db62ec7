package org.iscsi4j.scsi;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;

/** The SCSI Ports page (SPC-4 clause 7.8.14): every port of the target with its name. */
final class ScsiPorts {

  private ScsiPorts() {}

  static byte[] encode(List<TargetPort> ports) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(128);
    for (TargetPort port : ports) {
      byte[] name = DeviceIdentification.portName(port);
      out.writeBytes(
          ByteBuffer.allocate(12)
              .putInt(port.relativeId()) // RELATIVE PORT IDENTIFIER
              .putInt(0) // INITIATOR PORT TRANSPORTID LENGTH: no port is one of an initiator
              .putInt(name.length) // TARGET PORT DESCRIPTORS LENGTH
              .array());
      out.writeBytes(name);
    }
    return out.toByteArray();
  }
}
