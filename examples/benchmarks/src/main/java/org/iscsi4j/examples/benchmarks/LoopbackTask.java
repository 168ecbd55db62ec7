package org.iscsi4j.examples.benchmarks;

import java.nio.ByteBuffer;
import org.iscsi4j.scsi.DeviceIo;
import org.iscsi4j.scsi.Nexus;
import org.iscsi4j.scsi.ScsiTask;
import org.iscsi4j.scsi.TaskAttribute;

/** A task whose data moves to and from one buffer. */
final class LoopbackTask extends ScsiTask {

  private final ByteBuffer data;

  LoopbackTask(ByteBuffer data) {
    this.data = data;
  }

  void begin(Nexus nexus, long lun, int dataIn, int dataOut) {
    begin(nexus, lun, TaskAttribute.SIMPLE, dataIn, dataOut);
  }

  @Override
  protected void onDataOutRequested(int length) {
    deliverDataOut(data.clear().limit(length));
  }

  @Override
  protected void onDeviceRead(DeviceIo io, long offset, int length) {
    deviceReadDone(io.read(offset, data.clear().limit(length)));
  }

  @Override
  protected void onEnded() {}

  @Override
  protected void onReleased() {}

  @Override
  protected ByteBuffer keep(ByteBuffer dataOut) {
    return dataOut;
  }
}
