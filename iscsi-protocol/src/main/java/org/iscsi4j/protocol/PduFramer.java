package org.iscsi4j.protocol;

import java.nio.ByteBuffer;

/**
 * Finds the parts of a received PDU: header (BHS, AHS, header digest), then data (data segment,
 * padding, data digest), RFC 7143 section 11.1.
 *
 * <p>All methods take absolute indexes into a big-endian buffer, leave its position and limit alone
 * and allocate nothing. A reader proceeds in this order, each step as soon as the bytes it names
 * are there:
 *
 * <ol>
 *   <li>48 bytes: {@link #headerLength}
 *   <li>the whole header: {@link #headerDigestOk}, then {@link #checkHeader}, {@link #dataLength}
 *       and {@link Pdu#decode}
 *   <li>the whole data: {@link #dataDigestOk}
 * </ol>
 *
 * <p>Belongs to one direction of one connection and its thread. It starts as a login does: without
 * digests (section 13.1) and with a limit of 8192 bytes (section 13.12).
 */
public final class PduFramer {
  private final Crc32cDigest digest = new Crc32cDigest();

  private boolean headerDigest;
  private boolean dataDigest;
  private int maxRecvDataSegmentLength = Key.MAX_RECV_DATA_SEGMENT_LENGTH.defaultValue();

  /** A framer for the login phase: no digests, at most 8192 bytes of data. */
  public PduFramer() {}

  /** Whether a digest follows each header. Set when the login phase ends. */
  public void headerDigest(boolean on) {
    headerDigest = on;
  }

  /**
   * Whether a digest follows each data segment that is not empty. Set when the login phase ends.
   */
  public void dataDigest(boolean on) {
    dataDigest = on;
  }

  /** The receiver's limit for DataSegmentLength, in bytes. */
  public void maxRecvDataSegmentLength(int bytes) {
    maxRecvDataSegmentLength = bytes;
  }

  /**
   * Length of BHS, AHS and header digest in bytes: 48 to 1072. Without a check of the digest this
   * is only what the peer says, but it is always small enough to wait for.
   */
  public int headerLength(ByteBuffer in, int at) {
    return digestedHeaderLength(in, at) + (headerDigest ? Crc32cDigest.LENGTH : 0);
  }

  /** Whether the header's digest is right; always true when header digests are off. */
  public boolean headerDigestOk(ByteBuffer in, int at) {
    if (!headerDigest) {
      return true;
    }
    int length = digestedHeaderLength(in, at);
    return in.getInt(at + length) == digest.of(in, at, length);
  }

  /**
   * Checks the announced length, before anything is allocated or awaited by it.
   *
   * @throws ProtocolException when DataSegmentLength exceeds the limit. Framing is lost then: the
   *     connection ends (section 7.7).
   */
  public void checkHeader(ByteBuffer in, int at) throws ProtocolException {
    int length = Pdu.dataSegmentLength(in, at);
    if (length > maxRecvDataSegmentLength) {
      throw new ProtocolException(
          RejectReason.INVALID_PDU_FIELD,
          "DataSegmentLength "
              + length
              + " exceeds MaxRecvDataSegmentLength "
              + maxRecvDataSegmentLength);
    }
  }

  /** Length of data segment, padding and data digest in bytes; 0 for an empty data segment. */
  public int dataLength(ByteBuffer in, int at) {
    int length = Pdu.dataSegmentLength(in, at);
    return length == 0 ? 0 : Pdu.padded(length) + (dataDigest ? Crc32cDigest.LENGTH : 0);
  }

  /**
   * Whether the data's digest is right; always true when data digests are off and for an empty data
   * segment, which has none.
   *
   * @param dataAt index of the first byte behind the header
   * @param dataSegmentLength in bytes, without padding
   */
  public boolean dataDigestOk(ByteBuffer in, int dataAt, int dataSegmentLength) {
    if (!dataDigest || dataSegmentLength == 0) {
      return true;
    }
    int length = Pdu.padded(dataSegmentLength);
    return in.getInt(dataAt + length) == digest.of(in, dataAt, length);
  }

  private static int digestedHeaderLength(ByteBuffer in, int at) {
    return Pdu.BHS_LENGTH + Pdu.ahsLength(in, at);
  }
}
