package org.iscsi4j.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A disk that is a block device of this machine, such as a whole disk, a partition or a logical
 * volume. Linux only; needs the right to open the node.
 *
 * <pre>{@code
 * RawDevice disk = RawDevice.open(Path.of("/dev/sdb"));
 * }</pre>
 *
 * <p>Size and block sizes are the kernel's. The device has no deallocation, because Java can't ask
 * the kernel to discard. Reading, writing, locking, interrupts and errors are as for {@link
 * FileDevice}; the lock keeps out only those who look for it, so a device that is mounted, swapped
 * to, or part of another is refused unless it is opened read-only. That look around can't see
 * mounts in other namespaces (containers), the second and further devices of a btrfs or ZFS file
 * system, nor other machines that reach the same disk.
 */
public final class RawDevice implements BlockDevice {

  private final OpenFile file;
  private final Geometry geometry;
  private final Capabilities capabilities;

  private RawDevice(OpenFile file, Geometry geometry, boolean rotational) {
    this.file = file;
    this.geometry = geometry;
    capabilities =
        Capabilities.DEFAULT
            .withBlocking(Blocking.BRIEFLY)
            .withReadOnly(file.readOnly())
            .withRotationRate(rotational ? 0 : 1);
  }

  /** Opens a node as a writable disk with the kernel's block sizes. */
  public static RawDevice open(Path path) throws IOException {
    return builder(path).open();
  }

  /** Starts from a writable disk with the kernel's block sizes. */
  public static Builder builder(Path path) {
    return new Builder(path);
  }

  /** Whether a path leads to something that {@link #open} takes and {@link FileDevice} does not. */
  public static boolean isBlockDevice(Path path) {
    return BlockNode.isBlockDevice(path);
  }

  @Override
  public Geometry geometry() {
    return geometry;
  }

  @Override
  public Capabilities capabilities() {
    return capabilities;
  }

  @Override
  public void read(long offset, ByteBuffer into) throws IOException {
    file.read(offset, into);
  }

  @Override
  public void write(long offset, ByteBuffer from) throws IOException {
    file.write(offset, from);
  }

  @Override
  public void flush() throws IOException {
    file.force();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  @Override
  public String toString() {
    return "RawDevice[" + file.path() + "]";
  }

  /** Collects the settings of a raw device. Not thread-safe. */
  public static final class Builder {
    private final Path path;
    private OptionalInt blockSize = OptionalInt.empty();
    private OptionalInt physicalBlockSize = OptionalInt.empty();
    private boolean readOnly;

    private Builder(Path path) {
      this.path = Objects.requireNonNull(path, "path");
    }

    /**
     * Bytes in a logical block, in the range of {@link Geometry#blockSize}, if not the kernel's.
     */
    public Builder blockSize(int bytes) {
      blockSize = OptionalInt.of(bytes);
      return this;
    }

    /**
     * Bytes in a physical block, in the range of {@link Geometry#physicalBlockSize}, if not the
     * kernel's.
     */
    public Builder physicalBlockSize(int bytes) {
      physicalBlockSize = OptionalInt.of(bytes);
      return this;
    }

    /** Refuses writes. */
    public Builder readOnly() {
      readOnly = true;
      return this;
    }

    /**
     * Opens the node.
     *
     * @throws IllegalArgumentException when a setting is out of range
     * @throws IOException when the path is no block device, the device is in use or read-only, or
     *     its size is no whole number of blocks
     */
    public RawDevice open() throws IOException {
      return open(BlockNode.at(path));
    }

    /** As {@link #open()}, for a node that was found already. */
    RawDevice open(BlockNode node) throws IOException {
      if (!readOnly) {
        node.requireUnused();
        if (node.readOnly()) {
          throw refused("is read-only; open it read-only");
        }
      }
      OpenFile file = OpenFile.open(path, node.number(), readOnly);
      try {
        return new RawDevice(file, geometry(node, file.size()), node.rotational());
      } catch (IOException | RuntimeException e) {
        file.close();
        throw e;
      }
    }

    private Geometry geometry(BlockNode node, long size) throws IOException {
      int block = blockSize.orElse(node.logicalBlockSize());
      int physical = physicalBlockSize.orElse(Math.max(block, node.physicalBlockSize()));
      if (size == 0) {
        throw refused("has no medium");
      }
      if (size % block != 0) {
        throw refused("is " + size + " bytes long, no multiple of the block size " + block);
      }
      long optimal = node.optimalIoSize();
      boolean usable = optimal % block == 0 && optimal <= Integer.MAX_VALUE;
      return Geometry.ofSize(size, block)
          .withPhysicalBlockSize(physical)
          .withOptimalTransferLength(usable ? (int) optimal : 0);
    }

    private FileSystemException refused(String reason) {
      return new FileSystemException(path.toString(), null, reason);
    }
  }
}
