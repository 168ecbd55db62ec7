package org.iscsi4j.examples.daemon.control;

import java.io.IOException;
import java.util.List;
import org.iscsi4j.examples.daemon.config.ConfigException;

/**
 * A command of the control channel.
 *
 * @param name in capitals
 * @param usage its arguments, as CONTROL.md writes them
 * @param least arguments that it needs
 * @param most arguments that it takes; more are refused
 */
record Verb(String name, String usage, int least, int most, Handler handler) {

  /** Any number of arguments, which do not count. */
  static final int ANY = Integer.MAX_VALUE;

  /** What it does. Any thread; may take its time. */
  @FunctionalInterface
  interface Handler {
    Answer run(Request request) throws IOException, ConfigException, Refusal;
  }

  /**
   * One command of a client.
   *
   * @param client who it is, for logs
   */
  record Request(String client, List<String> arguments) {

    int count() {
      return arguments.size();
    }

    String argument(int index) {
      return arguments.get(index);
    }
  }

  Answer run(Request request) throws IOException, ConfigException, Refusal {
    if (request.count() < least || request.count() > most) {
      throw Refusal.parameters((name + " " + usage).strip());
    }
    return handler.run(request);
  }
}
