package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The parameter list of EXTENDED COPY (SPC-4 clauses 6.4 and 6.5): a header, descriptors of the
 * copy sources and destinations (CSCD), and descriptors of the segments to copy. Checked as a whole
 * before the first segment is copied. Immutable.
 */
final class CopyList {

  /** Identification descriptor CSCD descriptor. */
  static final int CSCD_IDENTIFICATION = 0xe4;

  /** Block device to block device. */
  static final int SEGMENT_BLOCK_TO_BLOCK = 0x02;

  static final int CSCD_LENGTH = 32;
  static final int SEGMENT_LENGTH = 28;

  private static final int NUL = 0x20;
  private static final int MAX_DESIGNATOR_LENGTH = 20;
  private static final int FAST_COPY_ONLY = 2;
  private static final int RESERVED_USAGE = 1;
  private static final int DISCARD_RESULTS = 2;
  private static final int NO_LIST_ID = 3;

  private static final int LID4_LIST_FORMAT = 0x01;
  private static final int LID4_HEADER_CSCD_TYPE = 0xff;

  private final Format format;
  private final ByteBuffer list;

  /** Where the header keeps what, by the length of the list identifier. */
  enum Format {
    LID1(16) {
      @Override
      long listId(ByteBuffer list) {
        return list.get(0) & 0xff;
      }

      @Override
      int cscdBytesAt() {
        return 2;
      }

      @Override
      long segmentBytes(ByteBuffer list) {
        return Integer.toUnsignedLong(list.getInt(8));
      }

      @Override
      long inlineBytes(ByteBuffer list) {
        return Integer.toUnsignedLong(list.getInt(12));
      }

      @Override
      boolean immediate(ByteBuffer list) {
        return false;
      }

      @Override
      Sense checkHeader(ByteBuffer list) {
        return Sense.NONE;
      }
    },

    LID4(48) {
      @Override
      long listId(ByteBuffer list) {
        return Integer.toUnsignedLong(list.getInt(20));
      }

      @Override
      int cscdBytesAt() {
        return 42;
      }

      @Override
      long segmentBytes(ByteBuffer list) {
        return Short.toUnsignedInt(list.getShort(44));
      }

      @Override
      long inlineBytes(ByteBuffer list) {
        return Short.toUnsignedInt(list.getShort(46));
      }

      @Override
      boolean immediate(ByteBuffer list) {
        return (list.get(15) & 0x01) != 0;
      }

      @Override
      Sense checkHeader(ByteBuffer list) {
        if (list.get(0) != LID4_LIST_FORMAT) {
          return Sense.invalidFieldInParameterList(0);
        }
        if (Short.toUnsignedInt(list.getShort(2)) != CSCD_LENGTH) {
          return Sense.invalidFieldInParameterList(2); // HEADER CSCD DESCRIPTOR LIST LENGTH
        }
        if ((list.get(15) & 0x02) != 0) {
          return Sense.invalidFieldInParameterList(15, 1); // G_SENSE
        }
        return (list.get(16) & 0xff) == LID4_HEADER_CSCD_TYPE
            ? Sense.NONE
            : Sense.invalidFieldInParameterList(16);
      }
    };

    private final int headerLength;

    Format(int headerLength) {
      this.headerLength = headerLength;
    }

    int headerLength() {
      return headerLength;
    }

    abstract long listId(ByteBuffer list);

    abstract int cscdBytesAt();

    abstract long segmentBytes(ByteBuffer list);

    abstract long inlineBytes(ByteBuffer list);

    /** IMMED. */
    abstract boolean immediate(ByteBuffer list);

    abstract Sense checkHeader(ByteBuffer list);
  }

  /**
   * A unit to copy from or to.
   *
   * @param designator designation descriptor with its header, as the unit tells it; empty for a
   *     null device, which no unit is
   * @param blockLength DISK BLOCK LENGTH
   */
  record Cscd(int deviceType, ByteBuffer designator, int blockLength) {}

  /**
   * A block device to block device segment.
   *
   * @param source CSCD descriptor index, or {@link ExtendedCopy#THIS_UNIT}
   * @param countsDestination DC: the number of blocks is in blocks of the destination
   */
  record Segment(
      int source,
      int destination,
      boolean countsDestination,
      int blocks,
      long sourceLba,
      long destinationLba) {}

  /**
   * A list that may be anything.
   *
   * @param list at least a header, from index 0; read as long as the list is used
   */
  CopyList(Format format, ByteBuffer list) {
    this.format = format;
    this.list = list;
  }

  /** Why the list is refused; no other method may be called when it is. */
  Sense check() {
    Sense refusal = format.checkHeader(list);
    if (refusal.isNone()) {
      refusal = checkUsage();
    }
    if (refusal.isNone()) {
      refusal = checkLengths();
    }
    if (refusal.isNone()) {
      refusal = checkCscds();
    }
    return refusal.isNone() ? checkSegments() : refusal;
  }

  private Sense checkUsage() {
    if (usage() == RESERVED_USAGE) {
      return Sense.invalidFieldInParameterList(1, 4);
    }
    // nobody could ask how a copy in the background went
    return immediate() && usage() == NO_LIST_ID
        ? Sense.invalidFieldInParameterList(1, 4)
        : Sense.NONE;
  }

  private Sense checkLengths() {
    long descriptors = cscdBytes() + format.segmentBytes(list);
    long all = format.headerLength() + descriptors + format.inlineBytes(list);
    if (all > list.limit()
        || descriptors > CopyLimits.DESCRIPTOR_BYTES
        || cscdBytes() % CSCD_LENGTH != 0) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    if (cscdCount() > CopyLimits.CSCD_DESCRIPTORS) {
      return CopySense.TOO_MANY_CSCD_DESCRIPTORS.withFieldPointer(false, format.cscdBytesAt(), -1);
    }
    return format.inlineBytes(list) > 0 ? CopySense.INLINE_DATA_LENGTH_EXCEEDED : Sense.NONE;
  }

  private Sense checkCscds() {
    for (int each = 0; each < cscdCount(); each++) {
      int at = cscdAt(each);
      if (u8(at) != CSCD_IDENTIFICATION) {
        return CopySense.UNSUPPORTED_CSCD_DESCRIPTOR.withFieldPointer(false, at, -1);
      }
      if (u8(at + 7) > MAX_DESIGNATOR_LENGTH) {
        return Sense.invalidFieldInParameterList(at + 7);
      }
    }
    return Sense.NONE;
  }

  private Sense checkSegments() {
    int end = segmentsAt() + (int) format.segmentBytes(list);
    int count = 0;
    for (int at = segmentsAt(); at < end; at += SEGMENT_LENGTH) {
      if (++count > CopyLimits.SEGMENT_DESCRIPTORS) {
        return CopySense.TOO_MANY_SEGMENT_DESCRIPTORS;
      }
      if (u8(at) != SEGMENT_BLOCK_TO_BLOCK) {
        return CopySense.UNSUPPORTED_SEGMENT_DESCRIPTOR.withFieldPointer(false, at, -1);
      }
      if (end - at < SEGMENT_LENGTH) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      if (u16(at + 2) != SEGMENT_LENGTH - 4) {
        return Sense.invalidFieldInParameterList(at + 2);
      }
      if ((u8(at + 1) >> FAST_COPY_ONLY & 1) != 0) {
        return Sense.invalidFieldInParameterList(at + 1, FAST_COPY_ONLY);
      }
    }
    return Sense.NONE;
  }

  // ---- the header

  /** The list identifier, or {@link CopyOperation#NO_LIST}. */
  long listId() {
    return usage() == NO_LIST_ID ? CopyOperation.NO_LIST : format.listId(list);
  }

  /** Whether the copy may be asked about when it has ended. */
  boolean held() {
    return usage() != DISCARD_RESULTS;
  }

  /** Whether the copy goes on in the background. */
  boolean immediate() {
    return format.immediate(list);
  }

  private int usage() {
    return u8(1) >> 3 & 3; // LIST ID USAGE
  }

  // ---- the descriptors

  List<Cscd> cscds() {
    List<Cscd> cscds = new ArrayList<>();
    for (int each = 0; each < cscdCount(); each++) {
      int at = cscdAt(each);
      boolean nullDevice = (u8(at + 1) & NUL) != 0;
      byte[] designator = new byte[nullDevice ? 0 : 4 + u8(at + 7)];
      list.get(at + 4, designator);
      cscds.add(
          new Cscd(
              u8(at + 1) & 0x1f, // PERIPHERAL DEVICE TYPE
              ByteBuffer.wrap(designator),
              list.getInt(at + 28) & 0xff_ffff)); // DISK BLOCK LENGTH
    }
    return cscds;
  }

  List<Segment> segments() {
    List<Segment> segments = new ArrayList<>();
    int end = segmentsAt() + (int) format.segmentBytes(list);
    for (int at = segmentsAt(); at < end; at += SEGMENT_LENGTH) {
      segments.add(
          new Segment(
              u16(at + 4), // SOURCE CSCD DESCRIPTOR ID
              u16(at + 6), // DESTINATION CSCD DESCRIPTOR ID
              (u8(at + 1) & 0x02) != 0, // DC
              u16(at + 10), // BLOCK DEVICE NUMBER OF BLOCKS
              list.getLong(at + 12), // SOURCE BLOCK DEVICE LOGICAL BLOCK ADDRESS
              list.getLong(at + 20))); // DESTINATION BLOCK DEVICE LOGICAL BLOCK ADDRESS
    }
    return segments;
  }

  private int cscdBytes() {
    return u16(format.cscdBytesAt());
  }

  private int cscdCount() {
    return cscdBytes() / CSCD_LENGTH;
  }

  private int cscdAt(int index) {
    return format.headerLength() + index * CSCD_LENGTH;
  }

  private int segmentsAt() {
    return format.headerLength() + cscdBytes();
  }

  private int u8(int at) {
    return list.get(at) & 0xff;
  }

  private int u16(int at) {
    return Short.toUnsignedInt(list.getShort(at));
  }
}
