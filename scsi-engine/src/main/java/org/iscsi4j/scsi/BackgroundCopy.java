package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The task of a copy that goes on after its command has ended (IMMED), and after the session has.
 * It belongs to no connection's thread: its steps run one after the other wherever device calls
 * come back.
 */
final class BackgroundCopy extends ScsiTask {

  private static final Logger log = LoggerFactory.getLogger(BackgroundCopy.class);

  private BackgroundCopy() {}

  /** A task that goes on for that of a command. */
  static BackgroundCopy of(ScsiTask command) {
    BackgroundCopy made = new BackgroundCopy();
    made.cdb().set(command.cdb().i64(0), command.cdb().i64(8));
    made.begin(new Steps(command.nexus()), command.lun(), TaskAttribute.SIMPLE, 0, 0);
    made.enter(command.unit(), command.command());
    return made;
  }

  void run(Consumer<ScsiTask> copy) {
    Runnable first = () -> unit().server().cameBack(this, Sense.NONE, outcome -> copy.accept(this));
    nexus().execute(first);
  }

  @Override
  protected void onDataOutRequested(int length) {
    throw new IllegalStateException(this + " has no initiator");
  }

  @Override
  protected void onDeviceRead(DeviceIo io, long offset, int length) {
    throw new IllegalStateException(this + " has no initiator");
  }

  @Override
  boolean goesOnForAnother() {
    return true;
  }

  @Override
  protected void onEnded() {}

  @Override
  protected void onReleased() {}

  @Override
  protected ByteBuffer keep(ByteBuffer dataOut) {
    return dataOut;
  }

  /** Runs what it is given in order, on the thread of whoever finds it idle. */
  private static final class Steps extends Nexus {

    private final Nexus asker;
    private final Queue<Runnable> work = new ConcurrentLinkedQueue<>();
    private final AtomicInteger open = new AtomicInteger();

    Steps(Nexus of) {
      super(of.initiatorPort(), of.targetPort(), of.router());
      asker = of;
    }

    @Override
    RateLimiter rateLimiter() {
      return asker.rateLimiter();
    }

    @Override
    protected void execute(Runnable step) {
      work.add(step);
      if (open.getAndIncrement() == 0) {
        do {
          runNext();
        } while (open.decrementAndGet() > 0);
      }
    }

    private void runNext() {
      try {
        work.remove().run();
      } catch (Throwable bug) {
        log.error("{}: a step of a copy failed", this, bug);
      }
    }

    @Override
    protected boolean abortTasks(DeviceServer unit, boolean answered, Runnable settled) {
      settled.run();
      return false;
    }
  }
}
