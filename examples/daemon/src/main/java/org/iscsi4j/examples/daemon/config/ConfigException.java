package org.iscsi4j.examples.daemon.config;

import java.util.List;
import java.util.stream.Collectors;

/** Files that can't be served, with everything that is wrong in them. */
public final class ConfigException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /** One line a problem. */
  public ConfigException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** What is wrong, by file and line. */
  public List<Problem> problems() {
    return problems;
  }
}
