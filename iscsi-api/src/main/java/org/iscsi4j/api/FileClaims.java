package org.iscsi4j.api;

import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files that this process has open as devices. Static, because what it stands in for is: POSIX
 * gives a file's locks to the process and drops them all when any descriptor of the file is closed,
 * so a second device must be refused before it opens the file, or refusing it would unlock the
 * first.
 */
final class FileClaims {

  private static final Set<Object> CLAIMED = ConcurrentHashMap.newKeySet();

  private FileClaims() {}

  /**
   * Claims a file for one device.
   *
   * @param key equal for equal files, whatever the path to them
   */
  static void claim(Path path, Object key) throws FileSystemException {
    if (!CLAIMED.add(key)) {
      throw new FileSystemException(
          path.toString(), null, "is open as a device in this program already; share that device");
    }
  }

  static void release(Object key) {
    CLAIMED.remove(key);
  }
}
