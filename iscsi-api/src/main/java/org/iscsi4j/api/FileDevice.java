package org.iscsi4j.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A disk in a regular file, byte for byte:
 *
 * <pre>{@code
 * FileDevice disk = FileDevice.open(Path.of("disk.img"));
 * FileDevice thin = FileDevice.builder(Path.of("new.img")).size(1L << 40).open();
 * }</pre>
 *
 * <p>Any number of threads read and write by position, through the page cache; {@link #flush} makes
 * what was written durable. A write that finds the file system full fails with {@link
 * BlockDeviceException.Kind#OUT_OF_SPACE}, a read beyond the end of a file that someone made
 * shorter with {@link BlockDeviceException.Kind#MEDIUM_ERROR}.
 *
 * <p>The disk is thin as initiators see it: what they deallocate reads as zeroes. Java has no way
 * to give that storage back to the file system, though, so a file only ever grows; what was never
 * written in a sparse file stays a hole.
 *
 * <p>The file is locked for as long as the device is open: exclusively, or shared when read-only.
 * One program opens a file as a device once, read-only or not; several logical units may share that
 * device. POSIX systems drop the lock when the program opens the file elsewhere and closes it
 * there.
 *
 * <p>Interrupting a thread in a call, which closes a Java file, does no harm: the file is opened
 * and locked again, the call ends well, and the thread stays interrupted. If another process locked
 * the file in between, or put another in its place, calls fail with {@link
 * BlockDeviceException.Kind#NOT_READY}.
 */
public final class FileDevice extends LocalFileDevice {

  private FileDevice(ImageFile image) throws IOException {
    super(image);
  }

  /** Opens an existing file as a writable disk with blocks of 512 bytes. */
  public static FileDevice open(Path path) throws IOException {
    return builder(path).open();
  }

  /** Starts from a writable disk with blocks of 512 bytes. */
  public static Builder builder(Path path) {
    return new Builder(path);
  }

  @Override
  public void read(long offset, ByteBuffer into) throws IOException {
    file().read(offset, into);
  }

  @Override
  public void flush() throws IOException {
    file().force();
  }

  @Override
  void store(long offset, ByteBuffer from) throws IOException {
    file().write(offset, from);
  }

  @Override
  void sizeChanged(long newSize) {}

  /** Collects the settings of a disk in a file, mapped into memory or not. Not thread-safe. */
  public static final class Builder {
    private final Path path;
    private OptionalLong size = OptionalLong.empty();
    private OptionalLong limit = OptionalLong.empty();
    private OptionalInt physicalBlockSize = OptionalInt.empty();
    private int blockSize = Geometry.MIN_BLOCK_SIZE;
    private boolean readOnly;

    private Builder(Path path) {
      this.path = Objects.requireNonNull(path, "path");
    }

    /**
     * The size of the disk. A missing or empty file is made that long, sparse, unless the disk is
     * read-only; any other file must be that long already.
     *
     * @param bytes a multiple of the block size, at least one block
     */
    public Builder size(long bytes) {
      size = OptionalLong.of(bytes);
      return this;
    }

    /** Bytes in a logical block, in the range of {@link Geometry#blockSize}; 512 when not given. */
    public Builder blockSize(int bytes) {
      blockSize = bytes;
      return this;
    }

    /**
     * Bytes in a physical block, in the range of {@link Geometry#physicalBlockSize}; one logical
     * block when not given.
     */
    public Builder physicalBlockSize(int bytes) {
      physicalBlockSize = OptionalInt.of(bytes);
      return this;
    }

    /**
     * The most of the file that may be used, so that writes fail with {@link
     * BlockDeviceException.Kind#OUT_OF_SPACE} as they do on a thin disk whose pool has run out;
     * they change nothing then, and what is in use can be written as before. What is deallocated
     * may be used again. A file that has data already is read once to find it when it is opened.
     *
     * @param bytes at least 64 KiB, and cut to a multiple; not for a read-only disk
     */
    public Builder limit(long bytes) {
      limit = OptionalLong.of(bytes);
      return this;
    }

    /** Refuses writes, and lets other processes read the file too. */
    public Builder readOnly() {
      readOnly = true;
      return this;
    }

    /**
     * Opens the file.
     *
     * @throws IllegalArgumentException when a setting is out of range
     * @throws IOException when the file is missing and no size is given, is no regular file, is not
     *     as long as the size given or no whole number of blocks, or is in use
     */
    public FileDevice open() throws IOException {
      return open(FileDevice::new);
    }

    /** As {@link #open}, but maps the file into memory. */
    public MappedFileDevice openMapped() throws IOException {
      return open(MappedFileDevice::new);
    }

    private <D> D open(Opening<D> opening) throws IOException {
      ImageFile image = openImage();
      try {
        return opening.open(image);
      } catch (IOException | RuntimeException e) {
        image.abandon();
        throw e;
      }
    }

    /** A kind of device over a file. */
    private interface Opening<D> {
      D open(ImageFile image) throws IOException;
    }

    private ImageFile openImage() throws IOException {
      Geometry shape =
          Geometry.ofSize(size.orElse(blockSize), blockSize)
              .withPhysicalBlockSize(physicalBlockSize.orElse(blockSize))
              .withDeallocationGranularity(GranuleMap.GRANULE);
      if (readOnly && limit.isPresent()) {
        throw new IllegalArgumentException("a read-only disk has no use for a limit");
      }
      Quota quota = Quota.of(limit, GranuleMap.GRANULE);
      return ImageFile.open(path, size, shape, readOnly, quota);
    }
  }
}
