package org.iscsi4j.examples.daemon;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the daemon when the process is told to end, by SIGTERM or Ctrl-C. */
final class ShutdownHook {

  private static final Logger log = LoggerFactory.getLogger(ShutdownHook.class);

  private ShutdownHook() {}

  static void install(Daemon daemon) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(daemon), "shutdown"));
  }

  /**
   * A JVM that ends by a signal exits with 128 plus its number, whatever its hooks did. For a
   * daemon that stopped as it was asked to the status is 0, so that a service manager doesn't
   * report a failure; halting at the end of the hook is the one supported way to say so. Everything
   * is closed by then, and no other hook has anything to lose.
   */
  private static void end(Daemon daemon) {
    int status = 0;
    try {
      daemon.close();
    } catch (IOException | RuntimeException e) {
      log.error("not everything could be closed", e);
      status = 1;
    }
    Runtime.getRuntime().halt(status);
  }
}
