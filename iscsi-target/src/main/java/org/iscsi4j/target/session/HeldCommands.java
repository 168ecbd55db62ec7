package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.iscsi4j.scsi.Sense;

/**
 * Requests that came before their turn (RFC 7143 section 4.2.2.1), as copies, until it is their
 * turn. The command window bounds their number, and {@link #LIMIT} their bytes.
 */
final class HeldCommands {

  /** Bytes kept; what exceeds them is taken as not received. */
  static final long LIMIT = 4L << 20;

  private static final Held SKIPPED = new Held(ByteBuffer.allocate(0), 0, Sense.NONE);

  private final Map<Integer, Held> held = new HashMap<>();
  private long bytes;

  /**
   * A request.
   *
   * @param pdu header and data, without digests
   * @param dataLength bytes of data at the end of {@code pdu}
   * @param damage what became of data that is not there
   */
  record Held(ByteBuffer pdu, int dataLength, Sense damage) {

    /** Where the data begins. */
    int dataAt() {
      return pdu.capacity() - dataLength;
    }
  }

  /** Keeps a copy of a request; one that is kept already stays. */
  void hold(int cmdSn, ByteBuffer in, int bhsAt, int dataAt, int dataLength, Sense damage) {
    int length = dataAt + dataLength - bhsAt;
    if (!held.containsKey(cmdSn) && bytes + length <= LIMIT) {
      bytes += length;
      ByteBuffer copy = ByteBuffer.allocate(length).put(0, in, bhsAt, length);
      held.put(cmdSn, new Held(copy, dataLength, damage));
    }
  }

  /** Takes a command that may never come as received (RFC 7143 section 11.5.1). */
  void skip(int cmdSn) {
    forget(held.put(cmdSn, SKIPPED));
  }

  /** The request whose turn it is, or null. */
  Held take(CommandWindow window) {
    if (held.isEmpty()) {
      return null;
    }
    Held next = held.remove(window.expCmdSn());
    while (next != null && next.pdu().capacity() == 0) {
      window.arrived(window.expCmdSn());
      next = held.remove(window.expCmdSn());
    }
    forget(next);
    return next;
  }

  void clear() {
    held.clear();
    bytes = 0;
  }

  private void forget(Held gone) {
    bytes -= gone == null ? 0 : gone.pdu().capacity();
  }
}
