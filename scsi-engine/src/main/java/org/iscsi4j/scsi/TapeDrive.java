package org.iscsi4j.scsi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.BlockDeviceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state behind the commands of a tape: the medium with its one position, and what was selected.
 * Commands that use the position take turns, in the order in which they came; the medium is touched
 * by the one whose turn it is, and by it never on the thread of a connection unless the device
 * never blocks.
 */
final class TapeDrive {

  private static final Logger log = LoggerFactory.getLogger(TapeDrive.class);

  /** The one thing that commands take turns at. */
  private static final long[] TURN = {0, 1};

  private final RangeLocks turns = new RangeLocks();

  /** A reset came, which leads to the beginning of the tape. */
  private final AtomicBoolean rewinds = new AtomicBoolean();

  private volatile TapeMode mode = TapeMode.DEFAULT;

  /** Null until it is used for the first time after it was loaded; guarded by this. */
  private TapeMedium medium;

  /** How often the medium was exchanged; guarded by this. */
  private int exchanges;

  /** Where the data of several entries are put together; used by whose turn it is. */
  private ByteBuffer gathered = ByteBuffer.allocate(0);

  /** What is done to the medium; the sense is that of the command when nothing is thrown. */
  @FunctionalInterface
  interface Operation {
    Sense on(TapeMedium medium) throws IOException;
  }

  // ---- what was selected

  TapeMode mode() {
    return mode;
  }

  void mode(TapeMode now) {
    mode = now;
  }

  // ---- the medium comes and goes

  /** Another medium, or none, from now on. From any thread. */
  synchronized void exchanged() {
    exchanges++;
    if (medium != null) {
      medium.close();
      medium = null;
    }
  }

  private synchronized int exchanges() {
    return exchanges;
  }

  private synchronized TapeMedium medium() {
    return medium;
  }

  /** Takes a medium that was opened, unless it was exchanged meanwhile. */
  private synchronized TapeMedium mount(TapeMedium opened, int exchangesBefore) throws IOException {
    if (exchanges != exchangesBefore) {
      throw new BlockDeviceException(
          BlockDeviceException.Kind.NOT_READY, "the tape was exchanged while it was opened");
    }
    medium = opened;
    return opened;
  }

  /** From any thread. */
  void reset() {
    mode = TapeMode.DEFAULT;
    rewinds.set(true);
  }

  private TapeMedium mounted(BlockDevice device) throws IOException {
    int before = exchanges();
    TapeMedium now = medium();
    boolean rewind = rewinds.getAndSet(false);
    if (now == null) {
      return mount(TapeMedium.open(device), before);
    }
    if (rewind) {
      now.rewind();
    }
    return now;
  }

  // ---- turns

  /** Goes on when it is the command's turn and the medium can still be used; until it has ended. */
  void inTurn(DeviceServer unit, ScsiTask task, Runnable then) {
    task.lock(
        turns,
        TURN,
        () -> {
          Sense refusal = unit.mediumRefusal(false);
          if (refusal.isNone()) {
            then.run();
          } else {
            task.fail(refusal);
          }
        });
  }

  /** A command that does one thing to the medium. */
  void execute(DeviceServer unit, ScsiTask task, Operation operation) {
    inTurn(unit, task, () -> call(unit, task, operation, task::finishDurable));
  }

  /** Does something to the medium, in the command's turn, and goes on. */
  void call(DeviceServer unit, ScsiTask task, Operation operation, Consumer<Sense> then) {
    boolean writes = task.command().writes();
    make(unit.io(), task, writes, device -> operate(device, operation), then);
  }

  /** Makes an empty tape in place of whatever is on the device. */
  void format(DeviceServer unit, ScsiTask task, Consumer<Sense> then) {
    make(unit.io(), task, true, this::format, then);
  }

  private Sense format(BlockDevice device) throws IOException {
    exchanged();
    int before = exchanges();
    mount(TapeMedium.format(device), before);
    return Sense.NONE;
  }

  @FunctionalInterface
  private interface DeviceCall {
    Sense on(BlockDevice device) throws IOException;
  }

  private static void make(
      DeviceIo io, ScsiTask task, boolean writes, DeviceCall call, Consumer<Sense> then) {
    if (io.instant(0)) {
      then.accept(outcome(io, writes, call));
    } else {
      task.callElsewhere(io, () -> outcome(io, writes, call), then);
    }
  }

  private static Sense outcome(DeviceIo io, boolean writes, DeviceCall call) {
    Sense[] said = {Sense.NONE};
    DeviceIo.Call made = device -> said[0] = call.on(device);
    Sense fault = writes ? io.change(made) : io.ask(0, 0, made);
    return fault.isNone() ? said[0] : withoutPlace(fault);
  }

  /** INFORMATION of a tape counts blocks that were left, not those of the device. */
  private static Sense withoutPlace(Sense fault) {
    return fault.key() == SenseKey.MEDIUM_ERROR
        ? Sense.of(fault.key(), fault.asc(), fault.ascq())
        : fault;
  }

  /** A fault of the medium tells what was asked for and not done. */
  static Sense withResidue(Sense outcome, long left) {
    boolean fault = outcome.key() == SenseKey.MEDIUM_ERROR;
    return fault && !outcome.equals(Sense.INCOMPATIBLE_MEDIUM)
        ? outcome.withInformation(left)
        : outcome;
  }

  private Sense operate(BlockDevice device, Operation operation) throws IOException {
    try {
      return operation.on(mounted(device));
    } catch (TapeFormatException e) {
      log.warn("{}: {}", device, e.getMessage());
      return Sense.INCOMPATIBLE_MEDIUM;
    }
  }

  /** An empty buffer with room for so many bytes, for the command whose turn it is. */
  ByteBuffer gathering(int bytes) {
    if (gathered.capacity() < bytes) {
      gathered = ByteBuffer.allocate(bytes);
    }
    return gathered.clear();
  }
}
