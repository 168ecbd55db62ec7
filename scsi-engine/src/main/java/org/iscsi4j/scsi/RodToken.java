package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.PeripheralDeviceType;

/**
 * A token for ranges of a unit (SPC-4 clause 5.17.6). Its type is access upon reference: who uses
 * it gets what the ranges hold then. A point in time copy is not promised, since a unit has no
 * snapshots. Its bytes are what the initiator carries; they can't be guessed. Immutable.
 */
final class RodToken {

  static final int LENGTH = 512;

  /** The bytes that REPORT ALL ROD TOKENS tells. */
  static final int MANAGEMENT_LENGTH = 96;

  static final int ACCESS_UPON_REFERENCE = 0x0001_0000;
  static final int BLOCK_DEVICE_ZERO = 0xffff_0001;

  private static final int REST_LENGTH = LENGTH - 8;
  private static final int TARGET_DESCRIPTOR_AT = 128;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] bytes;
  private final DeviceServer source;
  private final int blockSize;
  private final long[] bounds;
  private final long length;
  private final int inactivity;

  /**
   * A new token.
   *
   * @param id its number at the copy manager
   * @param source the unit whose ranges it stands for
   * @param port through which its creator reaches the unit
   * @param bounds first byte and the byte behind the last of each range, in turn
   * @param inactivity seconds that it lives without being used
   */
  RodToken(long id, DeviceServer source, TargetPort port, long[] bounds, int inactivity) {
    Geometry geometry = source.geometry();
    this.source = source;
    this.bounds = bounds.clone();
    this.inactivity = inactivity;
    blockSize = geometry.blockSize();
    length = length(bounds);
    bytes = encode(id, source, port, length, geometry);
  }

  private static byte[] encode(
      long id, DeviceServer source, TargetPort port, long length, Geometry geometry) {
    ByteBuffer out = ByteBuffer.allocate(LENGTH);
    out.putInt(ACCESS_UPON_REFERENCE); // ROD TYPE
    out.putShort((short) 0);
    out.putShort((short) REST_LENGTH); // ROD TOKEN LENGTH
    out.putLong(id); // COPY MANAGER ROD TOKEN IDENTIFIER
    out.put((byte) CopyList.CSCD_IDENTIFICATION); // CREATOR LOGICAL UNIT DESCRIPTOR
    out.put((byte) PeripheralDeviceType.DIRECT_ACCESS.code()).putShort((short) 0);
    out.put(DeviceIdentification.unitDesignator(source.identity()));
    out.putInt(44, geometry.blockSize()); // DISK BLOCK LENGTH
    out.putLong(56, length); // NUMBER OF BYTES REPRESENTED, the low half of 16 bytes
    out.putInt(96, geometry.blockSize()); // device type specific: as READ CAPACITY(16) tells it
    int physical = geometry.physicalBlockSize() / geometry.blockSize();
    out.put(101, (byte) Integer.numberOfTrailingZeros(physical));
    out.position(TARGET_DESCRIPTOR_AT);
    out.put(DeviceIdentification.targetDesignator(port)); // TARGET DEVICE DESCRIPTOR
    byte[] extended = new byte[out.remaining()];
    RANDOM.nextBytes(extended);
    return out.put(extended).array(); // EXTENDED ROD TOKEN DATA
  }

  /** The ROD TYPE of what an initiator takes for a token. */
  static int type(ByteBuffer token) {
    return token.getInt(token.position());
  }

  /** Whether what an initiator takes for a token is as long as it must be. */
  static boolean lengthFits(ByteBuffer token) {
    return Short.toUnsignedInt(token.getShort(token.position() + 6)) == REST_LENGTH;
  }

  byte[] bytes() {
    return bytes.clone();
  }

  DeviceServer source() {
    return source;
  }

  /** The block size of the source when the token was made. */
  int blockSize() {
    return blockSize;
  }

  /** Bytes that it stands for. */
  long length() {
    return length;
  }

  /** Seconds that it lives without being used. */
  int inactivity() {
    return inactivity;
  }

  static long length(long[] bounds) {
    long all = 0;
    for (int each = 0; each < bounds.length; each += 2) {
      all += bounds[each + 1] - bounds[each];
    }
    return all;
  }

  /**
   * What is copied when ranges of a destination are written from an offset into the token on.
   *
   * @param token null for zeroes
   * @param into bounds as of {@link RodToken}, no longer than what the token has from the offset
   */
  static List<CopyStream.Stretch> stretches(
      RodToken token, long offset, DeviceServer destination, long[] into) {
    List<CopyStream.Stretch> stretches = new ArrayList<>();
    long at = offset;
    for (int each = 0; each < into.length; each += 2) {
      long to = into[each];
      while (to < into[each + 1]) {
        CopyStream.Stretch next = next(token, at, destination, to, into[each + 1] - to);
        stretches.add(next);
        to += next.length();
        at += next.length();
      }
    }
    return stretches;
  }

  private static CopyStream.Stretch next(
      RodToken token, long offset, DeviceServer destination, long to, long length) {
    return token == null
        ? new CopyStream.Stretch(null, 0, destination, to, length)
        : token.piece(offset, destination, to, length);
  }

  /** As much as one range of the token holds from an offset into it on. */
  private CopyStream.Stretch piece(long offset, DeviceServer destination, long to, long length) {
    long skip = offset;
    int range = 0;
    while (skip >= bounds[range + 1] - bounds[range]) {
      skip -= bounds[range + 1] - bounds[range];
      range += 2;
    }
    long from = bounds[range] + skip;
    long fits = Math.min(length, bounds[range + 1] - from);
    return new CopyStream.Stretch(source, from, destination, to, fits);
  }
}
