package org.iscsi4j.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A disk in a regular file that is mapped into memory: as {@link FileDevice}, with the same
 * settings, but reading and writing copy from and to memory without a system call.
 *
 * <pre>{@code
 * MappedFileDevice disk = FileDevice.builder(Path.of("disk.img")).openMapped();
 * }</pre>
 *
 * <p>Worth it for files that mostly fit the page cache. Storage for a sparse file is found when a
 * page is first touched, so a full file system and a file that someone made shorter show as faults
 * of memory; both become the {@link BlockDeviceException} that they are for {@link FileDevice}. The
 * mapping outlives {@link #close} until the garbage collector finds it, which on Windows keeps the
 * file from being deleted or made smaller.
 */
public final class MappedFileDevice extends LocalFileDevice {

  private final MappedSegments segments;

  MappedFileDevice(ImageFile image) throws IOException {
    super(image);
    segments = new MappedSegments(image.file(), image.geometry().size());
  }

  /** Opens an existing file as a writable disk with blocks of 512 bytes. */
  public static MappedFileDevice open(Path path) throws IOException {
    return FileDevice.builder(path).openMapped();
  }

  @Override
  public void read(long offset, ByteBuffer into) throws IOException {
    try {
      segments.read(offset, into);
    } catch (InternalError | IndexOutOfBoundsException e) {
      file().requireOpen();
      throw FileFaults.ofRead(file().path(), offset, e);
    }
  }

  @Override
  public void flush() throws IOException {
    file().requireOpen();
    segments.force();
  }

  @Override
  public void close() throws IOException {
    try {
      super.close();
    } finally {
      segments.release();
    }
  }

  @Override
  void store(long offset, ByteBuffer from) throws IOException {
    try {
      segments.write(offset, from);
    } catch (InternalError | IndexOutOfBoundsException e) {
      file().requireOpen();
      throw FileFaults.ofWrite(file().path(), offset, e);
    }
  }

  @Override
  void sizeChanged(long newSize) throws IOException {
    segments.resize(newSize);
  }
}
