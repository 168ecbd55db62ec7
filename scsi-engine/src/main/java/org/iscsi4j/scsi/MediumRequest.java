package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a FORMAT UNIT or SANITIZE command asks for, checked; as bytes it survives a restart.
 * Immutable.
 *
 * <p>The medium is erased through the device, which is all that a unit can answer for. There is no
 * encryption whose key could be thrown away, so a cryptographic erase is done as a block erase is:
 * no byte that was written before can be read afterwards.
 */
final class MediumRequest {

  private static final int VERSION = 1;
  private static final int HEADER_LENGTH = 4;
  private static final int FAILED = 0x80;
  private static final int MAX_PASSES = 0x1f;
  private static final byte[] ZEROES = {};

  private final Kind kind;
  private final boolean unrestricted;
  private final int passes;
  private final boolean invert;

  /** What every block is filled with, repeated; empty for zeroes. */
  private final byte[] pattern;

  /** What is done; the order is that of the codes in the state store. */
  enum Kind {
    /** A format operation that may give storage back. */
    FORMAT,
    /** A format operation that writes every block. */
    FORMAT_SECURELY,
    OVERWRITE,
    ERASE,
    EXIT_FAILURE_MODE;

    boolean formats() {
      return this == FORMAT || this == FORMAT_SECURELY;
    }
  }

  private MediumRequest(
      Kind kind, boolean unrestricted, int passes, boolean invert, byte[] pattern) {
    this.kind = kind;
    this.unrestricted = unrestricted;
    this.passes = passes;
    this.invert = invert;
    this.pattern = pattern.clone();
  }

  /**
   * A format operation.
   *
   * @param securely whether every block is to be written, also with zeroes
   * @param pattern what each block is filled with, repeated; empty for zeroes
   */
  static MediumRequest format(boolean securely, byte[] pattern) {
    Kind kind = securely ? Kind.FORMAT_SECURELY : Kind.FORMAT;
    return new MediumRequest(kind, false, 1, false, pattern);
  }

  /** A block erase or cryptographic erase; with AUSE, its failure may be let rest. */
  static MediumRequest erase(boolean unrestricted) {
    return new MediumRequest(Kind.ERASE, unrestricted, 1, false, ZEROES);
  }

  /**
   * An overwrite.
   *
   * @param passes how often, 1 to 31
   * @param invert whether the pattern is inverted from pass to pass, so that the last one writes it
   *     as it is
   */
  static MediumRequest overwrite(boolean unrestricted, int passes, boolean invert, byte[] pattern) {
    return new MediumRequest(Kind.OVERWRITE, unrestricted, passes, invert, pattern);
  }

  /** Lets a failed sanitize operation rest. */
  static MediumRequest exitFailureMode() {
    return new MediumRequest(Kind.EXIT_FAILURE_MODE, true, 0, false, ZEROES);
  }

  Kind kind() {
    return kind;
  }

  // ---- the state store

  /** For the state store; never empty. */
  byte[] toBytes(boolean failed) {
    int flags = (unrestricted ? 1 : 0) | (invert ? 2 : 0) | (failed ? FAILED : 0);
    return ByteBuffer.allocate(HEADER_LENGTH + pattern.length)
        .put((byte) VERSION)
        .put((byte) kind.ordinal())
        .put((byte) flags)
        .put((byte) passes)
        .put(pattern)
        .array();
  }

  /**
   * What {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException when it was written by something else
   */
  static MediumRequest of(byte[] saved) {
    if (saved.length < HEADER_LENGTH
        || saved[0] != VERSION
        || saved[1] < 0
        || saved[1] >= Kind.EXIT_FAILURE_MODE.ordinal()
        || saved[3] < 1
        || saved[3] > MAX_PASSES) {
      throw new IllegalArgumentException("no medium operation: " + saved.length + " bytes");
    }
    byte[] pattern = new byte[saved.length - HEADER_LENGTH];
    System.arraycopy(saved, HEADER_LENGTH, pattern, 0, pattern.length);
    return new MediumRequest(
        Kind.values()[saved[1]], (saved[2] & 1) != 0, saved[3], (saved[2] & 2) != 0, pattern);
  }

  /** Whether what {@link #toBytes} wrote had failed. */
  static boolean failed(byte[] saved) {
    return (saved[2] & FAILED) != 0;
  }

  // ---- what it means

  Sense inProgress() {
    return kind.formats() ? Sense.FORMAT_IN_PROGRESS : Sense.SANITIZE_IN_PROGRESS;
  }

  MediumCondition afterFailure() {
    if (kind.formats()) {
      return MediumCondition.FORMAT_CORRUPT;
    }
    return unrestricted
        ? MediumCondition.SANITIZE_FAILED_UNRESTRICTED
        : MediumCondition.SANITIZE_FAILED;
  }

  /** Whether it moves so many bytes that it has to leave room for the commands of other units. */
  boolean paced() {
    return kind == Kind.OVERWRITE;
  }

  /** The passes over the medium, in turn. */
  List<Fill> fills(DeviceServer unit) {
    return switch (kind) {
      case FORMAT -> List.of(Fill.of(unit, block(unit, false), true));
      case FORMAT_SECURELY -> List.of(Fill.of(unit, block(unit, false), false));
      case OVERWRITE -> overwrites(unit);
      case ERASE -> List.of(erasure(unit));
      case EXIT_FAILURE_MODE -> List.of();
    };
  }

  private List<Fill> overwrites(DeviceServer unit) {
    Fill plain = Fill.of(unit, block(unit, false), false);
    Fill inverted = invert ? Fill.of(unit, block(unit, true), false) : plain;
    List<Fill> fills = new ArrayList<>();
    for (int left = passes; left > 0; left--) {
      fills.add(left % 2 == 1 ? plain : inverted);
    }
    return fills;
  }

  /** Where deallocated blocks may still show what they held, zeroes are written first. */
  private static Fill erasure(DeviceServer unit) {
    boolean thin = unit.capabilities().deallocate();
    Fill zeroes = Fill.of(unit, ByteBuffer.wrap(ZEROES), thin);
    if (!thin || unit.capabilities().deallocatedReadsZero()) {
      return zeroes;
    }
    return new Fill(
        zeroes.step(),
        zeroes.granularity(),
        (io, offset, length) ->
            io.change(
                offset,
                length,
                device -> {
                  device.writeZeroes(offset, length, false);
                  device.deallocate(offset, length);
                }));
  }

  private ByteBuffer block(DeviceServer unit, boolean inverted) {
    if (pattern.length == 0) {
      return ByteBuffer.wrap(ZEROES);
    }
    byte[] block = new byte[unit.geometry().blockSize()];
    for (int at = 0; at < block.length; at++) {
      int value = pattern[at % pattern.length];
      block[at] = (byte) (inverted ? ~value : value);
    }
    return ByteBuffer.wrap(block);
  }
}
