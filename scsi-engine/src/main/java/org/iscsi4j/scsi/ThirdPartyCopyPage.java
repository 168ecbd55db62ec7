package org.iscsi4j.scsi;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.iscsi4j.api.Geometry;

/**
 * The third-party copy descriptors of the Third-party Copy page (SPC-4 clause 7.8.17, SBC-4 clause
 * 6.6.6), from the command table and the limits that the commands enforce.
 */
final class ThirdPartyCopyPage {

  private static final int BLOCK_DEVICE_ROD_LIMITS = 0x0000;
  private static final int SUPPORTED_COMMANDS = 0x0001;
  private static final int PARAMETER_DATA = 0x0004;
  private static final int SUPPORTED_DESCRIPTORS = 0x0008;
  private static final int SUPPORTED_CSCD_IDS = 0x000c;
  private static final int ROD_TOKEN_FEATURES = 0x0106;
  private static final int SUPPORTED_ROD_TYPES = 0x0108;
  private static final int GENERAL_COPY_OPERATIONS = 0x8001;

  private static final int ROD_TYPE_LENGTH = 64;
  private static final int TOKEN_OUT = 0x01;
  private static final int TOKEN_IN = 0x02;

  private ThirdPartyCopyPage() {}

  static byte[] encode(DeviceServer unit) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    add(out, BLOCK_DEVICE_ROD_LIMITS, rodLimits(unit.geometry()));
    add(out, SUPPORTED_COMMANDS, supportedCommands(unit.table()));
    add(out, PARAMETER_DATA, parameterData());
    add(out, SUPPORTED_DESCRIPTORS, supportedDescriptors());
    add(out, SUPPORTED_CSCD_IDS, supportedCscdIds());
    add(out, ROD_TOKEN_FEATURES, rodTokenFeatures(unit.geometry()));
    add(out, SUPPORTED_ROD_TYPES, supportedRodTypes());
    add(out, GENERAL_COPY_OPERATIONS, generalCopyOperations(unit));
    return out.toByteArray();
  }

  /** A descriptor, filled up to a multiple of four bytes. */
  private static void add(ByteArrayOutputStream out, int type, ByteBuffer body) {
    int length = (body.flip().limit() + 3) & ~3;
    ByteBuffer whole = ByteBuffer.allocate(4 + length);
    whole.putShort((short) type).putShort((short) length).put(body);
    out.writeBytes(whole.array());
  }

  private static ByteBuffer rodLimits(Geometry geometry) {
    ByteBuffer out = ByteBuffer.allocate(32).position(6);
    out.putShort((short) CopyLimits.RANGES); // MAXIMUM RANGE DESCRIPTORS
    out.putInt(CopyLimits.MAX_INACTIVITY); // MAXIMUM INACTIVITY TIMEOUT
    out.putInt(CopyLimits.DEFAULT_INACTIVITY); // DEFAULT INACTIVITY TIMEOUT
    out.putLong(CopyLimits.tokenBlocks(geometry)); // MAXIMUM TOKEN TRANSFER SIZE
    return out.putLong(CopyLimits.optimalTokenBlocks(geometry)); // OPTIMAL TRANSFER COUNT
  }

  private static ByteBuffer supportedCommands(CommandTable table) {
    ByteBuffer out = ByteBuffer.allocate(255).position(1);
    putActions(out, table, ThirdPartyCopy.COPY_OUT);
    putActions(out, table, ThirdPartyCopy.COPY_IN);
    return out.put(0, (byte) (out.position() - 1)); // COMMANDS SUPPORTED LIST LENGTH
  }

  private static void putActions(ByteBuffer out, CommandTable table, int opcode) {
    out.put((byte) opcode);
    int lengthAt = out.position();
    out.put((byte) 0);
    table.rows().stream()
        .filter(row -> row.opcode() == opcode)
        .forEach(row -> out.put((byte) row.serviceAction()));
    out.put(lengthAt, (byte) (out.position() - lengthAt - 1)); // SERVICE ACTION LIST LENGTH
  }

  private static ByteBuffer parameterData() {
    ByteBuffer out = ByteBuffer.allocate(28).position(4);
    out.putShort((short) CopyLimits.CSCD_DESCRIPTORS); // MAXIMUM CSCD DESCRIPTOR COUNT
    out.putShort((short) CopyLimits.SEGMENT_DESCRIPTORS); // MAXIMUM SEGMENT DESCRIPTOR COUNT
    out.putInt(CopyLimits.DESCRIPTOR_BYTES); // MAXIMUM DESCRIPTOR LIST LENGTH
    return out.position(out.limit()); // no inline data
  }

  private static ByteBuffer supportedDescriptors() {
    return ByteBuffer.allocate(3)
        .put((byte) 2)
        .put((byte) CopyList.SEGMENT_BLOCK_TO_BLOCK)
        .put((byte) CopyList.CSCD_IDENTIFICATION);
  }

  private static ByteBuffer supportedCscdIds() {
    return ByteBuffer.allocate(4).putShort((short) 2).putShort((short) ExtendedCopy.THIS_UNIT);
  }

  /** REMOTE TOKENS is 0: a token of another target device is unknown here. */
  private static ByteBuffer rodTokenFeatures(Geometry geometry) {
    ByteBuffer out = ByteBuffer.allocate(92);
    out.putInt(20, CopyLimits.MAX_INACTIVITY); // MAXIMUM TOKEN INACTIVITY TIMEOUT
    out.putShort(42, (short) 48); // TYPE SPECIFIC FEATURES LENGTH
    out.putShort(46, (short) 44); // block ROD device type specific features
    out.putLong(52, CopyLimits.tokenBlocks(geometry) * geometry.blockSize()); // MAXIMUM BYTES
    return out.position(out.limit());
  }

  private static ByteBuffer supportedRodTypes() {
    ByteBuffer out = ByteBuffer.allocate(4 + 2 * ROD_TYPE_LENGTH);
    out.putShort(2, (short) (2 * ROD_TYPE_LENGTH));
    out.putInt(4, RodToken.ACCESS_UPON_REFERENCE).put(8, (byte) (TOKEN_IN | TOKEN_OUT));
    out.putInt(4 + ROD_TYPE_LENGTH, RodToken.BLOCK_DEVICE_ZERO);
    out.put(8 + ROD_TYPE_LENGTH, (byte) TOKEN_IN);
    return out.position(out.limit());
  }

  private static ByteBuffer generalCopyOperations(DeviceServer unit) {
    ByteBuffer out = ByteBuffer.allocate(32);
    out.putInt(CopyLimits.CONCURRENT_COPIES); // TOTAL CONCURRENT COPIES
    out.putInt(CopyLimits.CONCURRENT_COPIES); // MAXIMUM IDENTIFIED CONCURRENT COPIES
    out.putInt(0); // MAXIMUM SEGMENT LENGTH: none but what 16 bits can count
    out.put((byte) CopyResults.granularity(unit)); // DATA SEGMENT GRANULARITY
    return out.position(out.limit());
  }
}
