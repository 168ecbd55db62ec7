package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * Does what a command asks for. Stateless: what a second step needs, it reads from the CDB again.
 * Runs where the task lives and must not block; long work goes through {@link
 * ScsiTask#callElsewhere}.
 */
@FunctionalInterface
interface CommandHandler {

  /** Starts the command: ends the task, asks for write data, or hands over a range to send. */
  void execute(DeviceServer unit, ScsiTask task);

  /** Goes on with the write data that {@link #execute} asked for. */
  default void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    throw new IllegalStateException(task + " asked for no write data");
  }
}
