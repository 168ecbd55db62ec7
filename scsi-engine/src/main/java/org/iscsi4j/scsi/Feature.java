package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Something that a drive can do, as GET CONFIGURATION tells it (MMC-6 clause 5.3).
 *
 * @param persistent whether it is always current
 * @param current with which profiles it is, unless it is persistent
 * @param data behind the header; its length is a multiple of 4
 */
record Feature(
    int code,
    int version,
    boolean persistent,
    Predicate<Profile> current,
    Function<DeviceServer, byte[]> data) {

  private static final Predicate<Profile> ALWAYS = profile -> true;
  private static final Predicate<Profile> WITH_A_MEDIUM = profile -> profile != Profile.NONE;
  private static final Predicate<Profile> WITH_A_CD = profile -> profile == Profile.CD_ROM;
  private static final Predicate<Profile> WITH_A_DVD = profile -> profile == Profile.DVD_ROM;

  /** All that a drive here can do, by their codes. */
  static final List<Feature> ALL =
      List.of(
          persistent(0x0000, 0, Feature::profiles),
          persistent(0x0001, 2, "00000001 03 000000"), // core: SCSI, device busy events, INQ2
          persistent(0x0002, 1, "02 000000"), // morphing: operational change events
          persistent(0x0003, 2, "39 000000"), // removable medium: tray, load, eject, lock
          new Feature(0x0010, 0, false, WITH_A_MEDIUM, Feature::randomReadable),
          some(0x001d, 0, WITH_A_CD, ""), // multi-read
          some(0x001e, 2, WITH_A_CD, "00000000"), // CD read: neither C2 errors nor CD-TEXT
          some(0x001f, 1, WITH_A_DVD, "00000000"), // DVD read
          persistent(0x0100, 0, ""), // power management
          persistent(0x0105, 0, ""), // timeout
          some(0x0107, 4, WITH_A_MEDIUM, "08 000000"), // real-time streaming: SET CD SPEED
          persistent(0x0108, 0, Feature::serialNumber));

  private static final int HEADER_LENGTH = 4;
  private static final int DVD_BLOCKS_AT_ONCE = 16;
  private static final byte ERROR_RECOVERY_PAGE = 1;

  private static Feature persistent(int code, int version, Function<DeviceServer, byte[]> data) {
    return new Feature(code, version, true, ALWAYS, data);
  }

  private static Feature persistent(int code, int version, String data) {
    byte[] bytes = parse(data);
    return persistent(code, version, unit -> bytes);
  }

  private static Feature some(int code, int version, Predicate<Profile> current, String data) {
    byte[] bytes = parse(data);
    return new Feature(code, version, false, current, unit -> bytes);
  }

  private static byte[] parse(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** Whether it works now. */
  boolean current(DeviceServer unit) {
    return current.test(Profile.of(unit));
  }

  /** The feature descriptor. */
  byte[] encode(DeviceServer unit) {
    byte[] bytes = data.apply(unit);
    return ByteBuffer.allocate(HEADER_LENGTH + bytes.length)
        .putShort((short) code)
        .put((byte) (version << 2 | (persistent ? 2 : 0) | (current(unit) ? 1 : 0)))
        .put((byte) bytes.length) // ADDITIONAL LENGTH
        .put(bytes)
        .array();
  }

  /** The best first. */
  private static byte[] profiles(DeviceServer unit) {
    Profile now = Profile.of(unit);
    ByteBuffer out = ByteBuffer.allocate(8);
    for (Profile each : List.of(Profile.DVD_ROM, Profile.CD_ROM)) {
      out.putShort((short) each.code());
      out.put((byte) (each == now ? 1 : 0)).put((byte) 0);
    }
    return out.array();
  }

  private static byte[] randomReadable(DeviceServer unit) {
    boolean dvd = Profile.of(unit) == Profile.DVD_ROM;
    return ByteBuffer.allocate(8)
        .putInt(Dvd.BLOCK_SIZE)
        .putShort((short) (dvd ? DVD_BLOCKS_AT_ONCE : 1)) // BLOCKING
        .put(ERROR_RECOVERY_PAGE) // PP
        .array();
  }

  private static byte[] serialNumber(DeviceServer unit) {
    String serial = unit.identity().serial();
    ByteBuffer out = ByteBuffer.allocate((serial.length() + 3) / 4 * 4);
    ParameterData.putAscii(out, serial, out.capacity());
    return out.array();
  }
}
