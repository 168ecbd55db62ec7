package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Commands that read before they write, from several nexuses at once: none loses another's work.
 */
@Timeout(60)
class AtomicCommandsTest {

  private static final int THREADS = 4;
  private static final int ROUNDS = 300;

  /** The block that everybody wants, and how many of them. */
  private static final int LBA = 3;

  private static final int BLOCKS = 2;

  private final ExecutorService initiators = Executors.newFixedThreadPool(THREADS);
  private final ExecutorService deviceCalls = Executors.newFixedThreadPool(THREADS);
  private TestDisk disk;

  @AfterEach
  void end() {
    initiators.shutdownNow();
    deviceCalls.shutdownNow();
  }

  /** What one initiator does, given its nexus and its number. */
  private interface Work {
    void run(TestNexus nexus, int number) throws Exception;
  }

  private void together(Engine engine, Work work) throws Exception {
    List<Callable<Void>> runs = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      runs.add(
          () -> {
            // made on the thread that owns it
            TestNexus nexus = engine.nexus("iqn.2026-11.org.example:host" + number);
            work.run(nexus, number);
            nexus.close();
            return null;
          });
    }
    for (Future<Void> each : initiators.invokeAll(runs)) {
      each.get();
    }
  }

  private static TestTask execute(TestNexus nexus, byte[] cdb, byte[] data) throws Exception {
    TestTask task = nexus.start(0, cdb, BLOCKS * 512, data);
    while (task.ended == 0) {
      nexus.await();
    }
    return task;
  }

  private Engine engine(Blocking blocking) {
    disk =
        new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(blocking)) {
          @Override
          public void read(long offset, ByteBuffer into) throws IOException {
            super.read(offset, into);
            Thread.yield();
          }
        };
    return Engine.over(LogicalUnit.of(disk), deviceCalls);
  }

  private byte[] content() {
    ByteBuffer content = ByteBuffer.allocate(BLOCKS * 512);
    for (int block = 0; block < BLOCKS; block++) {
      content.put(disk.block(LBA + block));
    }
    return content.array();
  }

  private static byte[] counted(long from, long to) {
    ByteBuffer data = ByteBuffer.allocate(2 * BLOCKS * 512);
    for (long value : new long[] {from, to}) {
      for (int at = 0; at < BLOCKS * 512; at += Long.BYTES) {
        data.putLong(value);
      }
    }
    return data.array();
  }

  /** Each counts up by what it read before; when somebody was faster, it goes on from there. */
  @ParameterizedTest
  @EnumSource(
      value = Blocking.class,
      names = {"NEVER", "LONG"})
  void compareAndWriteLosesNoCount(Blocking blocking) throws Exception {
    Engine engine = engine(blocking);

    together(
        engine,
        (nexus, number) -> {
          long last = 0;
          for (int done = 0; done < ROUNDS; ) {
            byte[] cdb = Cdbs.sixteen(0x89, 0, LBA, BLOCKS);
            TestTask task = execute(nexus, cdb, counted(last, last + 1));
            if (task.status() == Status.GOOD) {
              done++;
              last++;
            } else {
              assertThat(task.sense().key()).isEqualTo(SenseKey.MISCOMPARE);
              byte[] now = execute(nexus, Cdbs.read10(LBA, BLOCKS), new byte[0]).received();
              last = ByteBuffer.wrap(now).getLong();
            }
          }
        });

    ByteBuffer end = ByteBuffer.wrap(content());
    while (end.hasRemaining()) {
      assertThat(end.getLong()).isEqualTo((long) THREADS * ROUNDS);
    }
  }

  /** Each sets bits of its own; all of them stand at the end. */
  @ParameterizedTest
  @EnumSource(
      value = Blocking.class,
      names = {"NEVER", "LONG"})
  void orWriteLosesNoBit(Blocking blocking) throws Exception {
    Engine engine = engine(blocking);
    int bits = BLOCKS * 512 * 8;

    together(
        engine,
        (nexus, number) -> {
          for (int bit = number; bit < bits; bit += THREADS * 8 + 4) {
            byte[] data = new byte[BLOCKS * 512];
            data[bit / 8] |= (byte) (1 << bit % 8);
            TestTask task = execute(nexus, Cdbs.sixteen(0x8b, 0, LBA, BLOCKS), data);
            assertThat(task.status()).isEqualTo(Status.GOOD);
          }
        });

    byte[] expected = new byte[BLOCKS * 512];
    for (int number = 0; number < THREADS; number++) {
      for (int bit = number; bit < bits; bit += THREADS * 8 + 4) {
        expected[bit / 8] |= (byte) (1 << bit % 8);
      }
    }
    assertThat(content()).isEqualTo(expected);
  }

  /** What one writes and verifies, no other changes in between. */
  @ParameterizedTest
  @EnumSource(
      value = Blocking.class,
      names = {"NEVER", "LONG"})
  void writeAndVerifyFindsItsOwnData(Blocking blocking) throws Exception {
    Engine engine = engine(blocking);

    together(
        engine,
        (nexus, number) -> {
          byte[] data = new byte[BLOCKS * 512];
          for (int round = 0; round < ROUNDS; round++) {
            Arrays.fill(data, (byte) (round * THREADS + number));
            byte[] cdb =
                round % 2 == 0 ? Cdbs.ten(0x2e, 2, LBA, BLOCKS) : Cdbs.write10(LBA, BLOCKS);
            assertThat(execute(nexus, cdb, data).status()).isEqualTo(Status.GOOD);
          }
        });
  }
}
