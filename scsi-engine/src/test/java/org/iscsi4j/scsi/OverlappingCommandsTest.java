package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Commands of several nexuses, each on a thread of its own, that change overlapping ranges at the
 * same moment: whatever comes of it must be what some order of whole commands leaves behind.
 */
@Timeout(60)
class OverlappingCommandsTest {

  private static final int THREADS = 4;
  private static final int ROUNDS = 200;
  private static final int BLOCKS = 24;

  private final ExecutorService initiators = Executors.newFixedThreadPool(THREADS);
  private final ExecutorService deviceCalls = Executors.newFixedThreadPool(THREADS);

  @AfterEach
  void end() {
    initiators.shutdownNow();
    deviceCalls.shutdownNow();
  }

  /** Memory that takes its time between two blocks of a call, so that calls do mix. */
  private static final class SlowMemory implements BlockDevice {

    private final byte[] content = new byte[BLOCKS * 512];
    private final Blocking blocking;

    SlowMemory(Blocking blocking) {
      this.blocking = blocking;
    }

    @Override
    public Geometry geometry() {
      return Geometry.of(512, BLOCKS).withPhysicalBlockSize(2048);
    }

    @Override
    public Capabilities capabilities() {
      return Capabilities.DEFAULT.withBlocking(blocking).withVolatileCache(false);
    }

    @Override
    public void read(long offset, ByteBuffer into) {
      for (int at = (int) offset; into.hasRemaining(); at += 512) {
        into.put(content, at, 512);
        Thread.yield();
      }
    }

    @Override
    public void write(long offset, ByteBuffer from) {
      for (int at = (int) offset; from.hasRemaining(); at += 512) {
        from.get(content, at, 512);
        Thread.yield();
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() throws IOException {}
  }

  /** A command that leaves one stamp in every block of its range. */
  private record Stamped(int stamp, int first, int blocks, byte[] cdb, byte[] data) {

    static Stamped random(Random random, int stamp) {
      int first = random.nextInt(BLOCKS / 2);
      int blocks = 4 + random.nextInt(BLOCKS / 2 - 4);
      return switch (random.nextInt(5)) {
        case 0 ->
            new Stamped(
                stamp, first, blocks, Cdbs.writeSame16(0, first, blocks), stamped(stamp, 1));
        case 1 ->
            new Stamped(stamp, first, blocks, verified(first, blocks), stamped(stamp, blocks));
        case 2 -> atomic(stamp, 4 * random.nextInt(BLOCKS / 4));
        default ->
            new Stamped(stamp, first, blocks, Cdbs.write16(first, blocks), stamped(stamp, blocks));
      };
    }

    /** As long as every kind of device allows: a physical block. */
    private static Stamped atomic(int stamp, int first) {
      return new Stamped(stamp, first, 4, Cdbs.sixteen(0x9c, 0, first, 4), stamped(stamp, 4));
    }

    private static byte[] verified(int first, int blocks) {
      return Cdbs.sixteen(0x8e, 0x02, first, blocks);
    }

    private static byte[] stamped(int stamp, int blocks) {
      ByteBuffer data = ByteBuffer.allocate(blocks * 512);
      while (data.hasRemaining()) {
        data.putInt(stamp);
      }
      return data.array();
    }

    boolean covers(int block) {
      return block >= first && block < first + blocks;
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Blocking.class,
      names = {"NEVER", "LONG"})
  void everyCommandIsAtomicToTheOthers(Blocking blocking) throws Exception {
    SlowMemory disk = new SlowMemory(blocking);
    Engine engine = Engine.over(LogicalUnit.of(disk), deviceCalls);
    Random random = new Random(20_261_123);
    CyclicBarrier start = new CyclicBarrier(THREADS);
    int mixed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<Stamped> commands = new ArrayList<>();
      List<Callable<Void>> runs = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Stamped command = Stamped.random(random, round * THREADS + i + 1);
        commands.add(command);
        String initiator = "iqn.2026-11.org.example:host" + i;
        runs.add(() -> run(engine, initiator, start, command));
      }
      for (Future<Void> each : initiators.invokeAll(runs)) {
        each.get();
      }
      mixed += checkSerial(commands, disk.content) > 1 ? 1 : 0;
    }
    // else the commands never met, and the test shows nothing
    assertThat(mixed).isGreaterThan(ROUNDS / 2);
  }

  private static Void run(Engine engine, String initiator, CyclicBarrier start, Stamped command)
      throws Exception {
    // made on the thread that owns it
    TestNexus nexus = engine.nexus(initiator);
    start.await(10, TimeUnit.SECONDS);
    TestTask task = nexus.start(0, command.cdb, 0, command.data);
    while (task.ended == 0) {
      nexus.await();
    }
    assertThat(task.status()).isEqualTo(Status.GOOD);
    nexus.close();
    return null;
  }

  /**
   * Who wrote a block last came after all others that cover it; that must be an order. And a block
   * holds one stamp, or the call itself was torn.
   *
   * @return how many commands are seen in the content
   */
  private static int checkSerial(List<Stamped> commands, byte[] content) {
    boolean[][] before = new boolean[THREADS][THREADS];
    boolean[] seen = new boolean[THREADS];
    ByteBuffer blocks = ByteBuffer.wrap(content);
    for (int block = 0; block < BLOCKS; block++) {
      int stamp = blocks.getInt(block * 512);
      assertThat(blocks.getInt(block * 512 + 508)).isEqualTo(stamp);
      for (int last = 0; last < THREADS; last++) {
        if (commands.get(last).stamp == stamp) {
          seen[last] = true;
          for (int other = 0; other < THREADS; other++) {
            before[other][last] |= other != last && commands.get(other).covers(block);
          }
        }
      }
    }
    for (int a = 0; a < THREADS; a++) {
      for (int b = 0; b < THREADS; b++) {
        assertThat(before[a][b] && before[b][a])
            .as("%s and %s each overwrote the other", commands.get(a), commands.get(b))
            .isFalse();
      }
    }
    int count = 0;
    for (boolean each : seen) {
      count += each ? 1 : 0;
    }
    return count;
  }
}
