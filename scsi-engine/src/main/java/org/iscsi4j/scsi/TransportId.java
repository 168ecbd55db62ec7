package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iscsi4j.api.IscsiName;

/**
 * A TransportID of iSCSI (SPC-4 clause 7.6.4.6): an initiator port, or an initiator device, which
 * stands for all of its ports.
 *
 * @param name SCSI port name or iSCSI name
 * @param port whether it names a port (TPID FORMAT 01b)
 * @param at where it stood in its parameter list
 */
record TransportId(String name, boolean port, int at) {

  private static final int ISCSI = 0x05;
  private static final int DEVICE_FORMAT = 0x00;
  private static final int PORT_FORMAT = 0x40;
  private static final int HEADER_LENGTH = 4;
  private static final int SHORTEST_NAME = 20;
  private static final String SEPARATOR = ",i,0x";
  private static final Pattern PORT = Pattern.compile("([^,]+),i,0x([0-9a-fA-F]{1,12})");

  /** Whether it names an initiator port, itself or by its device. */
  boolean names(String initiatorPort) {
    return port ? initiatorPort.equals(name) : initiatorPort.startsWith(name + SEPARATOR);
  }

  /** The TransportID of an initiator port. */
  static byte[] encode(String initiatorPort) {
    byte[] name = initiatorPort.getBytes(StandardCharsets.UTF_8);
    // ended by a null, filled up with nulls to a multiple of four
    int length = Math.max(SHORTEST_NAME, (name.length + 4) & ~3);
    return ByteBuffer.allocate(HEADER_LENGTH + length)
        .put((byte) ((initiatorPort.contains(SEPARATOR) ? PORT_FORMAT : DEVICE_FORMAT) | ISCSI))
        .put((byte) 0)
        .putShort((short) length) // ADDITIONAL LENGTH
        .put(name)
        .array();
  }

  /**
   * Reads TransportIDs that follow one another.
   *
   * @param list read from its position to its limit
   * @param into takes them
   * @return {@link Sense#NONE}, or what is wrong
   */
  static Sense decode(ByteBuffer list, List<TransportId> into) {
    while (list.hasRemaining()) {
      int at = list.position();
      if (list.remaining() < HEADER_LENGTH) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      int format = list.get() & 0xff;
      list.get();
      int length = Short.toUnsignedInt(list.getShort());
      if (format != (DEVICE_FORMAT | ISCSI) && format != (PORT_FORMAT | ISCSI)) {
        return Sense.invalidFieldInParameterList(at);
      }
      if (length < SHORTEST_NAME || length % 4 != 0) {
        return Sense.invalidFieldInParameterList(at + 2);
      }
      if (length > list.remaining()) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      boolean port = format != ISCSI;
      Optional<String> name = text(list.slice(list.position(), length)).flatMap(t -> name(t, port));
      if (name.isEmpty()) {
        return Sense.invalidFieldInParameterList(at + HEADER_LENGTH);
      }
      list.position(list.position() + length);
      into.add(new TransportId(name.get(), port, at));
    }
    return Sense.NONE;
  }

  /** What stands before the first null; everything behind it must be null too. */
  private static Optional<String> text(ByteBuffer field) {
    int end = 0;
    while (end < field.limit() && field.get(end) != 0) {
      end++;
    }
    if (end == field.limit()) {
      return Optional.empty();
    }
    for (int at = end; at < field.limit(); at++) {
      if (field.get(at) != 0) {
        return Optional.empty();
      }
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(field.slice(0, end)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** The name in the form in which sessions carry it. */
  private static Optional<String> name(String text, boolean port) {
    if (!port) {
      return iscsiName(text);
    }
    Matcher parts = PORT.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    long isid = Long.parseLong(parts.group(2), 16);
    return iscsiName(parts.group(1)).map(name -> String.format("%s,i,0x%012x", name, isid));
  }

  private static Optional<String> iscsiName(String text) {
    try {
      return Optional.of(IscsiName.ofInitiator(text).toString());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
