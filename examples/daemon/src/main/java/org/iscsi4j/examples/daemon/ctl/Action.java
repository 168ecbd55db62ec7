package org.iscsi4j.examples.daemon.ctl;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the client can ask for, by the names of the control channel's commands. */
enum Action {
  NOOP(About.NOTHING, ""),
  VERSION(About.NOTHING, ""),
  LIST(About.ANYTHING, ""),
  INFO(About.TARGETS, ""),
  LOAD(About.UNIT, ""),
  UNLOAD(About.UNIT, ""),
  CHANGE(About.UNIT, "FILE"),
  RESET(About.UNIT, ""),
  REFRESH(About.NOTHING, ""),
  QUIT(About.NOTHING, ""),
  SESSIONS(About.TARGETS, ""),
  CLOSE(About.NOTHING, "SESSION"),
  ADD(About.UNIT, "DEVICE"),
  REMOVE(About.UNIT, ""),
  RESIZE(About.UNIT, "SIZE"),
  STATS(About.ANYTHING, ""),
  RESERVATIONS(About.ANYTHING, ""),
  TRACE(About.NOTHING, "[AREAS]");

  private final About about;
  private final String argument;

  /** Which of the options -t and -l it goes by. */
  enum About {
    NOTHING,
    /** One target, or all. */
    TARGETS,
    /** One target, or all; or one unit. */
    ANYTHING,
    /** One unit, LUN 0 unless something else is said. */
    UNIT
  }

  Action(About about, String argument) {
    this.about = about;
    this.argument = argument;
  }

  About about() {
    return about;
  }

  /** What is to stand behind the command; in brackets when it may. */
  String argument() {
    return argument;
  }

  boolean takes(int arguments) {
    return argument.startsWith("[") ? arguments <= 1 : arguments == (argument.isEmpty() ? 0 : 1);
  }

  /** Whether istgt's daemon knows it, too. */
  boolean knownToIstgt() {
    return ordinal() <= QUIT.ordinal();
  }

  static Optional<Action> of(String text) {
    return Arrays.stream(values()).filter(each -> each.name().equalsIgnoreCase(text)).findFirst();
  }

  static String names() {
    return Arrays.stream(values()).map(Action::toString).collect(Collectors.joining(", "));
  }

  /** As users write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
