package org.iscsi4j.target.connection;

import java.nio.ByteBuffer;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.ProtocolException;

/**
 * What a connection is about: the login phase, or the full feature phase. Indexes are absolute in
 * the big-endian buffer, which is valid until the method returns.
 */
public interface Phase {

  /**
   * A whole PDU.
   *
   * @param bhsAt index of the basic header segment
   * @param dataAt index of the data segment
   * @param dataLength bytes of the data segment, without padding
   * @throws ProtocolException when the connection can't go on
   */
  void pdu(ByteBuffer in, int bhsAt, int dataAt, int dataLength) throws ProtocolException;

  /**
   * A basic header segment whose additional ones have not come wholly. A phase need not wait for
   * them if it will not take the PDU anyway.
   *
   * @throws ProtocolException when the connection can't go on
   */
  default void incomplete(ByteBuffer in, int bhsAt) throws ProtocolException {}

  /**
   * Where the data segment of a PDU goes whose header is whole and whose data is not: a buffer that
   * takes exactly the data segment, or {@link PduReader#NO_SINK} to have it gathered and delivered
   * to {@link #pdu}.
   */
  default ByteBuffer sink(ByteBuffer in, int bhsAt) throws ProtocolException {
    return PduReader.NO_SINK;
  }

  /** The sink that the phase gave is full. */
  default void sinkFull(ByteBuffer bhs) throws ProtocolException {
    throw new IllegalStateException("no sink was given");
  }

  /** The data of a PDU came damaged; its header did not. The data is lost. */
  void dataDigestError(ByteBuffer in, int bhsAt) throws ProtocolException;

  /** The peer sent what no PDU may look like; the connection is closed after this. */
  default void formatError(EndReason what) {}

  /** The output is written; what waited for room may go on. */
  default void drained() {}

  /** The connection is closed; nothing can be sent any more. Called once. */
  void closed(EndReason reason);
}
