package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Parameter data on its way to the initiator. */
final class ParameterData {

  private ParameterData() {}

  /** Ends a command with as much of its data as the ALLOCATION LENGTH field allows, maybe none. */
  static void send(ScsiTask task, byte[] data, long allocationLength) {
    send(task, data, data.length, allocationLength);
  }

  /** The same for the first bytes of an array. */
  static void send(ScsiTask task, byte[] data, int available, long allocationLength) {
    int length = (int) Math.min(available, allocationLength);
    if (length == 0) {
      task.good();
    } else {
      task.good(ByteBuffer.wrap(data, 0, length));
    }
  }

  /** Appends ASCII text, filled up with spaces to a width (SPC-5 clause 4.3.1). */
  static void putAscii(ByteBuffer out, String text, int width) {
    out.put(text.getBytes(StandardCharsets.US_ASCII));
    for (int at = text.length(); at < width; at++) {
      out.put((byte) ' ');
    }
  }
}
