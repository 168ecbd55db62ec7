package org.iscsi4j.scsi;

import org.iscsi4j.api.monitor.CommandKind;

/** What the log page of statistics counts a command as (SPC-4 table 375). */
enum Access {
  /** Neither of the two. */
  NONE,
  READ,
  /** A read command that no logical blocks come of. */
  READ_WITHOUT_BLOCKS,
  WRITE,
  /** A write command that brings no logical blocks. */
  WRITE_WITHOUT_BLOCKS;

  /** The kind of an operation code and service action. Those with CDBs of 6 bytes don't count. */
  static Access of(int opcode, int serviceAction) {
    return switch (opcode) {
      case 0x28, 0xa8, 0x88, 0xb9, 0xbe -> READ;
      case 0x2a, 0xaa, 0x8a, 0x2e, 0xae, 0x8e -> WRITE;
      case 0x42 -> WRITE_WITHOUT_BLOCKS; // UNMAP
      case 0x83 -> // POPULATE TOKEN, WRITE USING TOKEN
          serviceAction == 0x10
              ? READ_WITHOUT_BLOCKS
              : serviceAction == 0x11 ? WRITE_WITHOUT_BLOCKS : NONE;
      case Command.VARIABLE_LENGTH ->
          switch (serviceAction) {
            case 0x09 -> READ;
            case 0x0b, 0x0c -> WRITE;
            default -> NONE;
          };
      default -> NONE;
    };
  }

  /**
   * What else the host is told of: every command that moves blocks, those that the log page leaves
   * out included.
   */
  static CommandKind kind(int opcode, int serviceAction) {
    return switch (opcode) {
      case 0x08, 0x28, 0xa8, 0x88, 0xb9, 0xbe -> CommandKind.READ;
      case 0x0a,
          0x2a,
          0xaa,
          0x8a, // WRITE
          0x2e,
          0xae,
          0x8e, // WRITE AND VERIFY
          0x41,
          0x93, // WRITE SAME
          0x89,
          0x8b,
          0x9c -> // COMPARE AND WRITE, ORWRITE, WRITE ATOMIC
          CommandKind.WRITE;
      case 0x42 -> CommandKind.UNMAP;
      case 0x35, 0x91 -> CommandKind.SYNCHRONIZE;
      case Command.VARIABLE_LENGTH ->
          switch (serviceAction) {
            case 0x09 -> CommandKind.READ;
            case 0x0b, 0x0c, 0x0d, 0x0e -> CommandKind.WRITE;
            default -> CommandKind.OTHER;
          };
      default -> CommandKind.OTHER;
    };
  }

  /** As {@link #kind}, of the commands of a tape. */
  static CommandKind sequentialKind(int opcode) {
    return switch (opcode) {
      case 0x08 -> CommandKind.READ;
      case 0x0a -> CommandKind.WRITE;
      case 0x10 -> CommandKind.SYNCHRONIZE; // WRITE FILEMARKS
      default -> CommandKind.OTHER;
    };
  }
}
