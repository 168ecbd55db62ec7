package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.CommandScript;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Several sessions that write, read, abort and come back at random: the data is right in the end.
 */
@Timeout(60)
class RandomTrafficTest {

  private static final int SESSIONS = 4;
  private static final int STEPS = 250;

  /** Blocks of the disk that belong to one session, in stretches of {@link #STRETCH}. */
  private static final int SHARE = 32_768;

  private static final int STRETCH = 1024;

  @ParameterizedTest(name = "slow device {0}, digests {1}, seed {2}")
  @CsvSource({
    "false, None, 1",
    "false, CRC32C, 2",
    "true, None, 3",
    "true, CRC32C, 4",
    "true, None, 5"
  })
  void dataIsRightInTheEnd(boolean slow, String digest, long seed) throws Exception {
    GatedDevice gated = new GatedDevice(64 << 20);
    MemoryDevice memory = slow ? gated.memory() : MemoryDevice.ofSize(64 << 20);
    BlockDevice device = slow ? gated : memory;
    ExecutorService threads = Executors.newFixedThreadPool(SESSIONS);
    TestServer server = TestServer.serving(device);
    try {
      List<Future<?>> sessions = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        Traffic traffic = new Traffic(server, memory, i, digest, new Random(seed * 100 + i));
        sessions.add(threads.submit(traffic::run));
      }
      for (Future<?> session : sessions) {
        session.get(50, TimeUnit.SECONDS);
      }
      for (int i = 0; i < SESSIONS; i++) {
        server.events().awaitClosed();
      }
      assertThat(server.server().sessions()).isEmpty();
    } finally {
      threads.shutdownNow();
      server.close();
    }
  }

  /** One initiator and what it knows of its share of the disk. */
  private static final class Traffic {
    private final TestServer server;
    private final MemoryDevice memory;
    private final int number;
    private final String digest;
    private final Random random;
    private final byte[] expected = new byte[SHARE * 512];

    /** Stretches whose content nobody knows, because a write to them was aborted. */
    private final boolean[] unknown = new boolean[SHARE / STRETCH];

    private final Deque<Runnable> outstanding = new ArrayDeque<>();
    private final boolean[] busy = new boolean[SHARE / STRETCH];
    private ScriptedInitiator initiator;

    Traffic(TestServer server, MemoryDevice memory, int number, String digest, Random random) {
      this.server = server;
      this.memory = memory;
      this.number = number;
      this.digest = digest;
      this.random = random;
    }

    void run() {
      login();
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(16)) {
          case 0, 1, 2, 3, 4, 5 -> write();
          case 6, 7, 8, 9 -> read();
          case 10 -> abortWrite();
          case 11 -> abortRead();
          case 12 -> ping();
          case 13 -> comeBack();
          default -> finishOne();
        }
      }
      while (!outstanding.isEmpty()) {
        outstanding.remove().run();
      }
      initiator.logout();
      initiator.close();
      for (int stretch = 0; stretch < unknown.length; stretch++) {
        if (!unknown[stretch]) {
          int at = stretch * STRETCH * 512;
          assertSame(
              memory.readBytes((long) number * SHARE * 512 + at, STRETCH * 512),
              Arrays.copyOfRange(expected, at, at + STRETCH * 512));
        }
      }
    }

    private void login() {
      int burst = 512 << random.nextInt(12);
      initiator =
          server.login(
              login ->
                  login
                      .isid(0x8000_0000_1000L + number)
                      .offer("HeaderDigest", digest)
                      .offer("DataDigest", digest)
                      .offer("InitialR2T", random.nextBoolean() ? "Yes" : "No")
                      .offer("ImmediateData", random.nextBoolean() ? "Yes" : "No")
                      .offer("MaxRecvDataSegmentLength", 512 + random.nextInt(100_000))
                      .offer("MaxBurstLength", Math.max(burst, 8192))
                      .offer("FirstBurstLength", burst)
                      .offer("MaxOutstandingR2T", 1 + random.nextInt(4)));
    }

    /** A stretch that no command uses, or -1. */
    private int freeStretch() {
      int stretch = random.nextInt(busy.length);
      return busy[stretch] || unknown[stretch] ? -1 : stretch;
    }

    private int blocks() {
      return 1 + random.nextInt(random.nextInt(4) == 0 ? STRETCH : 16);
    }

    private CommandScript writeScript(int stretch, byte[] data) {
      int lba = number * SHARE + stretch * STRETCH;
      return initiator.command(Cdbs.write10(lba, data.length / 512)).write(data);
    }

    private void write() {
      int stretch = freeStretch();
      if (stretch < 0) {
        return;
      }
      byte[] data = Patterns.bytes(blocks() * 512, random.nextLong());
      busy[stretch] = true;
      Exchange write = writeScript(stretch, data).send();
      outstanding.add(
          () -> {
            assertThat(write.await().outcome()).isEqualTo("GOOD");
            System.arraycopy(data, 0, expected, stretch * STRETCH * 512, data.length);
            busy[stretch] = false;
          });
    }

    private Exchange startRead(int stretch, int blocks) {
      int lba = number * SHARE + stretch * STRETCH;
      return initiator.command(Cdbs.read10(lba, blocks)).read(blocks * 512).send();
    }

    private void read() {
      int stretch = freeStretch();
      if (stretch < 0) {
        return;
      }
      int blocks = blocks();
      busy[stretch] = true;
      Exchange read = startRead(stretch, blocks);
      outstanding.add(
          () -> {
            int at = stretch * STRETCH * 512;
            assertSame(read.await().data(), Arrays.copyOfRange(expected, at, at + blocks * 512));
            busy[stretch] = false;
          });
    }

    private void abortWrite() {
      int stretch = freeStretch();
      if (stretch >= 0 && random.nextInt(3) == 0) {
        unknown[stretch] = true;
        byte[] data = Patterns.bytes(blocks() * 512, random.nextLong());
        initiator.abortIfStillThere(writeScript(stretch, data).send());
      }
    }

    private void abortRead() {
      int stretch = freeStretch();
      if (stretch >= 0) {
        initiator.abortIfStillThere(startRead(stretch, blocks()));
      }
    }

    private void ping() {
      byte[] data = Patterns.bytes(random.nextInt(500), random.nextLong());
      assertSame(initiator.ping(data), data);
    }

    private void finishOne() {
      if (!outstanding.isEmpty()) {
        outstanding.remove().run();
      }
    }

    /** Leaves in one way or the other, and logs in again. */
    private void comeBack() {
      while (!outstanding.isEmpty()) {
        outstanding.remove().run();
      }
      ScriptedInitiator old = initiator;
      switch (random.nextInt(3)) {
        case 0 -> old.logout();
        case 1 -> old.reset();
        default -> {} // reinstatement
      }
      login();
      server.events().awaitClosed();
      old.close();
    }
  }
}
