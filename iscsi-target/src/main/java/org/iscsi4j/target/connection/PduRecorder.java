package org.iscsi4j.target.connection;

import java.nio.ByteBuffer;

/** Is told of every PDU that a {@link PduWriter} sends, in their order. */
@FunctionalInterface
public interface PduRecorder {

  /**
   * A PDU was put into the output. The buffers belong to the output: what is to be kept is copied.
   *
   * @param header holds the basic header segment
   * @param headerAt absolute index of its first byte
   * @param data holds the data segment
   * @param dataAt absolute index of its first byte
   * @param dataLength bytes of data, without padding
   */
  void sent(ByteBuffer header, int headerAt, ByteBuffer data, int dataAt, int dataLength);
}
