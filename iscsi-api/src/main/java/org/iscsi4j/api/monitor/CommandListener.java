package org.iscsi4j.api.monitor;

/**
 * Told of each command to a logical unit when it has ended. A server that has none spends nothing
 * on it; with one, each command costs the making of a {@link CommandInfo} on top of what the
 * listener does. Commands to a LUN without a unit are not told.
 */
@FunctionalInterface
public interface CommandListener {

  /**
   * A command has ended, and its status is about to go out. Called on the server's own threads, of
   * which several may call at once: it must return at once. What it throws is logged and otherwise
   * ignored.
   */
  void commandEnded(CommandInfo command);
}
