package org.iscsi4j.scsi;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.iscsi4j.api.monitor.ReservationType;

/**
 * How registrations and a persistent reservation are kept through a loss of power (APTPL): a
 * version, the type or 0, the holder's index or -1, and key, names and relative port identifier of
 * each registration. PRGENERATION is not kept: it starts at 0 (SPC-4 clause 6.15.2).
 */
final class SavedReservation {

  private static final int VERSION = 1;
  private static final byte[] NOTHING = {};

  private SavedReservation() {}

  /** Empty when there is nothing to keep. */
  static byte[] encode(PersistentReservation state) {
    if (!state.aptpl() || state.keys().isEmpty()) {
      return NOTHING;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeByte(state.reserved() ? state.type().code() : 0);
      out.writeInt(state.keys().keySet().stream().toList().indexOf(state.holder()));
      out.writeInt(state.keys().size());
      for (Map.Entry<NexusName, Long> each : state.keys().entrySet()) {
        out.writeLong(each.getValue());
        out.writeUTF(each.getKey().initiatorPort());
        out.writeUTF(each.getKey().targetPort());
        out.writeShort(each.getKey().relativeId());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * What {@link #encode} made.
   *
   * @throws IOException when the bytes are none of that
   */
  static PersistentReservation decode(byte[] saved) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved))) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new IOException("version " + version + " is not " + VERSION);
      }
      int code = in.readUnsignedByte();
      int holder = in.readInt();
      Map<NexusName, Long> keys = new LinkedHashMap<>();
      NexusName heldBy = null;
      for (int left = in.readInt(); left > 0; left--) {
        long key = in.readLong();
        NexusName name = new NexusName(in.readUTF(), in.readUTF(), in.readUnsignedShort());
        heldBy = keys.size() == holder ? name : heldBy;
        keys.put(name, key);
      }
      ReservationType type = ReservationType.of(code).orElse(null);
      boolean held = type != null && (type.heldByAll() || heldBy != null);
      if (code != 0 && !held) {
        throw new IOException("a reservation of type " + code + " without a holder");
      }
      return new PersistentReservation(0, true, Collections.unmodifiableMap(keys), type, heldBy);
    }
  }
}
