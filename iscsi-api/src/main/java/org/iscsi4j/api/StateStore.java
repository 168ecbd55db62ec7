package org.iscsi4j.api;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Keeps what a logical unit must not forget when the server ends: saved mode pages, reservations
 * that outlive a power loss, identifying information, an unfinished format or sanitize operation.
 * Small values under short names, which begin with the device identifier of the unit's {@link
 * Identity}: a unit that gets another identity has nothing saved.
 *
 * <p>Callable from any thread; callers of one name take turns. Calls may block, and are not made by
 * threads that serve connections.
 */
public interface StateStore {

  /**
   * The value last saved.
   *
   * @param name 1 to 100 characters out of letters, digits, {@code -}, {@code _} and {@code .}, of
   *     which the first is a letter or digit
   * @throws IOException when there is one and it can't be read
   */
  Optional<byte[]> load(String name) throws IOException;

  /**
   * Saves a value. When this returns it is durable as far as the store ever is, and whatever
   * happens meanwhile, {@link #load} gives either the old value or the new one, whole.
   *
   * @param value copied; an empty one forgets the name
   */
  void save(String name, byte[] value) throws IOException;

  /** A store that forgets everything when the program ends. */
  static StateStore inMemory() {
    return new MemoryStateStore();
  }

  /**
   * A file for each name in a directory, which is made when it is missing. A value is written
   * beside the old one, forced to the disk and put in its place by a rename.
   */
  static StateStore inDirectory(Path directory) throws IOException {
    return new DirectoryStateStore(directory);
  }
}
