package org.iscsi4j.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Says what an exception of the file system means to an initiator. */
final class FileFaults {

  /** ENOSPC and EDQUOT. */
  private static final Set<String> NO_SPACE =
      Set.of("No space left on device", "Disk quota exceeded");

  private FileFaults() {}

  static BlockDeviceException ofRead(Path path, long offset, Throwable fault) {
    return fault instanceof BlockDeviceException known
        ? known
        : medium("reading " + path, offset, fault);
  }

  static BlockDeviceException ofWrite(Path path, long offset, Throwable fault) {
    if (fault instanceof BlockDeviceException known) {
      return known;
    }
    return isNoSpace(fault.getMessage()) || isFull(path)
        ? new BlockDeviceException(
            BlockDeviceException.Kind.OUT_OF_SPACE,
            offset,
            "no space is left in the file system of " + path,
            fault)
        : medium("writing " + path, offset, fault);
  }

  private static BlockDeviceException medium(String what, long offset, Throwable fault) {
    return new BlockDeviceException(
        BlockDeviceException.Kind.MEDIUM_ERROR,
        offset,
        what + " at byte " + offset + " failed: " + fault.getMessage(),
        fault);
  }

  private static boolean isNoSpace(String message) {
    return message != null && NO_SPACE.contains(message);
  }

  /** The message is in the language of the system, so that it does not settle the matter alone. */
  private static boolean isFull(Path path) {
    try {
      return Files.getFileStore(path).getUsableSpace() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
