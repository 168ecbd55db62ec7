package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.iscsi4j.protocol.Opcode;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.SerialNumber;
import org.iscsi4j.scsi.Sense;
import org.iscsi4j.scsi.SenseKey;
import org.iscsi4j.target.limit.Share;

/**
 * Requests that came before their turn (RFC 7143 section 4.2.2.1), as copies, until it is their
 * turn. The command window bounds their number, and limits of the session and of the server their
 * bytes. At ErrorRecoveryLevel 0 nobody sends again what is not kept, so the former has to be
 * enough for a window of writes; and of a command that exceeds them the header is kept, so that its
 * turn comes and it is {@linkplain #NO_ROOM refused}.
 */
final class HeldCommands {

  /** Bytes kept besides write data. */
  private static final long HEADERS = 4L << 20;

  private static final int FLAGS_AT = 1;
  private static final int FINAL = 0x80;
  private static final int LUN_AT = 8;
  private static final int TAG_AT = 16;

  /** What became of data that there was no room for: the command ends with TASK SET FULL. */
  static final Sense NO_ROOM = Sense.of(SenseKey.ABORTED_COMMAND, 0x55, 0x03);

  private static final Held SKIPPED =
      new Held(null, ByteBuffer.allocate(0), 0, Sense.NONE, List.of());

  private final Map<Integer, Held> held = new HashMap<>();
  private final long limit;
  private final Share share;
  private long bytes;

  /**
   * Keeps nothing yet.
   *
   * @param limit bytes kept; a request that exceeds them and is no command is taken as not received
   * @param share what it has of the bytes that the server keeps
   */
  HeldCommands(long limit, Share share) {
    this.limit = limit;
    this.share = share;
  }

  /** Bytes for all that may come unasked in a window, but no more than a session may hold. */
  static long limit(SessionLimits limits, OperationalParameters agreed) {
    long data = (long) limits.queueDepth() * agreed.firstBurstLength();
    return HEADERS + Math.min(data, limits.transferBytes());
  }

  /**
   * A request.
   *
   * @param from the connection that it came over, which runs it
   * @param pdu header and data, without digests
   * @param dataLength bytes of data at the end of {@code pdu}
   * @param damage what became of data that is not there
   * @param dataOut the unsolicited Data-Out PDUs that followed it, likewise
   */
  record Held(
      FullFeaturePhase from,
      ByteBuffer pdu,
      int dataLength,
      Sense damage,
      List<ByteBuffer> dataOut) {

    /** Where the data begins. */
    int dataAt() {
      return pdu.capacity() - dataLength;
    }

    private boolean isSkipped() {
      return pdu.capacity() == 0;
    }

    private boolean isCommand() {
      return !isSkipped() && Pdu.opcode(pdu, 0) == Opcode.SCSI_COMMAND;
    }

    private boolean isCommand(int tag) {
      return isCommand() && pdu.getInt(TAG_AT) == tag;
    }

    private long size() {
      return pdu.capacity() + dataOut.stream().mapToLong(ByteBuffer::capacity).sum();
    }
  }

  /** Keeps a copy of a request; one that is kept already stays. */
  void hold(
      FullFeaturePhase from,
      int cmdSn,
      ByteBuffer in,
      int bhsAt,
      int dataAt,
      int dataLength,
      Sense damage) {
    if (held.containsKey(cmdSn)) {
      return;
    }
    if (fits(dataAt + dataLength - bhsAt)) {
      ByteBuffer copy = copy(in, bhsAt, dataAt + dataLength);
      held.put(cmdSn, new Held(from, copy, dataLength, damage, new ArrayList<>()));
    } else if (Pdu.opcode(in, bhsAt) == Opcode.SCSI_COMMAND) {
      // the window bounds the number of headers
      held.put(cmdSn, new Held(from, copy(in, bhsAt, dataAt), 0, NO_ROOM, new ArrayList<>()));
    }
  }

  /**
   * Keeps a copy of a Data-Out PDU for the command that is kept under its tag.
   *
   * @return whether there is such a command
   */
  boolean holdData(int tag, ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
    for (Map.Entry<Integer, Held> each : held.entrySet()) {
      if (each.getValue().isCommand(tag)) {
        if (!each.getValue().damage().equals(NO_ROOM) && fits(dataAt + dataLength - bhsAt)) {
          each.getValue().dataOut().add(copy(in, bhsAt, dataAt + dataLength));
        } else {
          // without this part the command can't run, and its turn will come
          lose(each, in, bhsAt, NO_ROOM);
        }
        return true;
      }
    }
    return false;
  }

  /** A Data-Out PDU for the command that is kept under its tag came damaged. */
  void dataLost(int tag, ByteBuffer in, int bhsAt) {
    for (Map.Entry<Integer, Held> each : held.entrySet()) {
      if (each.getValue().isCommand(tag)) {
        lose(each, in, bhsAt, Sense.PROTOCOL_SERVICE_CRC_ERROR);
      }
    }
  }

  /** The command will fail in its turn, and waits for no data behind the last PDU of it. */
  private void lose(Map.Entry<Integer, Held> command, ByteBuffer in, int bhsAt, Sense why) {
    Held whole = command.getValue();
    whole.dataOut().forEach(part -> gone(part.capacity()));
    byte last = (byte) (in.get(bhsAt + FLAGS_AT) & FINAL);
    whole.pdu().put(FLAGS_AT, (byte) (whole.pdu().get(FLAGS_AT) | last));
    command.setValue(
        new Held(whole.from(), whole.pdu(), whole.dataLength(), why, new ArrayList<>()));
  }

  private boolean fits(int length) {
    return bytes + length <= limit && share.fits(length);
  }

  private ByteBuffer copy(ByteBuffer in, int from, int to) {
    bytes += to - from;
    share.take(to - from);
    return ByteBuffer.allocate(to - from).put(0, in, from, to - from);
  }

  /** Takes a command that may never come as received (RFC 7143 section 11.5.1). */
  void skip(int cmdSn) {
    forget(held.put(cmdSn, SKIPPED));
  }

  /** Whether a request of a CmdSN came, and waits for its turn. */
  boolean holds(int cmdSn) {
    Held found = held.get(cmdSn);
    return found != null && !found.isSkipped();
  }

  /** The CmdSN of the command of a tag that waits for its turn, if there is one. */
  OptionalInt cmdSnOf(int tag) {
    return held.entrySet().stream()
        .filter(each -> each.getValue().isCommand(tag))
        .mapToInt(Map.Entry::getKey)
        .findFirst();
  }

  /** The 8-byte LUN of a command that waits for its turn. */
  long lunOf(int cmdSn) {
    return held.get(cmdSn).pdu().getLong(LUN_AT);
  }

  /**
   * Takes the commands of a range of CmdSN as received, those that have come included; requests of
   * other kinds keep their turn.
   *
   * @param to behind the last
   * @return the tags of those that had come
   */
  List<Integer> plug(int from, int to) {
    List<Integer> tags = new ArrayList<>();
    for (int cmdSn = from; SerialNumber.lessThan(cmdSn, to); cmdSn++) {
      Held found = held.get(cmdSn);
      if (found == null) {
        skip(cmdSn);
      } else if (found.isCommand()) {
        tags.add(found.pdu().getInt(TAG_AT));
        skip(cmdSn);
      }
    }
    return tags;
  }

  /** The request whose turn it is, or null. */
  Held take(CommandWindow window) {
    if (held.isEmpty()) {
      return null;
    }
    Held next = held.remove(window.expCmdSn());
    while (next != null && next.isSkipped()) {
      window.arrived(window.expCmdSn());
      next = held.remove(window.expCmdSn());
    }
    forget(next);
    return next;
  }

  /** Forgets what came over a connection; the initiator may send it again over another one. */
  void removeOf(SessionConnection connection) {
    held.values()
        .removeIf(each -> each.from() != null && each.from().isOf(connection) && dropped(each));
  }

  private boolean dropped(Held gone) {
    forget(gone);
    return true;
  }

  void clear() {
    held.clear();
    gone(bytes);
  }

  private void forget(Held gone) {
    gone(gone == null ? 0 : gone.size());
  }

  private void gone(long size) {
    bytes -= size;
    share.give(size);
  }
}
