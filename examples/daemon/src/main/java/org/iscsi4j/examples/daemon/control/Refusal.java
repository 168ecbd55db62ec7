package org.iscsi4j.examples.daemon.control;

import java.util.List;

/** A command that is not carried out, with the reason for the client. */
final class Refusal extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  Refusal(String reason) {
    this(reason, List.of());
  }

  /** With more than fits one line, which the JSON form tells. */
  Refusal(String reason, List<String> problems) {
    super(reason);
    this.problems = problems;
  }

  static Refusal parameters(String why) {
    return new Refusal("invalid parameters: " + why);
  }

  static Refusal noTarget() {
    return new Refusal("no target");
  }

  List<String> problems() {
    return problems;
  }
}
