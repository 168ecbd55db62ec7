package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.LogicalUnit;

/** Two disks as LUN 0 and 1 behind one target port, a third that is not, and copy commands. */
final class CopyEngine {

  static final int LIST_ID = 7;

  /** LIST ID USAGE in its place. */
  static final int HOLD = 0;

  static final int RESERVED_USAGE = 0x08;
  static final int DISCARD = 0x10;
  static final int NO_LIST = 0x18;

  static final int DC = 0x02;

  private static final long ANY_LENGTH = 0xffff_ffffL;
  private static final byte[] NOTHING = {};

  final Devices devices;
  final DeviceServer zero;
  final DeviceServer one;
  final DeviceServer elsewhere;
  final TaskRouter router;
  final TestNexus nexus;

  /** The units that may be copied between; those behind the port, unless a test says otherwise. */
  List<DeviceServer> reachable;

  CopyEngine(Executor executor, TestDisk zero, TestDisk one) {
    this(executor, LogicalUnit.of(zero), LogicalUnit.of(one));
  }

  CopyEngine(Executor executor, LogicalUnit zero, LogicalUnit one) {
    this(new Devices(executor), zero, one);
  }

  CopyEngine(Devices devices, LogicalUnit zero, LogicalUnit one) {
    this.devices = devices;
    this.zero = disk(zero, 0xa0);
    this.one = disk(one, 0xa1);
    elsewhere = disk(LogicalUnit.of(TestDisk.ofBlocks(64)), 0xa2);
    reachable = List.of(this.zero, this.one);
    Map<Integer, MappedUnit> units =
        Map.of(0, MappedUnit.of(this.zero), 1, MappedUnit.of(this.one));
    router = new TaskRouter(units, asking -> reachable.stream().map(MappedUnit::of).toList());
    nexus = nexus("iqn.2026-11.org.example:host,i,0x000000000001");
  }

  private DeviceServer disk(LogicalUnit unit, long id) {
    Identity identity = new Identity("ACME", "ROCKET DISK", "1.0", "SN-" + id, id);
    return DeviceServer.of(unit, identity, devices);
  }

  TestNexus nexus(String initiator) {
    TestNexus made = new TestNexus(initiator, router);
    made.unit(0, zero).takeUnitAttention();
    made.unit(1, one).takeUnitAttention();
    return made;
  }

  // ---- running commands

  ScsiResult execute(byte[] cdb, byte[] dataOut) {
    return execute(0, cdb, dataOut);
  }

  ScsiResult execute(int lun, byte[] cdb, byte[] dataOut) {
    TestTask task = nexus.start(Lun.encode(lun), cdb, ANY_LENGTH, dataOut);
    nexus.drain();
    if (task.ended != 1) {
      throw new AssertionError(task + " ended " + task.ended + " times");
    }
    return ScsiResult.of(task);
  }

  ScsiResult execute(String cdb) {
    return execute(Cdbs.hex(cdb), NOTHING);
  }

  /** Runs EXTENDED COPY(LID1) of a list. */
  ScsiResult copy(byte[] list) {
    return execute(extendedCopy(0, list.length), list);
  }

  /** Starts EXTENDED COPY(LID1) and leaves what it waits for waiting. */
  TestTask start(byte[] list) {
    return start(extendedCopy(0, list.length), list);
  }

  TestTask start(byte[] cdb, byte[] list) {
    return nexus.start(0, cdb, ANY_LENGTH, list);
  }

  // ---- parameter lists

  static byte[] extendedCopy(int action, int length) {
    return ByteBuffer.allocate(16).putShort((short) (0x8300 | action)).putInt(10, length).array();
  }

  static byte[] tokenCommand(int action, int listId, int length) {
    return ByteBuffer.wrap(extendedCopy(action, length)).putInt(6, listId).array();
  }

  static byte[] cscd(DeviceServer unit) {
    return cscd(unit.identity().deviceId(), unit.geometry().blockSize());
  }

  static byte[] cscd(long deviceId, int blockSize) {
    return ByteBuffer.allocate(32)
        .putInt(0xe400_0000)
        .putInt(0x0103_0008)
        .putLong(0x3000_0000_0000_0000L | deviceId)
        .putInt(28, blockSize)
        .array();
  }

  static byte[] segment(int flags, int from, int to, int blocks, long fromLba, long toLba) {
    return ByteBuffer.allocate(28)
        .put((byte) 0x02)
        .put((byte) flags)
        .putShort((short) 24)
        .putShort((short) from)
        .putShort((short) to)
        .putShort((short) 0)
        .putShort((short) blocks)
        .putLong(fromLba)
        .putLong(toLba)
        .array();
  }

  /** From LUN 0 to LUN 1 of the list that {@link #list} makes. */
  static byte[] across(int blocks, long fromLba, long toLba) {
    return segment(0, 0, 1, blocks, fromLba, toLba);
  }

  /** A list whose CSCD descriptors are LUN 0 and LUN 1. */
  byte[] list(byte[]... segments) {
    return list(HOLD, List.of(cscd(zero), cscd(one)), List.of(segments));
  }

  static byte[] list(int usage, List<byte[]> cscds, List<byte[]> segments) {
    ByteBuffer header = ByteBuffer.allocate(16);
    header.put((byte) LIST_ID).put((byte) usage).putShort((short) (32 * cscds.size()));
    header.putInt(8, length(segments));
    return join(header.array(), cscds, segments);
  }

  /** The same with four bytes of list identifier. */
  byte[] longList(int usage, int flags, byte[]... segments) {
    ByteBuffer header = ByteBuffer.allocate(48);
    header.put((byte) 1).put((byte) usage).putShort((short) 32);
    header.put(15, (byte) flags).put(16, (byte) 0xff).putInt(20, LIST_ID);
    header.putShort(42, (short) 64).putShort(44, (short) length(List.of(segments)));
    return join(header.array(), List.of(cscd(zero), cscd(one)), List.of(segments));
  }

  static byte[] populateList(int flags, int timeout, int type, long... ranges) {
    return ranges(
        ByteBuffer.allocate(16).put(2, (byte) flags).putInt(4, timeout).putInt(8, type), ranges);
  }

  static byte[] writeList(int flags, long offset, byte[] token, long... ranges) {
    ByteBuffer header = ByteBuffer.allocate(536).put(2, (byte) flags).putLong(8, offset);
    return ranges(header.position(16).put(token), ranges);
  }

  private static byte[] ranges(ByteBuffer header, long... ranges) {
    int length = ranges.length / 2 * 16;
    byte[] list = Arrays.copyOf(header.array(), header.capacity() + length);
    ByteBuffer out = ByteBuffer.wrap(list);
    out.putShort(0, (short) (list.length - 2));
    out.putShort(header.capacity() - 2, (short) length).position(header.capacity());
    for (int each = 0; each < ranges.length; each += 2) {
      out.putLong(ranges[each]).putInt((int) ranges[each + 1]).putInt(0);
    }
    return list;
  }

  private static int length(List<byte[]> parts) {
    return parts.stream().mapToInt(each -> each.length).sum();
  }

  private static byte[] join(byte[] header, List<byte[]> cscds, List<byte[]> segments) {
    ByteBuffer out = ByteBuffer.allocate(header.length + length(cscds) + length(segments));
    out.put(header);
    cscds.forEach(out::put);
    segments.forEach(out::put);
    return out.array();
  }
}
