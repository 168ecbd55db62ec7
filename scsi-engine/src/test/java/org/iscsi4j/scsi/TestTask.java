package org.iscsi4j.scsi;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A task whose initiator is a byte array: it gives write data at once and keeps what it receives.
 */
final class TestTask extends ScsiTask {

  private final byte[] offered;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();

  /** What the command asked for, -1 when it asked for nothing. */
  int requested = -1;

  int ended;
  int released;

  /** Whether the write data stay away until {@link #give}. */
  boolean late;

  /** Buffers that {@link #keep} copied. */
  int kept;

  /** Thrown by the transport's part of the next step. */
  Error thrown;

  private TestTask(byte[] offered) {
    this.offered = offered;
  }

  static TestTask of(Nexus nexus, long lun, byte[] cdb, long expectedDataIn, byte[] offered) {
    return of(nexus, lun, TaskAttribute.SIMPLE, cdb, expectedDataIn, offered);
  }

  static TestTask of(
      Nexus nexus,
      long lun,
      TaskAttribute attribute,
      byte[] cdb,
      long expectedDataIn,
      byte[] offered) {
    TestTask task = new TestTask(offered);
    task.cdb().set(ByteBuffer.wrap(cdb));
    task.begin(nexus, lun, attribute, expectedDataIn, offered.length);
    return task;
  }

  /** A command to LUN 0 that came at a time. */
  static TestTask arrived(Nexus nexus, byte[] cdb, byte[] offered, long at) {
    TestTask task = new TestTask(offered);
    task.cdb().set(ByteBuffer.wrap(cdb));
    task.begin(nexus, 0, TaskAttribute.SIMPLE, 0xffff_ffffL, offered.length, at);
    return task;
  }

  byte[] received() {
    return received.toByteArray();
  }

  @Override
  protected void onDataOutRequested(int length) {
    requested = length;
    if (!late) {
      give();
    }
  }

  /** Gives the write data that were asked for. */
  void give() {
    byte[] buffer = Arrays.copyOf(offered, Math.min(requested, offered.length));
    // position and limit away from the ends, as in a receive buffer
    ByteBuffer framed = ByteBuffer.allocate(buffer.length + 16).position(8);
    framed.put(buffer).flip().position(8);
    deliverDataOut(framed);
    // the next bytes from the network
    Arrays.fill(framed.array(), (byte) 0xee);
  }

  @Override
  protected void onDeviceRead(DeviceIo io, long offset, int length) {
    maybeFail();
    int wanted = (int) Math.min(length, expectedDataIn());
    ByteBuffer into = ByteBuffer.allocate(wanted);
    if (wanted == 0) {
      deviceReadDone(Sense.NONE);
    } else if (io.quick(wanted)) {
      sent(io.read(offset, into), into);
    } else {
      readElsewhere(io, offset, into, outcome -> sent(outcome, into));
    }
  }

  @Override
  protected void onDataIn(ByteBuffer data) {
    byte[] bytes = new byte[(int) Math.min(data.remaining(), expectedDataIn())];
    data.get(bytes);
    received.writeBytes(bytes);
    deviceReadDone(Sense.NONE);
  }

  private void sent(Sense outcome, ByteBuffer into) {
    if (outcome.isNone()) {
      received.writeBytes(into.array());
    }
    deviceReadDone(outcome);
  }

  @Override
  protected void onEnded() {
    ended++;
    if (hasDataIn()) {
      ByteBuffer data = dataIn();
      byte[] bytes = new byte[(int) Math.min(data.remaining(), expectedDataIn())];
      data.get(bytes);
      received.writeBytes(bytes);
    }
  }

  @Override
  protected void onReleased() {
    released++;
  }

  @Override
  protected ByteBuffer keep(ByteBuffer dataOut) {
    kept++;
    maybeFail();
    return ByteBuffer.allocate(dataOut.remaining()).put(dataOut).flip();
  }

  private void maybeFail() {
    Error error = thrown;
    thrown = null;
    if (error != null) {
      throw error;
    }
  }
}
