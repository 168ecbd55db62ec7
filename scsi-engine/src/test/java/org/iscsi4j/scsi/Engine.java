package org.iscsi4j.scsi;

import java.util.Map;
import java.util.concurrent.Executor;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.LogicalUnit;

/** One disk as LUN 0 behind one target port, and the nexus that most tests use. */
final class Engine {

  static final Identity IDENTITY =
      new Identity("ACME", "ROCKET DISK", "1.0", "SN-0042", 0x0123_4567_89ab_cdefL);

  /** Room for all the data that a command has. */
  private static final long ANY_LENGTH = 0xffff_ffffL;

  private static final byte[] NOTHING = {};

  final DeviceServer unit;
  final TaskRouter router;
  final TestNexus nexus;

  private Engine(LogicalUnit logicalUnit, Devices devices) {
    unit = DeviceServer.of(logicalUnit, IDENTITY, devices);
    router = new TaskRouter(Map.of(0, unit));
    nexus = nexus("iqn.2026-11.org.example:host,i,0x000000000001");
  }

  /** Over a device; calls elsewhere run on the thread of the test. */
  static Engine over(BlockDevice device) {
    return over(LogicalUnit.of(device));
  }

  static Engine over(LogicalUnit unit) {
    return over(unit, Runnable::run);
  }

  static Engine over(LogicalUnit unit, Executor executor) {
    return over(unit, new Devices(executor));
  }

  static Engine over(LogicalUnit unit, Devices devices) {
    return new Engine(unit, devices);
  }

  /** Another initiator, which has been told of the power on. */
  TestNexus nexus(String initiatorPort) {
    TestNexus made = new TestNexus(initiatorPort, router);
    made.unit(0, unit).takeUnitAttention();
    return made;
  }

  /** The same through another target port. */
  TestNexus nexus(String initiatorPort, TargetPort port) {
    TestNexus made = new TestNexus(initiatorPort, port, router);
    made.unit(0, unit).takeUnitAttention();
    return made;
  }

  ScsiResult execute(byte... cdb) {
    return execute(cdb, NOTHING);
  }

  ScsiResult execute(byte[] cdb, byte[] dataOut) {
    return execute(nexus, cdb, ANY_LENGTH, dataOut);
  }

  ScsiResult execute(TestNexus from, byte[] cdb) {
    return execute(from, cdb, ANY_LENGTH, NOTHING);
  }

  /** Runs a command to its end. */
  ScsiResult execute(TestNexus from, byte[] cdb, long expectedDataIn, byte[] dataOut) {
    TestTask task = from.start(0, cdb, expectedDataIn, dataOut);
    from.drain();
    if (task.ended != 1) {
      throw new AssertionError(task + " ended " + task.ended + " times");
    }
    return ScsiResult.of(task);
  }

  /** Starts a command and leaves what it waits for waiting. */
  TestTask start(byte[] cdb, byte[] dataOut) {
    return nexus.start(0, cdb, ANY_LENGTH, dataOut);
  }
}
