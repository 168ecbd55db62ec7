package org.iscsi4j.examples.daemon.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What istgtcontrol.conf says: where a daemon's control channel is, who its client is there, and
 * what commands are about unless they say otherwise.
 *
 * @param timeout for each answer; 0 for as long as it takes
 * @param method how to prove who one is
 * @param account as whom; empty for nobody
 * @param host name or address
 * @param targetName a target, or ALL
 * @param lun 0 to 16,383
 * @param flags of a medium to load, as {@link MediumSpec.MediumFlags#parse} reads them
 * @param size of a medium to load, as {@link MediumSize#parse} reads it
 * @param socket our own key Socket: a Unix-domain socket to use instead of host and port
 */
public record ControlClientConfig(
    Duration timeout,
    AuthRule.Method method,
    Optional<Account> account,
    String host,
    int port,
    Optional<String> targetName,
    int lun,
    String flags,
    String size,
    Optional<Path> socket) {

  /** The port of a control channel, by istgt's samples. */
  public static final int DEFAULT_PORT = 3261;

  /** What holds without a file. */
  public static final ControlClientConfig DEFAULTS =
      new ControlClientConfig(
          Duration.ofSeconds(60),
          AuthRule.Method.AUTO,
          Optional.empty(),
          "localhost",
          DEFAULT_PORT,
          Optional.empty(),
          0,
          "ro",
          "auto",
          Optional.empty());
}
