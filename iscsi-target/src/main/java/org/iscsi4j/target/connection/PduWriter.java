package org.iscsi4j.target.connection;

import java.nio.ByteBuffer;
import org.iscsi4j.protocol.Crc32cDigest;
import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ScsiResponsePdu;

/** Puts PDUs into the output: header, header digest, data, padding, data digest. */
public final class PduWriter {

  /** Data of a PDU up to this many bytes lies behind its header in the chunk. */
  public static final int SMALL_DATA = 64 * 1024;

  private final Output output;
  private final Crc32cDigest digest = new Crc32cDigest();
  private boolean headerDigest;
  private boolean dataDigest;

  /** Null while nobody wants to know. */
  private PduRecorder recorder;

  /** Where the PDU that {@link #beginData} began stands in the chunk. */
  private int begun;

  /** A writer without digests. */
  public PduWriter(Output output) {
    this.output = output;
  }

  /** Sets which digests are sent from the next PDU on. */
  public void digests(boolean header, boolean data) {
    headerDigest = header;
    dataDigest = data;
  }

  /** Sets who is told of what is sent, from the next PDU on. */
  public void recorder(PduRecorder value) {
    recorder = value;
  }

  /** Sends a PDU without data. */
  public void send(Pdu pdu) {
    int at = sendHeader(pdu);
    record(at, output.chunk(), 0, 0);
  }

  private int sendHeader(Pdu pdu) {
    int at = output.reserve(headerLength());
    putHeader(pdu, at);
    output.commit(headerLength());
    return at;
  }

  private void record(int headerAt, ByteBuffer data, int dataAt, int dataLength) {
    if (recorder != null) {
      recorder.sent(output.chunk(), headerAt, data, dataAt, dataLength);
    }
  }

  /**
   * Sends a PDU with data, which is copied.
   *
   * @param data from position to limit, as long as the PDU says
   */
  public void send(Pdu pdu, ByteBuffer data) {
    int length = data.remaining();
    if (length == 0) {
      send(pdu);
      return;
    }
    ByteBuffer room = beginData(length);
    room.put(room.position(), data, data.position(), length);
    endData(pdu, length);
  }

  /**
   * Makes room for a PDU with data that the caller produces in place, and sends with {@link
   * #endData} or forgets.
   *
   * @param length bytes of data, at most {@link #SMALL_DATA}
   * @return a buffer whose position and limit enclose the room for the data
   */
  public ByteBuffer beginData(int length) {
    begun = output.reserve(headerLength() + Pdu.padded(length) + digestLength(dataDigest));
    int dataAt = begun + headerLength();
    return output.chunk().limit(dataAt + length).position(dataAt);
  }

  /** Sends the PDU whose data was put where {@link #beginData} said. */
  public void endData(Pdu pdu, int length) {
    putHeader(pdu, begun);
    int dataAt = begun + headerLength();
    finishData(dataAt, length);
    record(begun, output.chunk(), dataAt, length);
  }

  /** Sends the PDU whose header and data are in the chunk, with what belongs behind the data. */
  private void finishData(int dataAt, int length) {
    ByteBuffer chunk = output.chunk();
    int padded = Pdu.padded(length);
    for (int i = length; i < padded; i++) {
      chunk.put(dataAt + i, (byte) 0);
    }
    if (dataDigest) {
      chunk.putInt(dataAt + padded, digest.of(chunk, dataAt, padded));
    }
    output.commit(headerLength() + padded + digestLength(dataDigest));
  }

  /**
   * Sends a PDU that was recorded once more, and does not record it again.
   *
   * @param pdu its header, and its data right behind, from index 0 to the capacity
   */
  public void sendAgain(ByteBuffer pdu) {
    int length = pdu.capacity() - Pdu.BHS_LENGTH;
    int room = length == 0 ? 0 : Pdu.padded(length) + digestLength(dataDigest);
    int at = output.reserve(headerLength() + room);
    output.chunk().clear().put(at, pdu, 0, Pdu.BHS_LENGTH);
    putHeaderDigest(at);
    if (length == 0) {
      output.commit(headerLength());
    } else {
      int dataAt = at + headerLength();
      output.chunk().put(dataAt, pdu, Pdu.BHS_LENGTH, length);
      finishData(dataAt, length);
    }
  }

  /**
   * Sends a PDU with data from where it lies.
   *
   * @param data from position to limit, not to be touched until sent
   * @param sent runs when it is gone, or when the connection is closed
   */
  public void sendInPlace(Pdu pdu, ByteBuffer data, Runnable sent) {
    int at = sendHeader(pdu);
    int length = data.remaining();
    record(at, data, data.position(), length);
    int padding = Pdu.padded(length) - length;
    int value = 0;
    if (dataDigest) {
      digest.reset();
      digest.update(data, data.position(), length);
      digest.updatePadding(length);
      value = digest.value();
    }
    output.append(data, sent);
    putTrailer(padding, value);
  }

  private void putTrailer(int padding, int value) {
    int length = padding + digestLength(dataDigest);
    if (length == 0) {
      return;
    }
    int at = output.reserve(length);
    for (int i = 0; i < padding; i++) {
      output.chunk().put(at + i, (byte) 0);
    }
    if (dataDigest) {
      output.chunk().clear().putInt(at + padding, value);
    }
    output.commit(length);
  }

  private void putHeader(Pdu pdu, int at) {
    encode(pdu, output.chunk().clear(), at);
    putHeaderDigest(at);
  }

  private void putHeaderDigest(int at) {
    if (headerDigest) {
      ByteBuffer chunk = output.chunk();
      chunk.putInt(at + Pdu.BHS_LENGTH, digest.of(chunk, at, Pdu.BHS_LENGTH));
    }
  }

  /**
   * The two PDUs of every command are told apart here, so that the compiler knows their type,
   * inlines their encoding and never makes the record.
   */
  private static void encode(Pdu pdu, ByteBuffer chunk, int at) {
    if (pdu instanceof DataInPdu dataIn) {
      dataIn.encode(chunk, at);
    } else if (pdu instanceof ScsiResponsePdu response) {
      response.encode(chunk, at);
    } else {
      pdu.encode(chunk, at);
    }
  }

  private int headerLength() {
    return Pdu.BHS_LENGTH + digestLength(headerDigest);
  }

  private static int digestLength(boolean on) {
    return on ? Crc32cDigest.LENGTH : 0;
  }
}
