package org.iscsi4j.api;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Asks from another process whether a file can be locked. */
public final class LockProbe {

  private LockProbe() {}

  /**
   * Prints {@code free} or {@code locked}. Arguments: the file, and {@code shared} or {@code
   * exclusive}.
   */
  public static void main(String[] args) throws IOException {
    boolean shared = args[1].equals("shared");
    try (FileChannel file =
            FileChannel.open(Path.of(args[0]), StandardOpenOption.READ, StandardOpenOption.WRITE);
        var lock = file.tryLock(0, Long.MAX_VALUE, shared)) {
      System.out.print(lock == null ? "locked" : "free");
    }
  }

  static String ask(Path file, String mode) throws IOException, URISyntaxException {
    String name = LockProbe.class.getName();
    Path classFile =
        Path.of(Objects.requireNonNull(LockProbe.class.getResource("LockProbe.class")).toURI());
    Path classes = classFile;
    for (int i = 0; i < name.split("\\.").length; i++) {
      classes = classes.getParent();
    }
    String java =
        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
    Process process =
        new ProcessBuilder(
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classes.toString(),
                name,
                file.toString(),
                mode)
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
