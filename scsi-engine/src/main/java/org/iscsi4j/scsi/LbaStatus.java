package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.NEEDS_MEDIUM;
import static org.iscsi4j.scsi.Command.Trait.READS;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Extent;
import org.iscsi4j.api.Geometry;

/**
 * GET LBA STATUS(16) and (32): which blocks have storage behind them, from the device's own
 * extents.
 */
final class LbaStatus {

  static final List<Command> ROWS =
      List.of(
          Command.ofAction(
              "GET LBA STATUS(16)",
              0x12,
              "9e 12 ffffffffffffffff ffffffff 00 00",
              LbaStatus::sixteen,
              READS,
              NEEDS_MEDIUM),
          Command.ofLong(
              "GET LBA STATUS(32)",
              "7f 00 0000000000 18 0012 00 00 ffffffffffffffff ffffffff 00000000 ffffffff",
              LbaStatus::thirtyTwo,
              READS,
              NEEDS_MEDIUM));

  private static final int HEADER_LENGTH = 8;
  private static final int DESCRIPTOR_LENGTH = 16;

  /** The most descriptors in one answer; an initiator asks again from where it ends. */
  private static final int MAX_DESCRIPTORS = 256;

  /**
   * The most times that one command asks the device. A run that is cut short by it is legal; an
   * initiator asks again from where it ends.
   */
  static final int MAX_EXTENTS = 1024;

  private static final long MAX_BLOCKS = 0xffff_ffffL;
  private static final byte MAPPED = 0;
  private static final byte DEALLOCATED = 1;

  private LbaStatus() {}

  private static void sixteen(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    execute(unit, task, cdb.i64(2), Long.MAX_VALUE, cdb.u32(10));
  }

  private static void thirtyTwo(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    long scan = cdb.u32(20);
    execute(unit, task, cdb.i64(12), scan == 0 ? Long.MAX_VALUE : scan, cdb.u32(28));
  }

  /**
   * Answers.
   *
   * @param scan blocks to look at, from the first on
   */
  private static void execute(
      DeviceServer unit, ScsiTask task, long lba, long scan, long allocation) {
    Geometry whole = unit.geometry();
    Sense outside = BlockRange.check(whole, lba, 1);
    if (!outside.isNone()) {
      task.fail(outside);
      return;
    }
    Geometry geometry = whole.withBlockCount(lba + Math.min(scan, whole.blockCount() - lba));
    long room = Math.max(0, allocation - HEADER_LENGTH) / DESCRIPTOR_LENGTH;
    int descriptors = (int) Math.max(1, Math.min(room, MAX_DESCRIPTORS));
    ByteBuffer out = ByteBuffer.allocate(HEADER_LENGTH + descriptors * DESCRIPTOR_LENGTH);
    DeviceIo io = unit.io();
    if (!unit.capabilities().extents()) {
      mapped(geometry, lba, out);
      end(task, out, allocation, Sense.NONE);
    } else if (io.instant(0)) {
      end(task, out, allocation, extents(io, geometry, lba, out));
    } else {
      task.callElsewhere(
          io,
          () -> extents(io, geometry, lba, out),
          outcome -> end(task, out, allocation, outcome));
    }
  }

  private static Sense extents(DeviceIo io, Geometry geometry, long lba, ByteBuffer out) {
    long offset = lba * geometry.blockSize();
    return io.ask(offset, geometry.size() - offset, device -> describe(device, geometry, lba, out));
  }

  private static void end(ScsiTask task, ByteBuffer out, long allocation, Sense outcome) {
    if (outcome.isNone()) {
      ParameterData.send(task, out.array(), out.position(), allocation);
    } else {
      task.finish(outcome);
    }
  }

  /** The answer of a device that does not know its extents: one run, without asking it. */
  private static void mapped(Geometry geometry, long lba, ByteBuffer out) {
    out.position(HEADER_LENGTH);
    put(out, lba, new Run(Math.min(geometry.blockCount() - lba, MAX_BLOCKS), false));
    putLength(out);
  }

  /** Fills the answer with runs of one state each, from an LBA on. */
  private static void describe(BlockDevice device, Geometry geometry, long from, ByteBuffer out)
      throws IOException {
    Extents extents = new Extents(device, geometry);
    out.position(HEADER_LENGTH);
    for (long lba = from; lba < geometry.blockCount() && out.hasRemaining() && extents.left > 0; ) {
      Run run = extents.runAt(lba);
      put(out, lba, run);
      lba += run.blocks();
    }
    putLength(out);
  }

  private static void put(ByteBuffer out, long lba, Run run) {
    out.putLong(lba); // LBA STATUS LOGICAL BLOCK ADDRESS
    out.putInt((int) run.blocks()); // NUMBER OF LOGICAL BLOCKS
    out.put(run.deallocated() ? DEALLOCATED : MAPPED); // PROVISIONING STATUS
    out.put((byte) 0).putShort((short) 0);
  }

  private static void putLength(ByteBuffer out) {
    out.putInt(0, out.position() - Integer.BYTES); // PARAMETER DATA LENGTH
  }

  /** Blocks of one state; what the device can't tell counts as mapped. */
  private record Run(long blocks, boolean deallocated) {}

  /** What a device says of its extents, for one command. */
  private static final class Extents {

    private final BlockDevice device;
    private final Geometry geometry;

    /** How often the device may still be asked. */
    private int left = MAX_EXTENTS;

    Extents(BlockDevice device, Geometry geometry) {
      this.device = device;
      this.geometry = geometry;
    }

    Run runAt(long lba) throws IOException {
      long limit = Math.min(geometry.blockCount() - lba, MAX_BLOCKS);
      Run run = extent(lba, limit);
      while (run.blocks() < limit && left > 0) {
        // a device may tell a run in pieces, and an initiator counts descriptors
        Run next = extent(lba + run.blocks(), limit - run.blocks());
        if (next.deallocated() != run.deallocated()) {
          return run;
        }
        run = new Run(run.blocks() + next.blocks(), run.deallocated());
      }
      return run;
    }

    private Run extent(long lba, long limit) throws IOException {
      left--;
      int size = geometry.blockSize();
      Extent extent = device.extent(lba * size, limit * size);
      long blocks = Math.min(limit, Math.max(1, extent.length() / size));
      return new Run(blocks, extent.state() == Extent.State.DEALLOCATED);
    }
  }
}
