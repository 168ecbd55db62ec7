package org.iscsi4j.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Joins the text of PDUs that are continued by the C bit; it may be cut anywhere, even inside a key
 * (RFC 7143 sections 6.2 and 11.12.2). Belongs to one connection and its thread.
 */
public final class TextAccumulator {
  private final int maxBytes;
  private ByteArrayOutputStream text = new ByteArrayOutputStream(0);

  /**
   * @param maxBytes the most bytes that one joined text may have; a receiver takes at least 8192
   *     (section 6.2)
   */
  public TextAccumulator(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Adds the bytes between the segment's position and limit, and consumes them.
   *
   * @throws ProtocolException when there are more than {@code maxBytes} in all; nothing is added
   */
  public void append(ByteBuffer segment) throws ProtocolException {
    int length = segment.remaining();
    if (length > maxBytes - text.size()) {
      throw new ProtocolException(
          RejectReason.PROTOCOL_ERROR,
          "key=value text of " + ((long) text.size() + length) + " bytes exceeds " + maxBytes);
    }
    byte[] bytes = new byte[length];
    segment.get(bytes);
    text.writeBytes(bytes);
  }

  /** Bytes that wait for {@link #finish()}. */
  public int size() {
    return text.size();
  }

  /**
   * Decodes the joined text and starts anew, also when it can't be decoded.
   *
   * @throws ProtocolException see {@link TextCodec#decode}
   */
  public List<KeyValue> finish() throws ProtocolException {
    byte[] whole = text.toByteArray();
    text = new ByteArrayOutputStream(0);
    return TextCodec.decode(whole);
  }
}
