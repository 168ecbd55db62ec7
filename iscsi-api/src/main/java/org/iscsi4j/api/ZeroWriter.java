package org.iscsi4j.api;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Zeroes a range of a device that knows no better way than writing. */
final class ZeroWriter {

  /** The most zeroes at once, in bytes. Whole blocks of every size that {@link Geometry} allows. */
  static final int LIMIT = Geometry.MAX_BLOCK_SIZE;

  private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(LIMIT).asReadOnlyBuffer();

  private ZeroWriter() {}

  static void write(BlockDevice device, long offset, long length) throws IOException {
    ByteBuffer chunk = ZEROES.duplicate();
    for (long done = 0; done < length; done += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), length - done));
      device.write(offset + done, chunk);
    }
  }

  /** A buffer of 1 to {@link #LIMIT} zeroes. */
  static ByteBuffer zeroes(int length) {
    return ZEROES.duplicate().limit(length);
  }
}
