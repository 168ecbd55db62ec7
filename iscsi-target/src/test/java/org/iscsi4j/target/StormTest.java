package org.iscsi4j.target;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.Test;

/**
 * Many sessions of several connections that write, read, abort, reset, reinstate, log out, break
 * off and talk nonsense, all at random: their data are right all the while, and in the end the
 * server holds nothing.
 *
 * <p>Takes a few seconds; {@code -Discsi4j.storm=60} makes it a minute, and {@code
 * -Discsi4j.storm.seed=1} another storm.
 */
class StormTest {

  private static final long SECONDS = Long.getLong("iscsi4j.storm", 4);
  private static final long SEED = Long.getLong("iscsi4j.storm.seed", 7143);
  private static final long[] SEEDS = {SEED, SEED + 1};
  private static final int INITIATORS = 8;
  private static final int LOOPS = 2;
  private static final long DISK = 16 << 20;

  /** What a loop may keep for later, and what the test itself and the JDK need. */
  private static final long DIRECT_MEMORY = LOOPS * (33L << 20) + (16L << 20);

  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @Test
  void dataAreRightAndNothingLeaks() throws Exception {
    long before = directMemory();
    PrintStream standardError = System.err;
    System.setErr(new PrintStream(log, true, UTF_8));
    try {
      for (long seed : SEEDS) {
        rage(seed);
      }
    } finally {
      System.setErr(standardError);
      standardError.print(log.toString(UTF_8));
    }
    assertThat(log.toString(UTF_8)).doesNotContain("ERROR");
    await(() -> directMemory() - before < DIRECT_MEMORY, () -> directMemory() - before);
  }

  private static void rage(long seed) throws Exception {
    StormJournal journal = new StormJournal();
    TestServer server =
        TestServer.serving(
            settings ->
                settings
                    .listener(journal)
                    .eventLoops(LOOPS)
                    .errorRecoveryLevel(1)
                    .maxConnectionsPerSession(4)
                    .initialR2t(false)
                    .firstBurstLength(65_536)
                    .maxBurstLength(131_072),
            MemoryDevice.ofSize(DISK),
            new GatedDevice(DISK));
    ExecutorService threads = Executors.newFixedThreadPool(INITIATORS + 1);
    try {
      StormInitiator.answerAbortedCommands(server);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS) / SEEDS.length;
      AtomicBoolean failed = new AtomicBoolean();
      BooleanSupplier over = () -> failed.get() || System.nanoTime() > end;
      StormInitiator.Resets resets = new StormInitiator.Resets(journal);
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < INITIATORS; i++) {
        StormInitiator initiator = new StormInitiator(server, i, seed * 100 + i, resets);
        running.add(threads.submit(() -> run(() -> initiator.rage(over), failed)));
      }
      running.add(threads.submit(() -> run(() -> talkNonsense(server, seed, over), failed)));
      for (int i = 0; i < running.size(); i++) {
        awaitEnd(running.get(i), journal, i);
      }
      await(
          () -> server.server().usage().equals(ServerCore.Usage.NONE),
          () -> {
            throw new AssertionError("left behind: " + server.server().usage());
          });
      assertThat(server.server().sessions()).isEmpty();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e, e);
    } finally {
      threads.shutdownNow();
      server.close();
    }
    await(() -> server.threads().isEmpty(), () -> server.threads().size());
  }

  /** A storm in which something went wrong ends at once, before the traces are blown away. */
  private static void run(Runnable part, AtomicBoolean failed) {
    try {
      part.run();
    } catch (RuntimeException | Error e) {
      failed.set(true);
      throw e;
    }
  }

  /** Waits for the end of an initiator's doings; when they failed, says what came before. */
  private static void awaitEnd(Future<?> doings, StormJournal journal, int number)
      throws Exception {
    try {
      doings.get(SECONDS + 60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      String last = journal.lastOf(StormInitiator.isid(number));
      throw new AssertionError(e.getCause().getMessage() + last, e.getCause());
    }
  }

  /** Connections that say nothing, nonsense, or half a login. */
  private static void talkNonsense(TestServer server, long seed, BooleanSupplier over) {
    for (long number = seed << 20; !over.getAsBoolean(); number++) {
      try (ScriptedInitiator stranger = server.connect()) {
        byte[] words = Patterns.bytes((int) (number % 200), number);
        if (number % 3 == 0) {
          words = stranger.bytes(stranger.login().pdu(0, 1, true, false), words);
          words = Arrays.copyOf(words, words.length - 4);
        } else if (words.length > 0) {
          words[0] |= 0x3f; // never a login request by chance
        }
        stranger.sendRaw(words);
        if (number % 2 == 0) {
          stranger.reset();
        } else {
          stranger.shutdownOutput();
          stranger.awaitEnd();
        }
      }
    }
  }

  /** Bytes of direct buffers. By reflection, as the library's module does not read that one. */
  private static long directMemory() {
    System.gc(); // what is not in use any more goes then
    try {
      Class<?> type = Class.forName("java.lang.management.BufferPoolMXBean");
      Class<?> factory = Class.forName("java.lang.management.ManagementFactory");
      Object pools = factory.getMethod("getPlatformMXBeans", Class.class).invoke(null, type);
      for (Object pool : (List<?>) pools) {
        if (type.getMethod("getName").invoke(pool).equals("direct")) {
          return (long) type.getMethod("getMemoryUsed").invoke(pool);
        }
      }
      throw new AssertionError("nobody counts direct buffers");
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** What a server does behind the last answer to an initiator is over soon. */
  private static void await(BooleanSupplier condition, LongSupplier instead) {
    long deadline =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ScriptedInitiator.TIMEOUT_MILLIS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("still " + instead.getAsLong());
      }
      Thread.onSpinWait();
    }
  }
}
