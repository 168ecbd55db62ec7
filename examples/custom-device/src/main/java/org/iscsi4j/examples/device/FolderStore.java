package org.iscsi4j.examples.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Objects as files in a folder. */
public final class FolderStore implements ObjectStore {

  private final Path folder;

  /** A store in a folder, which is made when it is missing. */
  public FolderStore(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  @Override
  public Optional<byte[]> get(long number) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(file(number)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The old object is there until the new one is whole. */
  @Override
  public void put(long number, byte[] object) throws IOException {
    Path whole = folder.resolve("new");
    Files.write(
        whole,
        object,
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.DSYNC);
    Files.move(whole, file(number), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path file(long number) {
    return folder.resolve(Long.toString(number));
  }
}
