package org.iscsi4j.target;

import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;

/** What a server holds some time after the last answer to an initiator. */
final class Usages {

  private Usages() {}

  /** Waits until a server holds nothing. */
  static void awaitNone(TestServer server) {
    await(server, ServerCore.Usage.NONE::equals);
  }

  /** Waits until a server holds what is wanted. */
  static void await(TestServer server, Predicate<ServerCore.Usage> wanted) {
    long deadline =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ScriptedInitiator.TIMEOUT_MILLIS);
    ServerCore.Usage now = server.server().usage();
    while (!wanted.test(now)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("still " + now);
      }
      Thread.onSpinWait();
      now = server.server().usage();
    }
  }
}
