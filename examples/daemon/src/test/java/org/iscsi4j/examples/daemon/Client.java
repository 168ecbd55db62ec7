package org.iscsi4j.examples.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run of a real client's program, bounded in time.
 *
 * @param status the exit status, or {@link #TIMED_OUT}
 * @param output standard output and standard error
 */
public record Client(int status, String output) {

  /** The status of a client that had to be killed. */
  public static final int TIMED_OUT = -1;

  private static final Duration LIMIT = Duration.ofSeconds(60);

  public static Client run(String... command) throws IOException, InterruptedException {
    return run(LIMIT, Map.of(), List.of(command));
  }

  public static Client run(Duration limit, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile("client", ".log");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String output = Files.readString(log, StandardCharsets.ISO_8859_1);
      return new Client(ended ? process.exitValue() : TIMED_OUT, output);
    } finally {
      Files.delete(log);
    }
  }
}
