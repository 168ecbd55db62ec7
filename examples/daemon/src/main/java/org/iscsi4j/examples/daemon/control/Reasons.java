package org.iscsi4j.examples.daemon.control;

import java.io.IOException;
import java.util.Objects;
import org.iscsi4j.examples.daemon.Failures;

/** What went wrong, for a client: one line. */
final class Reasons {

  private Reasons() {}

  static String of(Exception failure) {
    return Words.oneLine(
        failure instanceof IOException storage
            ? Failures.describe(storage)
            : Objects.requireNonNullElse(failure.getMessage(), failure.toString()));
  }
}
