package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * What a nexus may ask about its copies (SPC-4 clauses 6.18 to 6.24). A list identifier is known
 * while its copy runs and after it, until another takes its place. RECEIVE COPY DATA is not there,
 * since no supported segment holds data.
 */
final class CopyResults {

  static final List<Command> ROWS =
      List.of(
          row("RECEIVE COPY STATUS(LID1)", 0x00, "ff 00000000000000", CopyResults::statusLid1),
          row(
              "RECEIVE COPY OPERATING PARAMETERS",
              0x03,
              "0000000000000000",
              CopyResults::operatingParameters),
          row(
              "RECEIVE COPY FAILURE DETAILS(LID1)",
              0x04,
              "ff 00000000000000",
              CopyResults::failureDetails),
          row("RECEIVE COPY STATUS(LID4)", 0x05, "ffffffff 00000000", CopyResults::statusLid4),
          row(
              "RECEIVE ROD TOKEN INFORMATION",
              0x07,
              "ffffffff 00000000",
              CopyResults::rodTokenInformation),
          row("REPORT ALL ROD TOKENS", 0x08, "0000000000000000", CopyResults::allRodTokens));

  /** SNLID: copies without a list identifier are supported. */
  private static final int SNLID = 0x01;

  private static final int BYTES = 0x00;
  private static final int MEBIBYTES = 0x02;
  private static final int LOGICAL_BLOCKS = 0xf1;

  private static final int UPDATE_DELAY_MILLIS = 1000;
  private static final int NO_UPDATE = -1;

  private static final int FAILURE_HEADER_LENGTH = 60;
  private static final int STATUS_LENGTH = 32;

  private CopyResults() {}

  private static Command row(String name, int action, String listId, CommandHandler handler) {
    String code = String.format("84 %02x", action);
    return Command.ofAction(name, action, code + listId + "ffffffff 00 00", handler);
  }

  private static void send(ScsiTask task, ByteBuffer data) {
    ParameterData.send(task, data.array(), task.cdb().u32(10));
  }

  private static CopyOperation find(ScsiTask task, long listId) {
    return task.unit().copies().find(listId);
  }

  // ---- one byte of list identifier

  private static void statusLid1(DeviceServer unit, ScsiTask task) {
    CopyOperation copy = find(task, task.cdb().u8(2));
    if (copy == null) {
      task.fail(Sense.invalidFieldInCdb(2));
      return;
    }
    long bytes = copy.bytes();
    boolean fits = bytes >>> 32 == 0;
    ByteBuffer out = ByteBuffer.allocate(12);
    out.putInt(out.capacity() - 4); // AVAILABLE DATA
    out.put((byte) shortStatus(copy)); // COPY COMMAND STATUS
    out.putShort((short) copy.segments()); // SEGMENTS PROCESSED
    out.put((byte) (fits ? BYTES : MEBIBYTES)); // TRANSFER COUNT UNITS
    out.putInt((int) (fits ? bytes : bytes >> 20)); // TRANSFER COUNT
    send(task, out);
  }

  private static int shortStatus(CopyOperation copy) {
    return switch (copy.state()) {
      case IN_PROGRESS -> 0x00;
      case COMPLETED -> 0x01;
      case FAILED, TERMINATED -> 0x02;
    };
  }

  private static void failureDetails(DeviceServer unit, ScsiTask task) {
    CopyOperation copy = find(task, task.cdb().u8(2));
    if (copy == null || copy.state() == CopyOperation.State.IN_PROGRESS) {
      task.fail(Sense.invalidFieldInCdb(2));
    } else if (copy.state() != CopyOperation.State.FAILED) {
      send(task, ByteBuffer.allocate(4)); // no AVAILABLE DATA
    } else {
      byte[] sense = copy.sense().toBytes(unit.descriptorSense());
      ByteBuffer out = ByteBuffer.allocate(FAILURE_HEADER_LENGTH + sense.length);
      out.putInt(out.capacity() - 4); // AVAILABLE DATA
      out.position(56);
      out.put((byte) Status.CHECK_CONDITION.code()); // EXTENDED COPY COMMAND STATUS
      out.put((byte) 0);
      out.putShort((short) sense.length).put(sense);
      send(task, out);
    }
  }

  // ---- four bytes of list identifier

  private static void statusLid4(DeviceServer unit, ScsiTask task) {
    CopyOperation copy = find(task, task.cdb().u32(2));
    if (copy == null) {
      task.fail(Sense.invalidFieldInCdb(2));
    } else {
      send(task, status(unit, copy, 0));
    }
  }

  private static void rodTokenInformation(DeviceServer unit, ScsiTask task) {
    CopyOperation copy = find(task, task.cdb().u32(2));
    if (copy == null) {
      task.fail(Sense.invalidFieldInCdb(2));
      return;
    }
    RodToken token = copy.token();
    int descriptor = token == null ? 0 : 2 + RodToken.LENGTH;
    ByteBuffer out = status(unit, copy, 4 + descriptor);
    out.putInt(descriptor); // ROD TOKEN DESCRIPTORS LENGTH
    if (token != null) {
      out.putShort((short) 0).put(token.bytes());
    }
    send(task, out);
  }

  /**
   * The part that both begin with.
   *
   * @param more bytes that follow; the position is where they begin
   */
  private static ByteBuffer status(DeviceServer unit, CopyOperation copy, int more) {
    boolean failed = copy.state() == CopyOperation.State.FAILED;
    byte[] sense = failed ? copy.sense().toBytes(unit.descriptorSense()) : new byte[0];
    boolean running = copy.state() == CopyOperation.State.IN_PROGRESS;
    boolean ofTokens = ThirdPartyCopy.isTokenCommand(copy.command());
    ByteBuffer out = ByteBuffer.allocate(STATUS_LENGTH + sense.length + more);
    out.putInt(out.capacity() - 4); // AVAILABLE DATA
    out.put((byte) copy.command().serviceAction()); // RESPONSE TO SERVICE ACTION
    out.put((byte) longStatus(copy)); // COPY OPERATION STATUS
    out.putShort((short) 0); // OPERATION COUNTER
    out.putInt(running ? UPDATE_DELAY_MILLIS : NO_UPDATE); // ESTIMATED STATUS UPDATE DELAY
    out.put((byte) (failed ? Status.CHECK_CONDITION.code() : 0)); // COPY COMPLETION STATUS
    out.put((byte) sense.length); // LENGTH OF THE SENSE DATA FIELD
    out.put((byte) sense.length); // SENSE DATA LENGTH
    out.put((byte) (ofTokens ? LOGICAL_BLOCKS : BYTES)); // TRANSFER COUNT UNITS
    out.putLong(ofTokens ? copy.bytes() / unit.geometry().blockSize() : copy.bytes());
    out.putShort((short) copy.segments()); // SEGMENTS PROCESSED
    return out.position(STATUS_LENGTH).put(sense);
  }

  private static int longStatus(CopyOperation copy) {
    return switch (copy.state()) {
      case IN_PROGRESS -> copy.background() ? 0x12 : 0x11;
      case COMPLETED -> 0x01;
      case FAILED -> 0x02;
      case TERMINATED -> 0x60;
    };
  }

  // ---- what is supported, and what there is

  private static void operatingParameters(DeviceServer unit, ScsiTask task) {
    ByteBuffer out = ByteBuffer.allocate(46);
    out.putInt(out.capacity() - 4); // AVAILABLE DATA
    out.put((byte) SNLID);
    out.position(8);
    out.putShort((short) CopyLimits.CSCD_DESCRIPTORS);
    out.putShort((short) CopyLimits.SEGMENT_DESCRIPTORS);
    out.putInt(CopyLimits.DESCRIPTOR_BYTES);
    out.putInt(0); // MAXIMUM SEGMENT LENGTH: none but what 16 bits can count
    out.putInt(0); // MAXIMUM INLINE DATA LENGTH
    out.putInt(0); // HELD DATA LIMIT
    out.putInt(0); // MAXIMUM STREAM DEVICE TRANSFER SIZE
    out.putShort((short) 0);
    out.putShort((short) CopyLimits.CONCURRENT_COPIES); // TOTAL CONCURRENT COPIES
    out.put((byte) CopyLimits.CONCURRENT_COPIES); // MAXIMUM CONCURRENT COPIES
    out.put((byte) granularity(unit)); // DATA SEGMENT GRANULARITY
    out.position(43);
    out.put((byte) 2); // IMPLEMENTED DESCRIPTOR LIST LENGTH
    out.put((byte) CopyList.SEGMENT_BLOCK_TO_BLOCK).put((byte) CopyList.CSCD_IDENTIFICATION);
    send(task, out);
  }

  /** The power of two that a block is. */
  static int granularity(DeviceServer unit) {
    return Integer.numberOfTrailingZeros(unit.geometry().blockSize());
  }

  /** The tokens of this unit, without the part that makes them unguessable. */
  private static void allRodTokens(DeviceServer unit, ScsiTask task) {
    List<RodToken> tokens = unit.tokens().of(unit);
    ByteBuffer out = ByteBuffer.allocate(8 + tokens.size() * RodToken.MANAGEMENT_LENGTH);
    out.putInt(out.capacity() - 4); // AVAILABLE DATA
    out.putInt(0);
    tokens.forEach(each -> out.put(Arrays.copyOf(each.bytes(), RodToken.MANAGEMENT_LENGTH)));
    send(task, out);
  }
}
