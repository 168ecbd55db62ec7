package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.List;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.PeripheralDeviceType;

/**
 * EXTENDED COPY (SPC-4 clauses 6.4 and 6.5), with one byte or four of list identifier, of block to
 * block segments between the units that the initiator may reach. A segment is atomic to other
 * changes of its destination; the segments before one that fails stay copied.
 */
record ExtendedCopy(CopyList.Format format) implements CommandHandler {

  static final List<Command> ROWS =
      List.of(
          row("EXTENDED COPY(LID1)", 0x00, "83 00", CopyList.Format.LID1),
          row("EXTENDED COPY(LID4)", 0x01, "83 01", CopyList.Format.LID4));

  /** The CSCD descriptor identifier of the unit that runs the command. */
  static final int THIS_UNIT = 0xffff;

  private static Command row(String name, int action, String code, CopyList.Format format) {
    return Command.ofAction(
        name, action, code + "0000000000000000 ffffffff 00 00", new ExtendedCopy(format));
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    long length = task.cdb().u32(10); // PARAMETER LIST LENGTH
    if (length == 0) {
      task.good();
    } else if (length < format.headerLength() || length > CopyLimits.LIST_BYTES) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.requestDataOut((int) length);
    }
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    if (data.remaining() < task.cdb().u32(10)) {
      // half a list is no list
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
      return;
    }
    CopyList list = new CopyList(format, data.slice());
    Sense refusal = list.check();
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    CopyOperation operation = new CopyOperation(task.command(), list.listId(), list.immediate());
    Segments segments = new Segments(unit, task.nexus(), operation, list.cscds(), list.segments());
    unit.copies().start(task, operation, list.held(), segments::copy);
  }

  /** The segments of a copy, one after the other. */
  private static final class Segments {

    private final DeviceServer manager;

    /** On whose behalf, also when the copy has gone to the background. */
    private final Nexus initiator;

    private final CopyOperation operation;
    private final List<CopyList.Cscd> cscds;
    private final List<CopyList.Segment> segments;

    private ScsiTask task;
    private CopyStream stream;

    /** The segment that is copied. */
    private int at;

    Segments(
        DeviceServer manager,
        Nexus initiator,
        CopyOperation operation,
        List<CopyList.Cscd> cscds,
        List<CopyList.Segment> segments) {
      this.manager = manager;
      this.initiator = initiator;
      this.operation = operation;
      this.cscds = cscds;
      this.segments = segments;
    }

    void copy(ScsiTask with) {
      task = with;
      stream = new CopyStream(with, operation);
      next();
    }

    private void next() {
      if (at == segments.size()) {
        operation.end(task, Sense.NONE);
        return;
      }
      CopyList.Segment segment = segments.get(at);
      DeviceServer source = find(segment.source());
      DeviceServer destination = find(segment.destination());
      Sense refusal = check(segment, source, destination);
      if (!refusal.isNone()) {
        fail(refusal);
        return;
      }
      CopyStream.Stretch stretch = stretch(segment, source, destination);
      task.lockRange(
          destination.io(),
          stretch.to(),
          stretch.length(),
          () -> stream.copy(stretch, outcome -> copied(destination, outcome)));
    }

    private void copied(DeviceServer destination, Sense outcome) {
      // the destination did not see a command that writes
      destination.spaceChanged();
      if (!outcome.isNone()) {
        fail(operation.stopping() ? CopySense.ABORTED : CopySense.ofDevice(outcome));
        return;
      }
      task.releaseRanges();
      operation.segmentDone();
      at++;
      next();
    }

    private void fail(Sense why) {
      operation.end(task, CopySense.inSegment(why, at));
    }

    /**
     * The unit of a CSCD descriptor; null when this initiator may not reach it, which is not told
     * apart from that there is none.
     */
    private DeviceServer find(int id) {
      if (id == THIS_UNIT) {
        return manager;
      }
      if (id >= cscds.size()) {
        return null;
      }
      ByteBuffer wanted = cscds.get(id).designator();
      return initiator.router().reachable().from(initiator).stream()
          .flatMap(each -> each.server().stream())
          .filter(each -> wanted.equals(designator(each)))
          .findFirst()
          .orElse(null);
    }

    private static ByteBuffer designator(DeviceServer unit) {
      return ByteBuffer.wrap(DeviceIdentification.unitDesignator(unit.identity()));
    }

    private Sense check(CopyList.Segment segment, DeviceServer source, DeviceServer destination) {
      Sense refusal = check(segment.source(), source, false, 4);
      if (refusal.isNone()) {
        refusal = check(segment.destination(), destination, true, 6);
      }
      return refusal.isNone() ? checkRanges(segment, source, destination) : refusal;
    }

    /** Whether a unit is there, is what its descriptor says, and may be used. */
    private Sense check(int id, DeviceServer found, boolean write, int fieldAt) {
      if (found == null) {
        return CopySense.DEVICE_NOT_REACHABLE.withSegmentPointer(fieldAt);
      }
      if (id != THIS_UNIT
          && cscds.get(id).deviceType() != PeripheralDeviceType.DIRECT_ACCESS.code()) {
        return CopySense.INCORRECT_DEVICE_TYPE.withSegmentPointer(fieldAt);
      }
      if (id != THIS_UNIT && cscds.get(id).blockLength() != found.geometry().blockSize()) {
        return CopySense.WRONG_BLOCK_LENGTH.withSegmentPointer(fieldAt);
      }
      boolean free = found.accessRefusal(initiator, write).isNone();
      return free ? Sense.NONE : CopySense.THIRD_PARTY_DEVICE_FAILURE.withSegmentPointer(fieldAt);
    }

    /**
     * Data that are no whole number of blocks on either side would have to be kept for the next
     * segment (CAT) or filled up (PAD): such a segment is refused.
     */
    private static Sense checkRanges(
        CopyList.Segment segment, DeviceServer source, DeviceServer destination) {
      long bytes = bytes(segment, source, destination);
      Geometry from = source.geometry();
      Geometry to = destination.geometry();
      if (bytes % from.blockSize() != 0 || bytes % to.blockSize() != 0) {
        return CopySense.UNEXPECTED_INEXACT_SEGMENT.withSegmentPointer(10);
      }
      if (bytes == 0) {
        return Sense.NONE;
      }
      if (!BlockRange.check(from, segment.sourceLba(), bytes / from.blockSize()).isNone()) {
        return CopySense.ABORTED.withSegmentPointer(12);
      }
      boolean fits =
          BlockRange.check(to, segment.destinationLba(), bytes / to.blockSize()).isNone();
      return fits ? Sense.NONE : CopySense.ABORTED.withSegmentPointer(20);
    }

    private static long bytes(
        CopyList.Segment segment, DeviceServer source, DeviceServer destination) {
      DeviceServer counted = segment.countsDestination() ? destination : source;
      return (long) segment.blocks() * counted.geometry().blockSize();
    }

    private static CopyStream.Stretch stretch(
        CopyList.Segment segment, DeviceServer source, DeviceServer destination) {
      long bytes = bytes(segment, source, destination);
      // a segment of no blocks may point anywhere
      return new CopyStream.Stretch(
          source,
          bytes == 0 ? 0 : segment.sourceLba() * source.geometry().blockSize(),
          destination,
          bytes == 0 ? 0 : segment.destinationLba() * destination.geometry().blockSize(),
          bytes);
    }
  }
}
