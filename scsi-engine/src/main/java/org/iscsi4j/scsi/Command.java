package org.iscsi4j.scsi;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import org.iscsi4j.api.monitor.CommandKind;

/**
 * A row of the command table: one operation code, or one service action of it, with everything that
 * dispatch, the checks before the handler, and REPORT SUPPORTED OPERATION CODES need to know.
 */
final class Command {

  /** What a service action is called when the operation code has none. */
  static final int NO_SERVICE_ACTION = -1;

  /** The operation code of CDBs of more than 16 bytes. */
  static final int VARIABLE_LENGTH = 0x7f;

  /** The one bit of the control byte that means something (SAM-5 clause 5.2). */
  private static final int NACA = 0x04;

  /** ADDITIONAL CDB LENGTH of a variable length CDB; its usage data is the value itself. */
  private static final int ADDITIONAL_LENGTH_AT = 7;

  /**
   * The tags of protection information in READ(32) to WRITE SAME(32). They are to be ignored where
   * blocks have none (SBC-3 clause 5.12), and clients leave them all ones (sg_write_x).
   */
  private static final int TAGS_AT = 20;

  private static final int TAGS_END = 28;
  private static final int READ_32 = 0x09;
  private static final int WRITE_SAME_32 = 0x0d;

  private final String name;
  private final int opcode;
  private final int serviceAction;
  private final byte[] usage;

  /** What may be set in a CDB: what is looked at, and what is ignored. */
  private final byte[] accepted;

  private final CommandHandler handler;

  /** Where the control byte stands. */
  private final int controlAt;

  private final long reservedHigh;
  private final long reservedLow;
  private final boolean ignoresUnitAttention;
  private final boolean writes;
  private final boolean needsMedium;
  private final boolean passesReservations;
  private final boolean reads;
  private final Access access;
  private final Traffic traffic;
  private final CommandKind kind;

  /** Where the range of blocks stands; null when the command names none. */
  private final BlockCdb layout;

  private final boolean sequential;
  private final boolean passesStandby;
  private final boolean passesUnavailable;

  /** What sets a command apart. */
  enum Trait {
    /** Runs whatever unit attention is pending, and leaves it pending (SAM-5 clause 5.14). */
    IGNORES_UNIT_ATTENTION,
    /** Changes the medium: refused while the unit is write protected. */
    WRITES,
    /**
     * Reads the medium, or something else that only exclusive access excludes: a reservation of
     * another nexus that excludes only writers lets it pass.
     */
    READS,
    /** Refused while the medium is out. */
    NEEDS_MEDIUM,
    /**
     * Runs whatever persistent reservation another nexus holds. A row that is neither this nor
     * {@link #READS} conflicts with every one of them (SPC-4 clause 5.13.1).
     */
    PASSES_RESERVATIONS,
    /** Runs through a port in standby too (SPC-4 clause 5.15.2.4.4). */
    PASSES_STANDBY,
    /** Runs whatever state the port is in (SPC-4 clause 5.15.2.4.5), standby included. */
    PASSES_UNAVAILABLE,
    /**
     * Of a tape: what the operation code means for a disk says nothing of the blocks it moves, and
     * of what it may do beside a reservation. Rate limits are the handler's.
     */
    SEQUENTIAL
  }

  /**
   * A row.
   *
   * @param usage CDB usage data (SPC-5 clause 6.35.3): as long as the CDB, a one for every bit that
   *     is looked at; byte 0 is the operation code itself and a service action stands as its value
   */
  Command(
      String name,
      int opcode,
      int serviceAction,
      byte[] usage,
      Set<Trait> traits,
      CommandHandler handler) {
    this.name = name;
    this.opcode = opcode;
    this.serviceAction = serviceAction;
    this.usage = usage.clone();
    controlAt = opcode == VARIABLE_LENGTH ? 1 : usage.length - 1;
    this.usage[controlAt] |= NACA;
    accepted = accepted();
    this.handler = handler;
    reservedHigh = reserved(0);
    reservedLow = reserved(8);
    ignoresUnitAttention = traits.contains(Trait.IGNORES_UNIT_ATTENTION);
    writes = traits.contains(Trait.WRITES);
    needsMedium = traits.contains(Trait.NEEDS_MEDIUM);
    passesReservations = traits.contains(Trait.PASSES_RESERVATIONS);
    reads = traits.contains(Trait.READS);
    sequential = traits.contains(Trait.SEQUENTIAL);
    access = sequential ? Access.NONE : Access.of(opcode, serviceAction);
    traffic = sequential ? null : Traffic.of(opcode, serviceAction);
    kind = sequential ? Access.sequentialKind(opcode) : Access.kind(opcode, serviceAction);
    layout = sequential ? null : BlockCdb.of(opcode, serviceAction);
    passesUnavailable = traits.contains(Trait.PASSES_UNAVAILABLE);
    passesStandby = passesUnavailable || traits.contains(Trait.PASSES_STANDBY);
  }

  /**
   * A command whose operation code has no service actions.
   *
   * @param usage CDB usage data in hexadecimal, fields set apart by spaces
   */
  static Command of(String name, String usage, CommandHandler handler, Trait... traits) {
    byte[] bytes = parse(usage);
    return new Command(name, bytes[0] & 0xff, NO_SERVICE_ACTION, bytes, Set.of(traits), handler);
  }

  /** As {@link #of}, for a service action. */
  static Command ofAction(
      String name, int serviceAction, String usage, CommandHandler handler, Trait... traits) {
    byte[] bytes = parse(usage);
    return new Command(name, bytes[0] & 0xff, serviceAction, bytes, Set.of(traits), handler);
  }

  /** As {@link #of}, for a CDB of more than 16 bytes; its service action is in bytes 8 and 9. */
  static Command ofLong(String name, String usage, CommandHandler handler, Trait... traits) {
    byte[] bytes = parse(usage);
    int serviceAction = (bytes[8] & 0xff) << 8 | (bytes[9] & 0xff);
    return new Command(name, VARIABLE_LENGTH, serviceAction, bytes, Set.of(traits), handler);
  }

  private static byte[] parse(String usage) {
    return HexFormat.of().parseHex(usage.replace(" ", ""));
  }

  private byte[] accepted() {
    byte[] bits = usage.clone();
    if (opcode == VARIABLE_LENGTH && serviceAction >= READ_32 && serviceAction <= WRITE_SAME_32) {
      Arrays.fill(bits, TAGS_AT, TAGS_END, (byte) 0xff);
    }
    return bits;
  }

  private long reserved(int from) {
    long bits = 0;
    for (int at = from; at < from + 8; at++) {
      int mask = at == 0 || at >= usage.length ? 0xff : usage[at] & 0xff;
      bits = bits << 8 | (~mask & 0xff);
    }
    return bits;
  }

  String name() {
    return name;
  }

  int opcode() {
    return opcode;
  }

  int serviceAction() {
    return serviceAction;
  }

  /** CDB length in bytes. */
  int length() {
    return usage.length;
  }

  byte[] usage() {
    return usage.clone();
  }

  CommandHandler handler() {
    return handler;
  }

  boolean ignoresUnitAttention() {
    return ignoresUnitAttention;
  }

  boolean writes() {
    return writes;
  }

  boolean needsMedium() {
    return needsMedium;
  }

  boolean naca(Cdb cdb) {
    return (cdb.u8(controlAt) & NACA) != 0;
  }

  boolean passesReservations() {
    return passesReservations;
  }

  boolean reads() {
    return reads;
  }

  /** What the log page of statistics counts the command as. */
  Access access() {
    return access;
  }

  /** What rate limits count the command as; null when they do not count it. */
  Traffic traffic() {
    return traffic;
  }

  /** What the statistics that the host sees count the command as. */
  CommandKind kind() {
    return kind;
  }

  /** Where the CDB names a range of blocks; null when it names none. */
  BlockCdb layout() {
    return layout;
  }

  /** Whether it is a command of tapes alone. */
  boolean sequential() {
    return sequential;
  }

  boolean passesStandby() {
    return passesStandby;
  }

  boolean passesUnavailable() {
    return passesUnavailable;
  }

  /** Whether a CDB is as long as it must be and sets no bit that must be zero. */
  boolean accepts(Cdb cdb) {
    return (cdb.i64(0) & reservedHigh) == 0
        && (cdb.i64(8) & reservedLow) == 0
        && (opcode != VARIABLE_LENGTH || acceptsLong(cdb));
  }

  private boolean acceptsLong(Cdb cdb) {
    if (cdb.u8(ADDITIONAL_LENGTH_AT) != usage.length - 8 || cdb.length() < usage.length) {
      return false;
    }
    for (int at = 16; at < usage.length; at++) {
      if ((cdb.u8(at) & ~accepted[at]) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Points at the first bit of a CDB that must be zero and is not. */
  Sense reservedBitSet(Cdb cdb) {
    if (opcode == VARIABLE_LENGTH && cdb.u8(ADDITIONAL_LENGTH_AT) != usage.length - 8) {
      return Sense.invalidFieldInCdb(ADDITIONAL_LENGTH_AT);
    }
    for (int at = 1; at < Math.min(usage.length, cdb.length()); at++) {
      int wrong = cdb.u8(at) & ~accepted[at] & 0xff;
      if (wrong != 0) {
        return Sense.invalidFieldInCdb(at, 31 - Integer.numberOfLeadingZeros(wrong));
      }
    }
    return Sense.INVALID_FIELD_IN_CDB;
  }

  @Override
  public String toString() {
    return name;
  }
}
