package org.iscsi4j.api;

/**
 * Size and shape of a {@link BlockDevice}, the one place where they are said: every capacity, limit
 * and alignment that an initiator is told is derived from it.
 *
 * @param blockSize bytes in a logical block: a power of two from 512 to 65,536
 * @param blockCount logical blocks on the device, 1 or more; {@code blockSize * blockCount} fits a
 *     {@code long}
 * @param physicalBlockSize bytes that the device writes at once without reading first: a power of
 *     two, at least {@code blockSize} and at most {@code blockSize * 32768}
 * @param optimalTransferLength bytes per call that the device likes best, a multiple of {@code
 *     blockSize}, or 0 for no preference
 * @param deallocationGranularity bytes in which {@link BlockDevice#deallocate} frees storage, a
 *     multiple of {@code blockSize}; smaller requests are legal and may free nothing
 */
public record Geometry(
    int blockSize,
    long blockCount,
    int physicalBlockSize,
    int optimalTransferLength,
    int deallocationGranularity) {

  /** The smallest block size, in bytes. */
  public static final int MIN_BLOCK_SIZE = 512;

  /** The largest block size, in bytes. */
  public static final int MAX_BLOCK_SIZE = 65_536;

  /** Checks every component against its range. */
  public Geometry {
    requirePowerOfTwo("blockSize", blockSize);
    if (blockSize < MIN_BLOCK_SIZE || blockSize > MAX_BLOCK_SIZE) {
      throw new IllegalArgumentException(
          "blockSize " + blockSize + " is not within " + MIN_BLOCK_SIZE + ".." + MAX_BLOCK_SIZE);
    }
    if (blockCount < 1 || blockCount > Long.MAX_VALUE / blockSize) {
      throw new IllegalArgumentException(
          "blockCount " + blockCount + " is not within 1.." + Long.MAX_VALUE / blockSize);
    }
    requirePowerOfTwo("physicalBlockSize", physicalBlockSize);
    if (physicalBlockSize < blockSize || physicalBlockSize / blockSize > 32_768) {
      throw new IllegalArgumentException(
          "physicalBlockSize "
              + physicalBlockSize
              + " is not within 1..32768 blocks of "
              + blockSize);
    }
    requireBlocks("optimalTransferLength", optimalTransferLength, 0, blockSize);
    requireBlocks("deallocationGranularity", deallocationGranularity, blockSize, blockSize);
  }

  /** A device whose physical blocks are its logical ones, without preferences. */
  public static Geometry of(int blockSize, long blockCount) {
    return new Geometry(blockSize, blockCount, blockSize, 0, blockSize);
  }

  /**
   * A device of a size in bytes.
   *
   * @param size bytes; must be a multiple of {@code blockSize}
   */
  public static Geometry ofSize(long size, int blockSize) {
    requirePowerOfTwo("blockSize", blockSize);
    if (size % blockSize != 0) {
      throw new IllegalArgumentException(
          "size " + size + " is not a multiple of the block size " + blockSize);
    }
    return of(blockSize, size / blockSize);
  }

  /** Bytes on the device. */
  public long size() {
    return blockCount * blockSize;
  }

  /** The same with another physical block size, in bytes. */
  public Geometry withPhysicalBlockSize(int bytes) {
    return new Geometry(
        blockSize, blockCount, bytes, optimalTransferLength, deallocationGranularity);
  }

  /** The same with another number of blocks. */
  public Geometry withBlockCount(long blocks) {
    return new Geometry(
        blockSize, blocks, physicalBlockSize, optimalTransferLength, deallocationGranularity);
  }

  /** The same with another preferred length of a call, in bytes. */
  public Geometry withOptimalTransferLength(int bytes) {
    return new Geometry(blockSize, blockCount, physicalBlockSize, bytes, deallocationGranularity);
  }

  /** The same with another granularity of deallocation, in bytes. */
  public Geometry withDeallocationGranularity(int bytes) {
    return new Geometry(blockSize, blockCount, physicalBlockSize, optimalTransferLength, bytes);
  }

  private static void requirePowerOfTwo(String name, int value) {
    if (Integer.bitCount(value) != 1 || value < 0) {
      throw new IllegalArgumentException(name + " " + value + " is not a power of two");
    }
  }

  private static void requireBlocks(String name, int value, int minimum, int blockSize) {
    if (value < minimum || value % blockSize != 0) {
      throw new IllegalArgumentException(
          name
              + " "
              + value
              + " is not a multiple of the block size "
              + blockSize
              + " from "
              + minimum);
    }
  }
}
