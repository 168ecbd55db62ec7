package org.iscsi4j.examples.daemon;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** Words for what went wrong, where the JDK's exceptions only name a file. */
public final class Failures {

  private Failures() {}

  /** One line of words. */
  public static String describe(IOException failure) {
    if (failure instanceof NoSuchFileException missing && missing.getReason() == null) {
      return missing.getFile() + ": no such file";
    }
    if (failure instanceof AccessDeniedException denied && denied.getReason() == null) {
      return denied.getFile() + ": permission denied";
    }
    if (failure instanceof FileSystemException other && other.getReason() != null) {
      return other.getFile() + ": " + other.getReason();
    }
    return Objects.requireNonNullElse(failure.getMessage(), failure.toString());
  }
}
