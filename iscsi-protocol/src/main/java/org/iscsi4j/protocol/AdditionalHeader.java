package org.iscsi4j.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * An additional header segment, between the BHS and the header digest (RFC 7143 section 11.2.2).
 *
 * <p>On the wire: AHSLength (2 bytes, what follows the type), AHSType (1 byte), content, padding to
 * whole words of four bytes.
 */
public sealed interface AdditionalHeader {
  /** AHSType of an {@link ExtendedCdb}. */
  int EXTENDED_CDB = 1;

  /** AHSType of a {@link BidirectionalReadLength}. */
  int BIDIRECTIONAL_READ_LENGTH = 2;

  /** The AHSType, 0 to 63. */
  int type();

  /** Length on the wire in bytes, padding included. */
  int encodedLength();

  /**
   * Writes {@link #encodedLength()} bytes, padding as zero.
   *
   * @param out a big-endian buffer; its position and limit stay as they are
   * @param at absolute index of the first byte
   */
  void encode(ByteBuffer out, int at);

  /**
   * The part of a CDB beyond its first 16 bytes, which are in the {@link ScsiCommandPdu}.
   *
   * @param bytes 1 to 244 bytes, without padding; copied in and out
   */
  record ExtendedCdb(byte[] bytes) implements AdditionalHeader {
    private static final int MAX_LENGTH = 260 - 16; // the longest CDB of SPC

    public ExtendedCdb {
      if (bytes.length == 0 || bytes.length > MAX_LENGTH) {
        throw new IllegalArgumentException(
            "extended CDB of " + bytes.length + " bytes is outside 1.." + MAX_LENGTH);
      }
      bytes = bytes.clone();
    }

    @Override
    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public int type() {
      return EXTENDED_CDB;
    }

    @Override
    public int encodedLength() {
      return Pdu.padded(4 + bytes.length);
    }

    @Override
    public void encode(ByteBuffer out, int at) {
      out.putInt(at + encodedLength() - 4, 0); // padding
      out.putInt(at, word0(1 + bytes.length, EXTENDED_CDB));
      out.put(at + 4, bytes);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ExtendedCdb that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return "ExtendedCdb[" + HexFormat.of().formatHex(bytes) + "]";
    }
  }

  /**
   * How much a bidirectional command is expected to read.
   *
   * @param length unsigned, in bytes
   */
  record BidirectionalReadLength(int length) implements AdditionalHeader {
    @Override
    public int type() {
      return BIDIRECTIONAL_READ_LENGTH;
    }

    @Override
    public int encodedLength() {
      return 8;
    }

    @Override
    public void encode(ByteBuffer out, int at) {
      out.putInt(at, word0(5, BIDIRECTIONAL_READ_LENGTH));
      out.putInt(at + 4, length);
    }
  }

  /**
   * A segment of a type that RFC 7143 does not define.
   *
   * @param type 0 to 63, neither 1 nor 2
   * @param content everything behind the type byte, without padding, 0 to 1017 bytes; copied in and
   *     out
   */
  record Unknown(int type, byte[] content) implements AdditionalHeader {
    private static final int MAX_CONTENT = 255 * 4 - 3;

    public Unknown {
      if (type < 0 || type > 63 || content.length > MAX_CONTENT) {
        throw new IllegalArgumentException(
            "AHS of type " + type + " and " + content.length + " bytes doesn't fit its fields");
      }
      content = content.clone();
    }

    @Override
    public byte[] content() {
      return content.clone();
    }

    @Override
    public int encodedLength() {
      return Pdu.padded(3 + content.length);
    }

    @Override
    public void encode(ByteBuffer out, int at) {
      out.putInt(at + encodedLength() - 4, 0); // padding
      out.putShort(at, (short) content.length);
      out.put(at + 2, (byte) type);
      out.put(at + 3, content);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Unknown that
          && type == that.type
          && Arrays.equals(content, that.content);
    }

    @Override
    public int hashCode() {
      return 31 * type + Arrays.hashCode(content);
    }

    @Override
    public String toString() {
      return "Unknown[type=" + type + ", content=" + HexFormat.of().formatHex(content) + "]";
    }
  }

  /**
   * Decodes the segments between {@code at} and {@code at + length}.
   *
   * @param in a big-endian buffer; its position and limit stay as they are
   * @param length {@link Pdu#ahsLength(ByteBuffer, int)}, in bytes
   * @throws ProtocolException with {@link RejectReason#INVALID_PDU_FIELD} for a segment that is
   *     longer than what is left, or not as long as its type asks for
   */
  static List<AdditionalHeader> decodeAll(ByteBuffer in, int at, int length)
      throws ProtocolException {
    List<AdditionalHeader> headers = new ArrayList<>();
    int end = at + length;
    for (int next = at; next < end; ) {
      int ahsLength = in.getShort(next) & 0xffff;
      int encodedLength = Pdu.padded(3 + ahsLength);
      if (encodedLength > end - next) {
        throw invalid(ahsLength, "exceeds the rest of TotalAHSLength, " + (end - next) + " bytes");
      }
      headers.add(decode(in, next, ahsLength));
      next += encodedLength;
    }
    return headers;
  }

  private static AdditionalHeader decode(ByteBuffer in, int at, int ahsLength)
      throws ProtocolException {
    int type = in.get(at + 2) & 0x3f;
    switch (type) {
      case EXTENDED_CDB:
        if (ahsLength < 2 || ahsLength > 1 + ExtendedCdb.MAX_LENGTH) {
          throw invalid(ahsLength, "of an extended CDB is outside 2..245");
        }
        return new ExtendedCdb(bytes(in, at + 4, ahsLength - 1));
      case BIDIRECTIONAL_READ_LENGTH:
        if (ahsLength != 5) {
          throw invalid(ahsLength, "of a bidirectional read length is not 5");
        }
        return new BidirectionalReadLength(in.getInt(at + 4));
      default:
        return new Unknown(type, bytes(in, at + 3, ahsLength));
    }
  }

  private static byte[] bytes(ByteBuffer in, int at, int length) {
    byte[] bytes = new byte[length];
    in.get(at, bytes);
    return bytes;
  }

  private static int word0(int ahsLength, int type) {
    return ahsLength << 16 | type << 8;
  }

  private static ProtocolException invalid(int ahsLength, String problem) {
    return new ProtocolException(
        RejectReason.INVALID_PDU_FIELD, "AHSLength " + ahsLength + " " + problem);
  }
}
