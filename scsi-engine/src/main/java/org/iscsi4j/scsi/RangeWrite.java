package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Writes data that is the task's own, in place or elsewhere. */
final class RangeWrite {

  private RangeWrite() {}

  /**
   * Writes and then says how it went.
   *
   * @param offset bytes from the start of the device
   * @param data stays as it is until the task has ended
   * @param durable whether the bytes must be durable before it goes on
   */
  static void run(
      DeviceIo io,
      ScsiTask task,
      long offset,
      ByteBuffer data,
      boolean durable,
      Consumer<Sense> then) {
    int length = data.remaining();
    if (durable ? io.instant(length) : io.quick(length)) {
      then.accept(io.write(offset, data, durable));
    } else {
      task.writeElsewhere(io, offset, data, durable, then);
    }
  }
}
