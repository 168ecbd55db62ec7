package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged daemon as a process of its own, as users run it. */
final class DaemonProcess implements AutoCloseable {

  /** Signal 2 in a mask of signals. */
  private static final int SIGINT = 1 << 1;

  static final Path JAR =
      Path.of(System.getProperty("iscsi4j.daemon.jar", "target/iscsi-daemon.jar"));
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path folder;
  private final Process process;

  private DaemonProcess(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  /** What a process left behind that has ended. */
  record Ended(int status, String out, String err, Duration took) {}

  /** Runs the daemon until it ends by itself. */
  static Ended run(String... arguments) throws IOException, InterruptedException {
    try (DaemonProcess daemon = launch(List.of(arguments))) {
      return daemon.waitForEnd();
    }
  }

  /** Serves on a free port of loopback, and returns when the daemon says it is ready. */
  static DaemonProcess serve(String... arguments) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("serve", "--listen", "127.0.0.1:0"));
    all.addAll(List.of(arguments));
    return ready(launch(all));
  }

  /** As {@link #serve}, on portals among the arguments. */
  static DaemonProcess serveOn(String... arguments) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("serve"));
    all.addAll(List.of(arguments));
    return ready(launch(all));
  }

  /** As {@link #serve}, with a heap of so many MiB. */
  static DaemonProcess serveInHeap(int megabytes, String... arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("serve", "--listen", "127.0.0.1:0"));
    all.addAll(List.of(arguments));
    return ready(launch(List.of("-Xmx" + megabytes + "m"), all));
  }

  private static DaemonProcess launch(List<String> arguments) throws IOException {
    return launch(List.of(), arguments);
  }

  private static DaemonProcess launch(List<String> options, List<String> arguments)
      throws IOException {
    assertThat(JAR).as("the daemon's jar, made by mvn package").exists();
    Path folder = Files.createTempDirectory("iscsi-daemon");
    List<String> command = new ArrayList<>(List.of(JAVA.toString()));
    command.addAll(options);
    command.addAll(List.of("-jar", JAR.toString()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    return new DaemonProcess(folder, process);
  }

  private static DaemonProcess ready(DaemonProcess daemon)
      throws IOException, InterruptedException {
    daemon.await("get ready", daemon::isReady);
    return daemon;
  }

  /** Waits until the log says something; it is quiet without {@code -v}. */
  void awaitLog(String words) throws IOException, InterruptedException {
    await("log '" + words + "'", () -> err().contains(words));
  }

  /** What a file of the process may show in a moment. */
  @FunctionalInterface
  private interface Sign {
    boolean there() throws IOException;
  }

  private void await(String what, Sign sign) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!sign.there()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        String err = err();
        close();
        throw new AssertionError("the daemon did not " + what + ": " + err);
      }
      Thread.sleep(10); // files of another process tell nobody that they have grown
    }
  }

  private boolean isReady() throws IOException {
    String out = out();
    return out.contains("Ready") && out.endsWith("\n");
  }

  /** Where the disks are: every portal's in turn, LUN 0 first. */
  List<String> uris() throws IOException {
    return out().lines().takeWhile(line -> !line.isEmpty()).toList();
  }

  /** Where LUN 0 is. */
  String uri() throws IOException {
    return uris().get(0);
  }

  String out() throws IOException {
    return Files.readString(folder.resolve("out"));
  }

  String err() throws IOException {
    return Files.readString(folder.resolve("err"));
  }

  boolean alive() {
    return process.isAlive();
  }

  /** SIGTERM. */
  Ended terminate() throws IOException, InterruptedException {
    process.destroy();
    return waitForEnd();
  }

  /** Whether SIGINT is not ignored, as children of a background job inherit it. */
  boolean heedsInterrupts() throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    if (!Files.exists(status)) {
      return true;
    }
    String ignored =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElseThrow();
    return (Long.parseUnsignedLong(ignored.substring(7).trim(), 16) & SIGINT) == 0;
  }

  /** SIGINT, as Ctrl-C sends it. */
  Ended interrupt() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    return waitForEnd();
  }

  private Ended waitForEnd() throws IOException, InterruptedException {
    long start = System.nanoTime();
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("has ended").isTrue();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return new Ended(process.exitValue(), out(), err(), took);
  }

  /** Ends the process, if need be by force, and removes what it wrote. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Files.deleteIfExists(folder.resolve("out"));
      Files.deleteIfExists(folder.resolve("err"));
      Files.deleteIfExists(folder);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
