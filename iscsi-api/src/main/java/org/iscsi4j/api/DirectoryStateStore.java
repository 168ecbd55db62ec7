package org.iscsi4j.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A file for each name. What a crash leaves half written has another suffix and is ignored. */
final class DirectoryStateStore implements StateStore {

  private static final String SUFFIX = ".state";
  private static final String UNFINISHED = ".new";

  private final Path directory;

  DirectoryStateStore(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  @Override
  public Optional<byte[]> load(String name) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(file(name, SUFFIX)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public synchronized void save(String name, byte[] value) throws IOException {
    Path file = file(name, SUFFIX);
    if (value.length == 0) {
      Files.deleteIfExists(file);
    } else {
      Path unfinished = file(name, UNFINISHED);
      write(unfinished, value);
      replace(unfinished, file);
    }
    forceDirectory();
  }

  private Path file(String name, String suffix) {
    return directory.resolve(StateNames.check(name) + suffix);
  }

  private static void write(Path file, byte[] value) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(value);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
  }

  private static void replace(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("the file system of " + to + " can't replace a file at once", e);
    }
  }

  /** Makes the rename durable, where a directory can be forced at all. */
  private void forceDirectory() {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // not every system opens directories; the file itself is whole in any case
      return;
    }
  }
}
