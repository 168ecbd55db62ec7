package org.iscsi4j.protocol;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Header and data digests: CRC32C (RFC 7143 section 13.1).
 *
 * <p>Digests are {@code int}s in wire order, so that {@code buffer.putInt(at, digest)} on a
 * big-endian buffer writes the four bytes as they travel, and {@code buffer.getInt(at) == digest}
 * checks them. The CRC of 32 zero bytes, 8a9136aah, travels as aa 36 91 8a.
 *
 * <p>One object serves one digest at a time; it belongs to one thread. Nothing is allocated for
 * direct buffers and for heap buffers that are not read-only.
 */
public final class Crc32cDigest {
  /** Length of a digest, in bytes. */
  public static final int LENGTH = 4;

  private static final byte[] ZEROS = new byte[4];

  private final CRC32C crc = new CRC32C();

  /** An object for any number of digests, one at a time. */
  public Crc32cDigest() {}

  /** Digest of the {@code length} bytes from absolute index {@code from} on. */
  public int of(ByteBuffer buffer, int from, int length) {
    reset();
    update(buffer, from, length);
    return value();
  }

  /** Starts a new digest. */
  public void reset() {
    crc.reset();
  }

  /**
   * Goes on with the {@code length} bytes from absolute index {@code from} on. The buffer's
   * position and limit are moved while this runs and put back.
   */
  public void update(ByteBuffer buffer, int from, int length) {
    int position = buffer.position();
    int limit = buffer.limit();
    try {
      buffer.limit(from + length).position(from);
      crc.update(buffer);
    } finally {
      buffer.limit(limit).position(position);
    }
  }

  /** Goes on with the zero bytes that fill up a segment of {@code length} bytes to whole words. */
  public void updatePadding(int length) {
    crc.update(ZEROS, 0, Pdu.padded(length) - length);
  }

  /** Digest of all bytes since {@link #reset()}, in wire order. */
  public int value() {
    return Integer.reverseBytes((int) crc.getValue());
  }
}
