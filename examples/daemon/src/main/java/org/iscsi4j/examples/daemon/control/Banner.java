package org.iscsi4j.examples.daemon.control;

import java.util.Optional;

/** How the daemon introduces itself. */
public final class Banner {

  private static final String OURS = "(iscsi4j)";

  /** As VERSION tells it; what is in the brackets is the date of a release with istgt. */
  static final String VERSION =
      Optional.ofNullable(Banner.class.getPackage().getImplementationVersion()).orElse("unpackaged")
          + " "
          + OURS;

  private static final String START = "iSCSI Target Controller version ";

  private Banner() {}

  static String greeting(String server, String client) {
    return START + VERSION + " on " + server + " from " + client;
  }

  /** Whether a line is the greeting of a control channel, istgt's or this one's. */
  public static boolean isGreeting(String line) {
    return line.startsWith(START);
  }

  /** Whether it is that of a daemon that knows what goes beyond istgt. */
  public static boolean isOwn(String greeting) {
    return greeting.contains(" " + OURS + " on ");
  }
}
