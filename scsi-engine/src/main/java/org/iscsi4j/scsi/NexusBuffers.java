package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * What READ BUFFER reads back of what WRITE BUFFER wrote. Each I_T nexus has its own, so that none
 * ever sees the bytes of another; made when they are first written. Written by the owner of the
 * nexus, and dropped from any thread.
 */
final class NexusBuffers {

  /** Bytes in either buffer. */
  static final int CAPACITY = 4096;

  private static final byte[] NEVER_WRITTEN = new byte[CAPACITY];

  private volatile byte[] data = NEVER_WRITTEN;

  /** What was written last, as long as it was; null before that. */
  private volatile byte[] echo;

  /** The content of the data buffer; not to be changed. */
  byte[] data() {
    return data;
  }

  /** Replaces part of the data buffer, which is large enough. */
  void writeData(int offset, ByteBuffer from) {
    byte[] changed = data.clone();
    from.get(changed, offset, from.remaining());
    data = changed;
  }

  boolean hasEcho() {
    return echo != null;
  }

  /** The content of the echo buffer; none when there is nothing to echo. */
  byte[] echo() {
    byte[] now = echo;
    return now == null ? new byte[0] : now;
  }

  void writeEcho(ByteBuffer from) {
    byte[] written = new byte[from.remaining()];
    from.get(written);
    echo = written;
  }

  void reset() {
    data = NEVER_WRITTEN;
    echo = null;
  }
}
