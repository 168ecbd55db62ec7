package org.iscsi4j.api;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.OptionalLong;

/**
 * A regular file opened as the image of a disk.
 *
 * @param file open and locked
 * @param geometry of the disk, as long as the file
 * @param sparse whether the file is known to be one hole
 * @param made whether the file was made just now
 * @param quota how much of the file may be used
 */
record ImageFile(OpenFile file, Geometry geometry, boolean sparse, boolean made, Quota quota) {

  /**
   * Opens a file, or makes a missing or empty one when a size is given.
   *
   * @param shape the disk but for its size
   */
  static ImageFile open(Path path, OptionalLong size, Geometry shape, boolean readOnly, Quota quota)
      throws IOException {
    boolean made = size.isPresent() && !readOnly && createIfMissing(path);
    OpenFile file = open(path, readOnly, made);
    try {
      boolean sparse = file.size() == 0 && size.isPresent() && !readOnly;
      if (sparse) {
        file.extend(size.getAsLong());
      }
      long blocks = checkedSize(path, file.size(), size, shape) / shape.blockSize();
      return new ImageFile(file, shape.withBlockCount(blocks), sparse, made, quota);
    } catch (IOException | RuntimeException e) {
      abandon(file, made);
      throw e;
    }
  }

  private static OpenFile open(Path path, boolean readOnly, boolean made) throws IOException {
    try {
      return OpenFile.open(path, key(path, readOnly), readOnly);
    } catch (IOException | RuntimeException e) {
      // a file that is not empty any more belongs to whoever was quicker
      if (made && Files.size(path) == 0) {
        Files.deleteIfExists(path);
      }
      throw e;
    }
  }

  /** Closes the file, and leaves none behind that was not there before. */
  void abandon() throws IOException {
    abandon(file, made);
  }

  /** Deletes before it unlocks: afterwards the file may be another's. */
  private static void abandon(OpenFile file, boolean made) throws IOException {
    try (file) {
      if (made) {
        Files.deleteIfExists(file.path());
      }
    }
  }

  private static boolean createIfMissing(Path path) throws IOException {
    try {
      // sparse must be said on file systems where files are not so by themselves
      FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.SPARSE,
              StandardOpenOption.WRITE)
          .close();
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (NoSuchFileException e) {
      throw missing(path, "no such directory to make it in", e);
    }
  }

  private static long checkedSize(Path path, long actual, OptionalLong wanted, Geometry shape)
      throws FileSystemException {
    if (wanted.isPresent() && wanted.getAsLong() != actual) {
      throw refused(path, "is " + actual + " bytes long, not " + wanted.getAsLong() + " as given");
    }
    if (actual == 0) {
      throw refused(path, "is empty; give a size");
    }
    if (actual % shape.blockSize() != 0) {
      throw refused(
          path, "is " + actual + " bytes long, no multiple of the block size " + shape.blockSize());
    }
    return actual;
  }

  /** The same for every path to a file, where the file system can tell. */
  private static Object key(Path path, boolean readOnly) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        throw refused(path, "is no regular file");
      }
      return attributes.fileKey() != null ? attributes.fileKey() : path.toRealPath();
    } catch (NoSuchFileException e) {
      throw missing(path, readOnly ? "no such file" : "no such file; give a size to make it", e);
    }
  }

  private static IOException missing(Path path, String reason, IOException cause) {
    return (IOException) new NoSuchFileException(path.toString(), null, reason).initCause(cause);
  }

  private static FileSystemException refused(Path path, String reason) {
    return new FileSystemException(path.toString(), null, reason);
  }
}
