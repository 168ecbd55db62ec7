package org.iscsi4j.scsi;

import java.util.HexFormat;

/** How a command ended, and the data that came with it. */
record ScsiResult(Status status, Sense sense, byte[] data, int dataOutLength) {

  static ScsiResult of(TestTask task) {
    return new ScsiResult(task.status(), task.sense(), task.received(), task.dataOutLength());
  }

  String hex() {
    return HexFormat.of().formatHex(data);
  }

  int u8(int at) {
    return data[at] & 0xff;
  }
}
