package org.iscsi4j.api;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;

/**
 * A file that one device has to itself, read and written by position: claimed in this process and
 * locked against others (shared when read-only).
 *
 * <p>Interrupting a thread in a {@link FileChannel} closes the channel for everyone. Here the call
 * goes on all the same, over a channel that is opened and locked anew, and the thread keeps its
 * interrupt status. {@code channel} and {@code closed} change under this object's monitor.
 */
final class OpenFile implements Closeable {

  /** Something to do with the channel, of which a part may have been done when it closed. */
  interface Call<A> {
    long on(FileChannel channel, A argument, long number) throws IOException;
  }

  // the number is where byte 0 of the buffer belongs, so that a part done before is not done again
  private static final Call<ByteBuffer> READ =
      (channel, into, base) -> channel.read(into, base + into.position());
  private static final Call<ByteBuffer> WRITE =
      (channel, from, base) -> channel.write(from, base + from.position());
  private static final Call<Path> FORCE =
      (channel, path, unused) -> {
        channel.force(false);
        return 0;
      };

  private final Path path;
  private final Object key;
  private final boolean readOnly;

  /** What the path led to when it was opened; empty where the file system can't tell. */
  private final Optional<Object> opened;

  private volatile FileChannel channel;
  private boolean closed;

  private OpenFile(Path path, Object key, boolean readOnly) throws IOException {
    this.path = path;
    this.key = key;
    this.readOnly = readOnly;
    this.channel = openAndLock();
    try {
      this.opened = identity(path);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Opens an existing file.
   *
   * @param key equal for equal files, whatever the path to them
   */
  static OpenFile open(Path path, Object key, boolean readOnly) throws IOException {
    FileClaims.claim(path, key);
    try {
      return new OpenFile(path, key, readOnly);
    } catch (IOException | RuntimeException e) {
      FileClaims.release(key);
      throw e;
    }
  }

  Path path() {
    return path;
  }

  boolean readOnly() {
    return readOnly;
  }

  void read(long offset, ByteBuffer into) throws IOException {
    long base = offset - into.position();
    try {
      while (into.hasRemaining()) {
        if (call(READ, into, base) < 0) {
          throw new IOException("the file ends there");
        }
      }
    } catch (IOException e) {
      throw FileFaults.ofRead(path, base + into.position(), e);
    }
  }

  void write(long offset, ByteBuffer from) throws IOException {
    long base = offset - from.position();
    try {
      while (from.hasRemaining()) {
        call(WRITE, from, base);
      }
    } catch (IOException e) {
      throw FileFaults.ofWrite(path, base + from.position(), e);
    }
  }

  /** Makes the bytes durable, and of the metadata what is needed to find them. */
  void force() throws IOException {
    try {
      call(FORCE, path, 0);
    } catch (IOException e) {
      throw FileFaults.ofWrite(path, BlockDeviceException.UNKNOWN_OFFSET, e);
    }
  }

  long size() throws IOException {
    return call((open, unused, zero) -> open.size(), path, 0);
  }

  /** Makes the file longer by a hole. */
  void extend(long newSize) throws IOException {
    write(newSize - 1, ZeroWriter.zeroes(1));
  }

  /** Makes the file shorter, if it is not already. */
  void truncate(long newSize) throws IOException {
    call((open, unused, size) -> open.truncate(size).size(), path, newSize);
  }

  /** Makes a call, and makes it again when an interrupt closed the channel. */
  <A> long call(Call<A> call, A argument, long number) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        FileChannel current = channel;
        try {
          return call.on(current, argument, number);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          replace(current);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      channel.close();
      FileClaims.release(key);
    }
  }

  /** Fails once the file is closed. */
  synchronized void requireOpen() throws BlockDeviceException {
    if (closed) {
      throw notReady(path + " is closed", null);
    }
  }

  private synchronized void replace(FileChannel dead) throws IOException {
    requireOpen();
    if (channel != dead) {
      return;
    }
    // waits for the thread that is closing it, whose last step would take away the new lock
    dead.close();
    try {
      channel = openAgain();
    } catch (IOException e) {
      throw notReady(path + " can't be opened again after an interrupt: " + e.getMessage(), e);
    }
  }

  /** The path may lead elsewhere by now, and a disk must not turn into another. */
  private FileChannel openAgain() throws IOException {
    FileChannel fresh = openAndLock();
    try {
      if (!identity(path).equals(opened)) {
        throw new FileSystemException(path.toString(), null, "is another file now");
      }
      return fresh;
    } catch (IOException | RuntimeException e) {
      fresh.close();
      throw e;
    }
  }

  /** Of a device the number, since its node may be made anew; of a file the key. */
  private static Optional<Object> identity(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    return Optional.ofNullable(
        attributes.isOther() && path.getFileSystem().supportedFileAttributeViews().contains("unix")
            ? Files.getAttribute(path, "unix:rdev")
            : attributes.fileKey());
  }

  private FileChannel openAndLock() throws IOException {
    FileChannel fresh = openChannel();
    try {
      if (fresh.tryLock(0, Long.MAX_VALUE, readOnly) == null) {
        throw new FileSystemException(path.toString(), null, "is locked by another process");
      }
      return fresh;
    } catch (OverlappingFileLockException e) {
      fresh.close();
      throw (IOException)
          new FileSystemException(path.toString(), null, "is locked by this program itself")
              .initCause(e);
    } catch (IOException | RuntimeException e) {
      fresh.close();
      throw e;
    }
  }

  private FileChannel openChannel() throws IOException {
    Set<? extends OpenOption> options =
        readOnly
            ? Set.of(StandardOpenOption.READ)
            : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      return FileChannel.open(path, options);
    } catch (AccessDeniedException e) {
      throw (IOException)
          new AccessDeniedException(
                  path.toString(),
                  null,
                  readOnly ? "no right to read" : "no right to write; open it read-only")
              .initCause(e);
    }
  }

  private static BlockDeviceException notReady(String message, IOException cause) {
    return new BlockDeviceException(
        BlockDeviceException.Kind.NOT_READY, BlockDeviceException.UNKNOWN_OFFSET, message, cause);
  }
}
