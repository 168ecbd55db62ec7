package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.iscsi4j.api.AccessState;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.StateStore;
import org.junit.jupiter.api.Test;

/**
 * Several initiators, each on a thread of its own, at one slow disk: commands of all attributes
 * meet aborts, resets, lost nexuses, reservations, changes of mode parameters and of access states.
 * Each command ends once or is aborted, each function is answered, no two changes of a block meet
 * in the device, and nothing is left over.
 */
class StressTest {

  private static final int BLOCKS = 64;
  private static final int NEXUSES = 5;
  private static final int STEPS = 4_000;
  private static final int DEPTH = 12;
  private static final long SEED = 20261123;

  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final AtomicInteger open = new AtomicInteger(NEXUSES);
  private final AtomicInteger functions = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger aborted = new AtomicInteger();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final TargetPortGroups groups = new TargetPortGroups(List.of(1, 2), (state, tag) -> {});
  private final DeviceServer unit =
      DeviceServer.of(
          LogicalUnit.of(new SlowDisk()),
          Engine.IDENTITY,
          new Devices(executor, StateStore.inMemory(), groups));
  private final TaskRouter router = new TaskRouter(Map.of(0, unit));

  @Test
  void everyCommandEndsOrIsAborted() throws InterruptedException {
    List<Initiator> initiators = new ArrayList<>();
    for (int i = 0; i < NEXUSES; i++) {
      initiators.add(new Initiator(i));
    }
    List<Thread> threads = initiators.stream().map(Thread::new).toList();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(violations).isEmpty();
    assertThat(ended).hasPositiveValue();
    assertThat(aborted).hasPositiveValue();
    assertThat(functions).as("functions without an answer").hasValue(0);
    assertThat(unit.undisturbed()).as("nobody has the unit for himself").isTrue();
    assertThat(unit.nexuses()).isEmpty();
    AtomicInteger all = new AtomicInteger();
    unit.io().locks().take(new long[] {0, Long.MAX_VALUE}, all::incrementAndGet);
    assertThat(all).as("no range is left locked").hasValue(1);
    unit.close();
    executor.shutdown();
    assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  /** A loop, and the nexuses that live on it one after the other. */
  private final class Initiator implements Runnable {

    private final int number;
    private final Random random;
    private final TargetPort port;
    private final BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    private final Set<Task> running = new LinkedHashSet<>();
    private final ArrayDeque<Task> idle = new ArrayDeque<>();
    private LiveNexus nexus;
    private int lingering;
    private int steps;

    Initiator(int number) {
      this.number = number;
      random = new Random(SEED + number);
      port = groups.port("iqn.2026-11.org.example:disk", 1 + number % 2);
      nexus = new LiveNexus(this);
    }

    @Override
    public void run() {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      try {
        while (steps < STEPS) {
          turn(this::step);
          steps++;
        }
        boolean told = false;
        while (open.get() > 0 || functions.get() > 0) {
          turn(() -> TaskManager.clearAca(nexus, unit));
          if (!told && running.isEmpty() && lingering == 0) {
            told = true;
            open.decrementAndGet();
          }
          if (System.nanoTime() - end > 0) {
            violations.add(number + " hangs with " + running + " and " + lingering);
            return;
          }
        }
        turn(() -> {});
        nexus.close();
        turn(() -> {});
      } catch (Throwable e) {
        violations.add(number + " failed: " + e);
        open.decrementAndGet();
      }
    }

    private void turn(Runnable then) throws InterruptedException {
      Runnable next = work.poll(20, TimeUnit.MICROSECONDS);
      while (next != null) {
        next.run();
        next = work.poll();
      }
      then.run();
    }

    // ---- what it does

    private void step() {
      int what = random.nextInt(1000);
      if (what < 30 && !running.isEmpty()) {
        end(random(running), () -> {});
      } else if (what < 34) {
        reset(done -> TaskManager.logicalUnitReset(nexus, unit, done));
      } else if (what < 37) {
        reset(done -> TaskManager.clearTaskSet(nexus, unit, done));
      } else if (what < 40) {
        lose();
      } else if (what < 60) {
        TaskManager.clearAca(nexus, unit);
      } else if (what < 64) {
        AccessState[] states = AccessState.values();
        groups.change(1 + random.nextInt(2), states[random.nextInt(states.length)]);
      } else if (what < 100) {
        groups.change(1 + number % 2, AccessState.ACTIVE_OPTIMIZED);
      } else if (running.size() < DEPTH) {
        command();
      }
    }

    private Task random(Set<Task> of) {
      return of.stream().skip(random.nextInt(of.size())).findFirst().orElseThrow();
    }

    private void reset(Consumer<Runnable> function) {
      functions.incrementAndGet();
      AtomicInteger answers = new AtomicInteger();
      Runnable done =
          () -> {
            if (answers.getAndIncrement() > 0) {
              violations.add("a function is answered twice");
            } else {
              functions.decrementAndGet();
            }
          };
      endAll(() -> function.accept(done));
    }

    private void lose() {
      endAll(() -> {});
      nexus.close();
      nexus = new LiveNexus(this);
    }

    boolean endAll(Runnable settled) {
      List<Task> all = List.copyOf(running);
      int[] left = {all.size() + 1};
      Runnable one =
          () -> {
            if (--left[0] == 0) {
              settled.run();
            }
          };
      all.forEach(task -> end(task, one));
      one.run();
      return !all.isEmpty();
    }

    private void end(Task task, Runnable settled) {
      running.remove(task);
      aborted.incrementAndGet();
      task.lingers = !task.abort();
      if (task.stillChanging()) {
        task.settled = settled;
      } else {
        settled.run();
      }
      if (task.lingers) {
        lingering++;
      } else {
        idle.push(task);
      }
    }

    // ---- commands

    private void command() {
      Task task = idle.isEmpty() ? new Task(this) : idle.pop();
      int what = random.nextInt(100);
      int lba = random.nextInt(BLOCKS - 8);
      int blocks = 1 + random.nextInt(8);
      if (what < 25) {
        run(task, Cdbs.read10(lba, blocks), 0);
      } else if (what < 55) {
        run(task, Cdbs.write10(lba, blocks), blocks * 512);
      } else if (what < 62) {
        run(task, Cdbs.hex("89 00 000000000000 " + hex(lba) + " 000000 01 00 00"), 1024);
      } else if (what < 67) {
        run(task, Cdbs.hex("41 08 0000 00 " + hex(lba) + " 00 0008 00"), 512);
      } else if (what < 70) {
        run(task, Cdbs.hex("35 00 00000000 00 0000 00"), 0);
      } else if (what < 76) {
        run(task, Cdbs.hex("28 00 00010000 00 0001 " + (random.nextInt(4) == 0 ? "04" : "00")), 0);
      } else if (what < 82) {
        reserve(task);
      } else if (what < 84) {
        run(task, Cdbs.hex((random.nextBoolean() ? "16" : "17") + " 00 00 00 00 00"), 0);
      } else if (what < 88) {
        modeSelect(task);
      } else {
        run(task, Cdbs.TEST_UNIT_READY, 0);
      }
    }

    private static String hex(int lba) {
      return String.format("%04x", lba);
    }

    private void reserve(Task task) {
      int[] actions = {6, 6, 1, 1, 2, 2, 3, 4, 5, 5};
      int action = actions[random.nextInt(actions.length)];
      int type = new int[] {1, 3, 5, 6, 7, 8}[random.nextInt(6)];
      byte[] list = new byte[24];
      list[7] = (byte) (action == 6 ? 0 : number + 1);
      list[15] = (byte) (action == 6 ? number + 1 : 1 + random.nextInt(NEXUSES));
      list[20] = (byte) (action == 6 ? random.nextInt(2) : 0);
      task.offer(list);
      run(task, Cdbs.hex(String.format("5f %02x %02x 0000 00000018 00", action, type)), 24);
    }

    /** TST, QERR and TAS. */
    private void modeSelect(Task task) {
      byte[] values = unit.mode().values(ControlPage.PAGE);
      values[0] = (byte) (values[0] & 0x1f | random.nextInt(2) << 5);
      values[1] = (byte) (values[1] & ~6 | new int[] {0, 1, 3}[random.nextInt(3)] << 1);
      values[3] = (byte) (values[3] & ~0x40 | random.nextInt(2) << 6);
      byte[] list = new byte[4 + 2 + values.length];
      list[4] = ControlPage.CODE;
      list[5] = (byte) values.length;
      System.arraycopy(values, 0, list, 6, values.length);
      task.offer(list);
      int save = random.nextInt(4) == 0 ? 1 : 0;
      run(task, Cdbs.hex(String.format("15 %02x 00 00 %02x 00", 0x10 | save, list.length)), 1);
    }

    private void run(Task task, byte[] cdb, int dataOut) {
      TaskAttribute[] attributes = TaskAttribute.values();
      int which = random.nextInt(3 * attributes.length);
      TaskAttribute attribute =
          which < attributes.length ? attributes[which] : TaskAttribute.SIMPLE;
      task.late = random.nextInt(3) == 0;
      if (dataOut > 1 && dataOut != 24) {
        task.offer(new byte[dataOut]);
      }
      running.add(task);
      task.cdb().set(ByteBuffer.wrap(cdb));
      task.commands++;
      boolean gives = dataOut > 0;
      task.begin(nexus, 0, attribute, gives ? 0 : 1 << 20, gives ? task.offered.length : 0);
      router.execute(task);
    }
  }

  /** A nexus that ends when its initiator loses it. */
  private final class LiveNexus extends Nexus {

    private final Initiator owner;

    LiveNexus(Initiator owner) {
      super("iqn.2026-11.org.example:host" + owner.number, owner.port, router);
      this.owner = owner;
    }

    @Override
    protected void execute(Runnable task) {
      owner.work.add(task);
    }

    @Override
    protected boolean abortTasks(DeviceServer of, boolean answered, Runnable settled) {
      return owner.endAll(settled);
    }
  }

  /** A task that is used again as soon as it may be. */
  private final class Task extends ScsiTask {

    private final Initiator owner;
    private byte[] offered = {};
    private boolean late;
    private boolean lingers;
    private int commands;
    private Runnable settled = () -> {};

    Task(Initiator owner) {
      this.owner = owner;
    }

    void offer(byte[] data) {
      offered = data;
    }

    @Override
    protected void onDataOutRequested(int length) {
      ByteBuffer data = ByteBuffer.wrap(offered, 0, Math.min(length, offered.length)).slice();
      int command = commands;
      if (late) {
        owner.work.add(
            () -> {
              if (command == commands && owner.running.contains(this)) {
                deliverDataOut(data);
              }
            });
      } else {
        deliverDataOut(data);
      }
    }

    @Override
    protected void onDeviceRead(DeviceIo io, long offset, int length) {
      readElsewhere(io, offset, ByteBuffer.allocate(length), this::deviceReadDone);
    }

    @Override
    protected void onEnded() {
      if (!owner.running.remove(this)) {
        violations.add(this + " ended and was not running");
      }
      Sense why = sense();
      if (why.equals(Sense.INTERNAL_ERROR) || why.equals(Sense.INTERNAL_TARGET_FAILURE)) {
        violations.add(this + " ended with " + why);
      }
      ended.incrementAndGet();
      owner.idle.push(this);
    }

    @Override
    protected void onReleased() {
      if (!lingers) {
        violations.add(this + " released and was not aborted");
      }
      lingers = false;
      owner.lingering--;
      Runnable told = settled;
      settled = () -> {};
      told.run();
      owner.idle.push(this);
    }

    @Override
    protected ByteBuffer keep(ByteBuffer dataOut) {
      return ByteBuffer.allocate(dataOut.remaining()).put(dataOut).flip();
    }
  }

  /** Takes its time, and takes offence when two calls change a block at once. */
  private final class SlowDisk implements BlockDevice {

    private final AtomicIntegerArray writers = new AtomicIntegerArray(BLOCKS);
    private final AtomicInteger calls = new AtomicInteger();

    @Override
    public Geometry geometry() {
      return Geometry.of(512, BLOCKS);
    }

    @Override
    public Capabilities capabilities() {
      return Capabilities.DEFAULT
          .withBlocking(Blocking.LONG)
          .withVolatileCache(true)
          .withDeallocate(true);
    }

    private void takeTime() {
      LockSupport.parkNanos(1_000L * (calls.incrementAndGet() * 31 % 200));
    }

    private void change(long offset, long length) {
      for (int at = (int) (offset / 512); at < (offset + length) / 512; at++) {
        if (writers.getAndIncrement(at) > 0) {
          violations.add("two changes of block " + at);
        }
      }
      takeTime();
      for (int at = (int) (offset / 512); at < (offset + length) / 512; at++) {
        writers.getAndDecrement(at);
      }
    }

    @Override
    public void read(long offset, ByteBuffer into) {
      takeTime();
      into.put(new byte[into.remaining()]);
    }

    @Override
    public void write(long offset, ByteBuffer from) {
      change(offset, from.remaining());
      from.position(from.limit());
    }

    @Override
    public void flush() {
      takeTime();
    }

    @Override
    public void deallocate(long offset, long length) {
      change(offset, length);
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayDeallocate) {
      change(offset, length);
    }

    @Override
    public void close() {}
  }
}
