package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One command on its way through a device server (SAM-5 clause 4.7.2). A transport extends this
 * class with the means to move the command's data, and may use a task again once it is {@linkplain
 * #onEnded ended} or {@linkplain #onReleased released}.
 *
 * <p>Touched only by the owner of its nexus, see {@link Nexus#execute}. A task ends exactly once:
 * by {@link #onEnded}, or by {@link #abort}, after which nothing more is said.
 */
public abstract class ScsiTask {

  private static final Logger log = LoggerFactory.getLogger(ScsiTask.class);

  private final Cdb cdb = new Cdb();
  private Nexus nexus;
  private long lun;
  private TaskAttribute attribute;
  private long expectedDataIn;
  private long expectedDataOut;

  /** When the command came, in the time of {@link System#nanoTime}. */
  private long arrived;

  private ItlNexus unit;
  private Command command;

  /** Whether whoever brought the command is still waiting for it to be taken. */
  private boolean arriving;

  private boolean running;
  private boolean aborted;

  /** Whether the command waits in the task set for its turn to start. */
  private boolean dormant;

  /** The search for the unit that the command waits for, or null. */
  private UnitSearch search;

  /** Whether the command has started, and the task set counts it. */
  private boolean started;

  private boolean stillChanging;

  /** Why the command ends with CHECK CONDITION although all its data are sent. */
  private Sense ending = Sense.NONE;

  /** Whether the rate limits have let the command pass. */
  private boolean admitted;

  /** What the command waits for before it goes on, or null. */
  private LimitWait limitWait;

  /** The device call that is under way elsewhere, or null. */
  private PendingCall pending;

  /** What the command has locked or waits for, or null. */
  private RangeLocks.Hold hold;

  /** Hears that the command is over and does nothing any more, or null. */
  private Runnable whenOver;

  private int dataOutLength;

  /** Bytes of the device that the command sends. */
  private int deviceLength;

  /** Measures the command for the flight recorder; null unless that listens. */
  private SlowCommandEvent slow;

  private Status status;
  private Sense sense;
  private ByteBuffer dataIn;

  /** A task without a command. */
  protected ScsiTask() {}

  /**
   * As {@link #begin(Nexus, long, TaskAttribute, long, long, long)}, of a command that comes now.
   */
  public final void begin(
      Nexus nexus, long lun, TaskAttribute attribute, long expectedDataIn, long expectedDataOut) {
    begin(nexus, lun, attribute, expectedDataIn, expectedDataOut, System.nanoTime());
  }

  /**
   * Prepares the task for a command; the transport has filled {@link #cdb} or does so before {@link
   * TaskRouter#execute}.
   *
   * @param lun the 8-byte LUN as it came
   * @param expectedDataIn bytes that the initiator is ready to take, 0 when it takes none
   * @param expectedDataOut bytes that the initiator is ready to give, 0 when it gives none
   * @param arrived when the command came, in the time of {@link System#nanoTime}: its latency is
   *     counted from here. One reading may serve all commands that came together
   */
  public final void begin(
      Nexus nexus,
      long lun,
      TaskAttribute attribute,
      long expectedDataIn,
      long expectedDataOut,
      long arrived) {
    this.nexus = nexus;
    this.lun = lun;
    this.attribute = attribute;
    this.expectedDataIn = expectedDataIn;
    this.expectedDataOut = expectedDataOut;
    this.arrived = arrived;
    unit = null;
    command = null;
    status = null;
    sense = Sense.NONE;
    dataIn = null;
    ending = Sense.NONE;
    dataOutLength = 0;
    deviceLength = 0;
    aborted = false;
    stillChanging = false;
    admitted = false;
    limitWait = null;
    dormant = false;
    started = false;
    pending = null; // what comes back late finds that it is not awaited
    whenOver = null;
    arriving = false;
    running = true;
    slow = FlightRecorder.begin(slow);
  }

  // ---- what the transport must be able to do

  /**
   * The command needs write data, and the initiator is ready to give some. The transport collects
   * as much as the initiator is ready to give, up to {@code length} bytes, and then calls {@link
   * #deliverDataOut}, possibly before this returns.
   */
  protected abstract void onDataOutRequested(int length);

  /**
   * The command sends a range of the device. The transport reads it through {@code io}, cut as it
   * likes, as it finds room, up to what the initiator is ready to take, and then calls {@link
   * #deviceReadDone}, possibly before this returns.
   *
   * @param offset bytes from the start of the device
   * @param length bytes that the command asks for
   */
  protected abstract void onDeviceRead(DeviceIo io, long offset, int length);

  /**
   * The command sends data that lie in memory, and stay there until it has ended. The transport
   * sends them as it finds room, up to what the initiator is ready to take, and then calls {@link
   * #deviceReadDone}, possibly before this returns. Only tapes ask for it.
   */
  protected void onDataIn(ByteBuffer data) {
    deviceReadDone(Sense.INTERNAL_TARGET_FAILURE);
  }

  /** The command ended: {@link #status}, {@link #sense} and {@link #dataIn} go to the initiator. */
  protected abstract void onEnded();

  /** The last device call of an aborted task came back: nobody touches its buffers any more. */
  protected abstract void onReleased();

  /**
   * Write data that stays as it is until the task has ended or is released: the same buffer when it
   * already is the task's own, a copy when it is about to be overwritten.
   */
  protected abstract ByteBuffer keep(ByteBuffer dataOut);

  // ---- what the transport tells

  /**
   * Gives the write data that {@link #onDataOutRequested} asked for.
   *
   * @param data big-endian, from position to limit; less than asked for only when the initiator was
   *     ready to give less. Used until this returns, unless kept by {@link #keep}
   */
  public final void deliverDataOut(ByteBuffer data) {
    unit.server().dataOut(this, data);
  }

  /** The range of {@link #onDeviceRead} was sent, or could not be read. Ends the task. */
  public final void deviceReadDone(Sense outcome) {
    if (running) {
      finish(outcome.isNone() ? ending : outcome);
    }
  }

  /**
   * The write data could not be had as the protocol demands. Ends the task with CHECK CONDITION.
   */
  public final void transferFailed(Sense why) {
    if (running) {
      address();
      stopWaiting();
      fail(why);
    }
  }

  /** There is no room for the command, which was not given to a router. Ends it so. */
  public final void taskSetFull() {
    address();
    end(Status.TASK_SET_FULL, Sense.NONE);
  }

  /** The end of a command that no router was given is told and counted where it was sent to. */
  private void address() {
    if (unit == null) {
      nexus.router().address(this);
    }
  }

  /**
   * Ends the task without a word to the initiator. A device call that has not begun is not made any
   * more.
   *
   * @return whether the task is free at once; when false, a call has begun, and {@link #onReleased}
   *     follows as soon as the device lets go of its buffers
   */
  public final boolean abort() {
    if (running && unit != null) {
      unit.server().aborted(this);
    }
    running = false;
    waitNoMore();
    aborted = pending != null && !pending.cancel();
    stillChanging = aborted && pending.changes;
    leaveTaskSet();
    if (aborted) {
      pending.io.abandoned();
    } else {
      pending = null;
      letGo();
    }
    return !aborted;
  }

  /**
   * Whether a device call of the aborted task may still change the device, until it is released.
   */
  public final boolean stillChanging() {
    return stillChanging;
  }

  /**
   * Makes a device call elsewhere and goes on here when it is done. Nothing goes on when the task
   * was aborted meanwhile. A task makes one call at a time.
   *
   * @param call runs on the executor of {@code io}
   * @param then runs where the task lives
   */
  public final void callElsewhere(DeviceIo io, Supplier<Sense> call, Consumer<Sense> then) {
    elsewhere(io, true, then, waiter -> io.submit(call, waiter));
  }

  /** As {@link #callElsewhere}, for a call to the state store and not to the device. */
  final void callStore(DeviceIo io, Supplier<Sense> call, Consumer<Sense> then) {
    elsewhere(io, true, then, waiter -> io.submitToStore(call, waiter));
  }

  /** As {@link #callElsewhere}, for a read of the device. */
  public final void readElsewhere(DeviceIo io, long offset, ByteBuffer into, Consumer<Sense> then) {
    elsewhere(io, false, then, waiter -> io.submitRead(offset, into, waiter));
  }

  /** As {@link #callElsewhere}, for a write to the device. */
  final void writeElsewhere(
      DeviceIo io, long offset, ByteBuffer from, boolean durable, Consumer<Sense> then) {
    elsewhere(io, true, then, waiter -> io.submitWrite(offset, from, durable, waiter));
  }

  /** As {@link #callElsewhere}, for a flush of the device. */
  final void flushElsewhere(DeviceIo io, Consumer<Sense> then) {
    elsewhere(io, false, then, io::submitFlush);
  }

  /**
   * Goes on here when others have done something, as after {@link #callElsewhere}.
   *
   * @param work is given what is to run, once and on any thread, when it is done
   */
  final void await(Consumer<Runnable> work, Consumer<Sense> then) {
    DeviceIo io = unit.server().io();
    elsewhere(io, false, then, waiter -> work.accept(() -> waiter.ended(Sense.NONE)));
  }

  private void elsewhere(
      DeviceIo io, boolean changes, Consumer<Sense> then, Consumer<DeviceIo.Waiter> submit) {
    if (pending != null) {
      throw new IllegalStateException(this + " makes two device calls at once");
    }
    PendingCall call = new PendingCall(nexus, io, changes, then);
    pending = call;
    try {
      submit.accept(call);
    } catch (Throwable e) {
      if (call.cancel()) {
        // it will not be made any more, so nobody else would end it
        log.error("{} could not make its device call", this, e);
        call.ended(Sense.INTERNAL_TARGET_FAILURE);
      }
    }
  }

  /** A device call that is made elsewhere; runs, where the task lives, when it has come back. */
  private final class PendingCall implements DeviceIo.Waiter, Runnable {

    private final Nexus owner;
    private final DeviceIo io;
    private final boolean changes;
    private final Consumer<Sense> then;

    /** Taken by whoever comes first: the call's turn, or the abort. */
    private final AtomicBoolean settled = new AtomicBoolean();

    /** Handed over with the call itself. */
    private Sense outcome;

    PendingCall(Nexus owner, DeviceIo io, boolean changes, Consumer<Sense> then) {
      this.owner = owner;
      this.io = io;
      this.changes = changes;
      this.then = then;
    }

    /** Whether the call will not be made any more. */
    boolean cancel() {
      return settled.compareAndSet(false, true);
    }

    @Override
    public boolean starts() {
      return settled.compareAndSet(false, true);
    }

    @Override
    public boolean dropped() {
      return settled.get();
    }

    @Override
    public void ended(Sense with) {
      outcome = with;
      try {
        owner.execute(this);
      } catch (Error e) {
        // memory may be short for a moment only, and coming back twice does no harm
        owner.execute(this);
      }
    }

    @Override
    public void run() {
      if (pending == this) {
        pending = null;
        if (aborted) {
          io.regained();
        }
        cameBack(outcome, then);
      }
    }
  }

  private void cameBack(Sense outcome, Consumer<Sense> then) {
    if (running) {
      unit.server().cameBack(this, outcome, then);
    } else if (aborted) {
      aborted = false;
      stillChanging = false;
      letGo();
      onReleased();
    }
  }

  /** Nothing of an aborted command can change anything any more. */
  private void letGo() {
    releaseRanges();
    tellOver();
  }

  // ---- what handlers do

  /**
   * Goes on when the limits of the initiator, and then those of a unit, let an operation of so many
   * bytes pass: at once when they do now. Nothing goes on when the task was aborted meanwhile.
   */
  final void passLimits(DeviceServer limited, long bytes, Runnable then) {
    pass(nexus.rateLimiter(), bytes, () -> pass(limited.rateLimiter(), bytes, then));
  }

  private void pass(RateLimiter limiter, long bytes, Runnable then) {
    if (limiter == null || limiter.passes(bytes)) {
      then.run();
    } else {
      limitWait = new LimitWait(limiter, bytes, then);
      limitWait.turn.begin();
    }
  }

  /** Goes on although the limits have not let the task pass. */
  final void skipLimits() {
    // behind one limit there may be another
    while (limitWait != null) {
      limitWait.turn.cancel();
      limitWait.run();
    }
  }

  private void waitNoMore() {
    if (limitWait != null) {
      limitWait.turn.cancel();
      limitWait = null;
    }
  }

  /** Waits for a rate limit; runs, where the task lives, when that lets it pass. */
  private final class LimitWait implements Runnable {

    private final Runnable then;
    private final RateLimiter.Turn turn;

    LimitWait(RateLimiter limiter, long bytes, Runnable then) {
      this.then = then;
      turn = limiter.turn(nexus, bytes, this);
    }

    @Override
    public void run() {
      if (limitWait == this) {
        limitWait = null;
        unit.server().cameBack(ScsiTask.this, Sense.NONE, outcome -> then.run());
      }
    }
  }

  /** The rate limits have let the command pass, and it pays no more. */
  final void admit() {
    admitted = true;
  }

  final boolean admitted() {
    return admitted;
  }

  /**
   * Goes on when no other command is changing a range; from then on others wait, until this command
   * has ended and its last device call is back. Nothing goes on when the task was aborted
   * meanwhile. A task locks once, unless it {@linkplain #releaseRanges gives back} first.
   *
   * @param offset bytes from the start of the device
   * @param length bytes
   */
  final void lockRange(DeviceIo io, long offset, long length, Runnable then) {
    lockRanges(io, new long[] {offset, offset + length}, then);
  }

  /**
   * As {@link #lockRange}, for several ranges at once.
   *
   * @param bounds first byte and the byte behind the last of each range, in turn
   */
  final void lockRanges(DeviceIo io, long[] bounds, Runnable then) {
    lock(io.locks(), bounds, then);
  }

  /** As {@link #lockRanges}, of something else than a device. */
  final void lock(RangeLocks locks, long[] bounds, Runnable then) {
    if (hold != null) {
      throw new IllegalStateException(this + " locks twice");
    }
    Nexus owner = nexus;
    RangeWait wait = new RangeWait(then);
    hold = locks.take(bounds, () -> wait.granted(owner));
    wait.asked(hold);
  }

  /** Waits for ranges; its fields are touched by the owner of the task alone. */
  private final class RangeWait implements Runnable {

    private final Runnable then;
    private final Thread asker = Thread.currentThread();
    private boolean asking = true;
    private boolean grantedAtOnce;
    private RangeLocks.Hold wanted;

    RangeWait(Runnable then) {
      this.then = then;
    }

    void granted(Nexus owner) {
      if (Thread.currentThread() == asker && asking) {
        grantedAtOnce = true;
      } else {
        owner.execute(this);
      }
    }

    void asked(RangeLocks.Hold made) {
      asking = false;
      wanted = made;
      if (grantedAtOnce) {
        then.run();
      }
    }

    @Override
    public void run() {
      if (running && hold == wanted) {
        unit.server().cameBack(ScsiTask.this, Sense.NONE, outcome -> then.run());
      }
    }
  }

  /** Lets others go on, before this command has ended too. */
  final void releaseRanges() {
    if (hold != null) {
      RangeLocks.Hold held = hold;
      hold = null;
      held.release();
    }
  }

  /** The router found the unit, and the unit the command; null when it knows none. */
  final void enter(ItlNexus enteredUnit, Command enteredCommand) {
    unit = enteredUnit;
    command = enteredCommand;
  }

  final void arriving(boolean now) {
    arriving = now;
  }

  /** Whether the command ends in the call that brought it, and so has waited for nothing. */
  final boolean arriving() {
    return arriving;
  }

  final void dormant(boolean waits) {
    dormant = waits;
    started |= !waits;
  }

  /** Whether the control byte asks for an auto contingent allegiance condition (SAM-5 5.2). */
  final boolean naca() {
    return command != null && command.naca(cdb);
  }

  /** The unit of the command is being looked for; null when that is over. */
  final void waitsFor(UnitSearch under) {
    search = under;
  }

  private void leaveTaskSet() {
    stopWaiting();
    if (started) {
      started = false;
      unit.tasks().aborted(attribute);
    }
  }

  private void stopWaiting() {
    if (dormant) {
      dormant = false;
      unit.tasks().removed(this);
    } else if (search != null) {
      search.left(this);
      search = null;
    }
  }

  final void requestDataOut(int length) {
    if (length == 0) {
      throw new IllegalArgumentException("a command without write data asks for some");
    }
    dataOutLength = length;
    if (expectedDataOut == 0) {
      // nothing will come, and the transport has nothing to ask for
      deliverDataOut(ByteBuffer.allocate(0));
    } else {
      onDataOutRequested(length);
    }
  }

  final void sendFromDevice(DeviceIo io, long offset, int length) {
    deviceLength = length;
    onDeviceRead(io, offset, length);
  }

  /**
   * Sends data that lie in memory until the command ends.
   *
   * @param then how it ends when they are sent, maybe with CHECK CONDITION
   */
  final void sendFromMemory(ByteBuffer data, Sense then) {
    deviceLength = data.remaining();
    ending = then;
    onDataIn(data);
  }

  /**
   * Ends with GOOD and nothing else: of a command that changes the medium, while the write cache is
   * disabled, only when the change is durable.
   */
  final void good() {
    if (command != null && command.writes() && unit.server().mode().writesThrough()) {
      SynchronizeCache.flush(unit.server(), this, this::finishDurable);
    } else {
      end(Status.GOOD, Sense.NONE);
    }
  }

  /** Ends with GOOD and parameter data, from its position to its limit. */
  final void good(ByteBuffer data) {
    dataIn = data;
    end(Status.GOOD, Sense.NONE);
  }

  /** Ends with CHECK CONDITION. */
  final void fail(Sense why) {
    end(Status.CHECK_CONDITION, why);
  }

  /** Ends as a device call did, and as {@link #good()} when it went well. */
  final void finish(Sense outcome) {
    if (outcome.isNone()) {
      good();
    } else {
      finishDurable(outcome);
    }
  }

  /** Ends as a device call did, whose change is durable already. */
  final void finishDurable(Sense outcome) {
    if (outcome.isNone()) {
      end(Status.GOOD, Sense.NONE);
    } else if (DeviceIo.isBusy(outcome)) {
      end(Status.BUSY, Sense.NONE);
    } else if (Reservations.isConflict(outcome)) {
      end(Status.RESERVATION_CONFLICT, Sense.NONE);
    } else {
      fail(outcome);
    }
  }

  final void end(Status endedWith, Sense why) {
    if (!running) {
      throw new IllegalStateException("task ended twice: " + this);
    }
    running = false;
    waitNoMore();
    releaseRanges();
    status = endedWith;
    sense = why;
    boolean counted = started;
    started = false;
    // the transport may use the task again as soon as it knows of the end
    ItlNexus endedOn = unit;
    TaskAttribute endedAttribute = attribute;
    boolean established = naca();
    if (unit != null && endedWith != Status.GOOD) {
      unit.ended(endedWith);
    }
    if (unit != null) {
      unit.server().answering(this);
    }
    try {
      tellOver();
      onEnded();
    } finally {
      // whatever fails, others must not wait for a command that is over
      if (counted) {
        endedOn.server().ended(endedOn, endedAttribute, endedWith, established);
      }
    }
  }

  /** Has something run when the command has ended, or was aborted and its last call is back. */
  final void whenOver(Runnable told) {
    whenOver = told;
  }

  private void tellOver() {
    Runnable told = whenOver;
    whenOver = null;
    if (told != null) {
      told.run();
    }
  }

  /** Whether it does the rest of a command that was answered, and counted, already. */
  boolean goesOnForAnother() {
    return false;
  }

  final boolean running() {
    return running;
  }

  /** Whether a device call of the command is under way. */
  public final boolean awaitsCall() {
    return pending != null;
  }

  // ---- facts

  /** The command descriptor block. */
  public final Cdb cdb() {
    return cdb;
  }

  /** The nexus that sent the command. */
  public final Nexus nexus() {
    return nexus;
  }

  /** The 8-byte LUN as it came. */
  public final long lun() {
    return lun;
  }

  /** The task attribute. */
  public final TaskAttribute attribute() {
    return attribute;
  }

  /** Bytes that the initiator is ready to take. */
  public final long expectedDataIn() {
    return expectedDataIn;
  }

  /** Bytes that the initiator is ready to give. */
  public final long expectedDataOut() {
    return expectedDataOut;
  }

  /**
   * Bytes of write data that the command asks for, however few the initiator is ready to give: what
   * the residual count is reckoned from. 0 when the command asked for none.
   */
  public final int dataOutLength() {
    return dataOutLength;
  }

  /** When the command came, in the time of {@link System#nanoTime}. */
  public final long arrived() {
    return arrived;
  }

  /** The command's name in the standards; that of its operation code where nobody knows it. */
  public final String commandName() {
    return command == null ? String.format("operation code %02xh", cdb.opcode()) : command.name();
  }

  /** Bytes that a command which ended well moved between initiator and unit. */
  final long bytesMoved() {
    long in = dataIn == null ? deviceLength : dataIn.remaining();
    return Math.min(in, expectedDataIn) + Math.min(dataOutLength, expectedDataOut);
  }

  /** What measures the command for the flight recorder; null unless that listens. */
  final SlowCommandEvent slow() {
    return slow;
  }

  /** Whether CHECK CONDITION follows the data that the command sends. */
  public final boolean endsWithSense() {
    return !ending.isNone();
  }

  /** How the command ended. */
  public final Status status() {
    return status;
  }

  /** Why, when the status is CHECK CONDITION; else {@link Sense#NONE}. */
  public final Sense sense() {
    return sense;
  }

  /** Whether the unit wants its sense data in descriptor format. */
  public final boolean descriptorSense() {
    return unit != null && unit.server().descriptorSense();
  }

  /** Whether the command ended with parameter data to send. */
  public final boolean hasDataIn() {
    return dataIn != null;
  }

  /** Parameter data to send, from its position to its limit. */
  public final ByteBuffer dataIn() {
    return dataIn;
  }

  /**
   * Whether the command is one of a unit's, whatever number it was sent to and whatever is behind
   * that number by now.
   */
  public final boolean isIn(DeviceServer server) {
    return unit != null && unit.server() == server;
  }

  /**
   * Whether another unit, or none, is by now behind the number that the command was sent to, see
   * {@link Nexus#route}.
   */
  public final boolean isOutdated() {
    return unit != null && nexus.router().find(lun).orElse(null) != unit.server();
  }

  /** The unit and the nexus together; set once the router found the unit. */
  final ItlNexus unit() {
    return unit;
  }

  final Command command() {
    return command;
  }

  @Override
  public String toString() {
    return (command == null ? "command" : command.name()) + " " + cdb + " lun " + Lun.format(lun);
  }
}
