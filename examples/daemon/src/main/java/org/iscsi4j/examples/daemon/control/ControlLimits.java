package org.iscsi4j.examples.daemon.control;

import java.time.Duration;

/**
 * What clients of the control channel may cost.
 *
 * @param clients over TCP at once; as many again over the Unix-domain socket
 * @param silence the longest time for a line to come or a reply to be taken, and for a client to
 *     prove who it is
 * @param failures answers to challenges that may be wrong before the client is left
 * @param penalty wait before a wrong answer is told, which makes guessing slow
 */
public record ControlLimits(int clients, Duration silence, int failures, Duration penalty) {

  /** For a daemon. */
  public static final ControlLimits DEFAULT =
      new ControlLimits(32, Duration.ofSeconds(60), 3, Duration.ofMillis(500));

  /** Bytes of a line. */
  public static final int LINE_BYTES = 4096;

  /** Lines of a client that has to prove who it is, and has not. */
  static final int STRANGER_LINES = 16;
}
