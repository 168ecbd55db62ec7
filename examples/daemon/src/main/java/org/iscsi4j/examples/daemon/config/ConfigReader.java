package org.iscsi4j.examples.daemon.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads istgt's configuration files. Relative paths in them begin where the file is. What is absent
 * has istgt's default.
 *
 * @param unknownKeys what keys are that nobody knows
 */
public record ConfigReader(UnknownKeys unknownKeys) {

  /** Where istgt.conf is unless somebody says otherwise. */
  public static final Path DAEMON_FILE = Path.of("/etc/istgt/istgt.conf");

  /** Where istgtcontrol.conf is unless somebody says otherwise. */
  public static final Path CONTROL_CLIENT_FILE = Path.of("/etc/istgt/istgtcontrol.conf");

  /**
   * Reads istgt.conf, and checks auth.conf when it names one of its groups.
   *
   * @throws ConfigException with all that is wrong, when one of the two can't be read or used
   */
  public Checked<DaemonConfig> daemon(Path file) throws ConfigException {
    Problems problems = Problems.of(file);
    DaemonReader reader = new DaemonReader(problems, unknownKeys);
    DaemonConfig config = reader.read();
    Problems secrets = Problems.ofSecrets(config.global().authFile());
    new AuthFileCheck(problems, secrets).check(reader.references(), unknownKeys);
    return checked(config, problems, secrets);
  }

  /**
   * Reads istgtcontrol.conf.
   *
   * @throws ConfigException with all that is wrong, when it can't be read or used
   */
  public Checked<ControlClientConfig> controlClient(Path file) throws ConfigException {
    Problems problems = Problems.ofSecrets(file);
    return checked(ControlClientReader.read(problems, unknownKeys), problems);
  }

  private static <T> Checked<T> checked(T value, Problems... files) throws ConfigException {
    List<Problem> found = new ArrayList<>();
    boolean refused = false;
    for (Problems problems : files) {
      found.addAll(problems.inOrder());
      refused |= problems.refused();
    }
    if (refused) {
      throw new ConfigException(found);
    }
    return new Checked<>(value, List.copyOf(found));
  }
}
