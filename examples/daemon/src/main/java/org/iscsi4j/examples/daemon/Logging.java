package org.iscsi4j.examples.daemon;

/** How much is logged. */
final class Logging {

  /** Read by logback.xml. */
  private static final String LEVEL = "iscsi4j.log.level";

  private Logging() {}

  /** Sets the level from the number of {@code -v}; works before the first logger is made. */
  static void setUp(int verbosity) {
    if (verbosity > 0) {
      System.setProperty(LEVEL, verbosity == 1 ? "INFO" : "DEBUG");
    }
  }
}
