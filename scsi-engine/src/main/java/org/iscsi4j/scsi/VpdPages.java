package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.iscsi4j.api.Capabilities;

/** Vital product data (SPC-4 clause 7.8). Page 00h lists the pages that there are. Immutable. */
final class VpdPages {

  private static final int SUPPORTED_PAGES = 0x00;
  private static final int IDENTIFICATION = 0x83;

  private static final int HEADER_LENGTH = 4;
  private static final byte[] NO_SUCH_PAGE = {};

  private static final int HEADSUP_ORDSUP_SIMPSUP = 0x07;
  private static final int V_SUP = 0x01;
  private static final int LUICLR = 0x01;

  /** Every page and subpage is one for all nexuses. */
  private static final byte[] ALL_MODE_PAGES_SHARED = {0x3f, (byte) 0xff, 0x00, 0x00};

  /** What stands behind the header of a page. */
  @FunctionalInterface
  interface Page {
    byte[] body(DeviceServer unit, TargetPort port);
  }

  private final NavigableMap<Integer, Page> pages = new TreeMap<>();

  /**
   * The pages that units of every kind have, and some of one kind's own.
   *
   * @param own by page code
   */
  VpdPages(Map<Integer, Page> own) {
    pages.put(SUPPORTED_PAGES, (unit, port) -> codes());
    pages.put(0x80, (unit, port) -> serialNumber(unit));
    pages.put(IDENTIFICATION, (unit, port) -> DeviceIdentification.encode(unit.identity(), port));
    pages.put(0x86, (unit, port) -> extendedInquiry(unit.capabilities()));
    pages.put(0x87, (unit, port) -> ALL_MODE_PAGES_SHARED);
    pages.put(0x88, (unit, port) -> ScsiPorts.encode(unit.groups().ports(port.deviceName())));
    pages.putAll(own);
  }

  /** A page with its header; empty when there is none of the code. */
  byte[] encode(DeviceServer unit, TargetPort port, int code) {
    Page page = pages.get(code);
    return page == null
        ? NO_SUCH_PAGE
        : page(Inquiry.peripheral(unit, port), code, page.body(unit, port));
  }

  /** The list of pages for a LUN without a unit; empty for any other page. */
  static byte[] encodeWithoutUnit(int code) {
    return code == SUPPORTED_PAGES
        ? page(Inquiry.NO_UNIT, code, new byte[] {SUPPORTED_PAGES})
        : NO_SUCH_PAGE;
  }

  /** The few pages of a well-known unit; empty for any other page. */
  static byte[] encodeWellKnown(TargetPort port, int code) {
    return switch (code) {
      case SUPPORTED_PAGES ->
          page(WellKnownUnit.PERIPHERAL, code, new byte[] {SUPPORTED_PAGES, (byte) IDENTIFICATION});
      case IDENTIFICATION ->
          page(WellKnownUnit.PERIPHERAL, code, DeviceIdentification.encode(port));
      default -> NO_SUCH_PAGE;
    };
  }

  private static byte[] page(int peripheral, int code, byte[] body) {
    return ByteBuffer.allocate(HEADER_LENGTH + body.length)
        .put((byte) peripheral)
        .put((byte) code)
        .putShort((short) body.length)
        .put(body)
        .array();
  }

  private byte[] codes() {
    byte[] codes = new byte[pages.size()];
    int at = 0;
    for (int code : pages.keySet()) {
      codes[at++] = (byte) code;
    }
    return codes;
  }

  private static byte[] serialNumber(DeviceServer unit) {
    return unit.identity().serial().getBytes(StandardCharsets.US_ASCII);
  }

  /** No protection information, and nothing but volatile caches. */
  private static byte[] extendedInquiry(Capabilities can) {
    ByteBuffer out = ByteBuffer.allocate(60);
    out.put((byte) 0); // ACTIVATE MICROCODE, SPT, GRD_CHK, APP_CHK, REF_CHK
    out.put((byte) HEADSUP_ORDSUP_SIMPSUP);
    out.put((byte) (can.volatileCache() ? V_SUP : 0)); // WU_SUP, CRD_SUP, NV_SUP, V_SUP
    out.put((byte) LUICLR); // P_I_I_SUP, LUICLR
    return out.array();
  }
}
