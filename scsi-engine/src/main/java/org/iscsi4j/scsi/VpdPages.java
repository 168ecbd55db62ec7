package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Geometry;

/** Vital product data of a disk (SPC-4 and SBC-3). Page 00h lists this map. */
final class VpdPages {

  private static final int SUPPORTED_PAGES = 0x00;
  private static final int IDENTIFICATION = 0x83;

  private static final NavigableMap<Integer, Page> PAGES = pages();

  private static final int HEADER_LENGTH = 4;
  private static final byte[] NO_SUCH_PAGE = {};

  /** VERIFY compares deallocated blocks too, with what is read there. */
  private static final int VBULS = 0x01;

  private static final int UGAVALID = 0x8000_0000;
  private static final int LBPU_LBPWS_LBPWS10 = 0xe0;
  private static final int LBPRZ = 0x04;
  private static final int THIN_PROVISIONED = 0x02;

  private static final int HEADSUP_ORDSUP_SIMPSUP = 0x07;
  private static final int V_SUP = 0x01;
  private static final int LUICLR = 0x01;

  /** Every page and subpage is one for all nexuses. */
  private static final byte[] ALL_MODE_PAGES_SHARED = {0x3f, (byte) 0xff, 0x00, 0x00};

  /** What stands behind the header of a page. */
  @FunctionalInterface
  private interface Page {
    byte[] body(DeviceServer unit, TargetPort port);
  }

  /** WABEREQ and WACEREQ: reads end well after either kind of erase. */
  private static final int READS_AFTER_ERASE = 0x50;

  private VpdPages() {}

  private static NavigableMap<Integer, Page> pages() {
    NavigableMap<Integer, Page> pages = new TreeMap<>();
    pages.put(SUPPORTED_PAGES, (unit, port) -> codes());
    pages.put(0x80, (unit, port) -> serialNumber(unit));
    pages.put(IDENTIFICATION, (unit, port) -> DeviceIdentification.encode(unit.identity(), port));
    pages.put(0x86, (unit, port) -> extendedInquiry(unit.capabilities()));
    pages.put(0x87, (unit, port) -> ALL_MODE_PAGES_SHARED);
    pages.put(0x88, (unit, port) -> ScsiPorts.encode(unit.groups().ports(port.deviceName())));
    pages.put(0x8f, (unit, port) -> ThirdPartyCopyPage.encode(unit));
    pages.put(0xb0, (unit, port) -> blockLimits(unit.geometry(), unit.capabilities()));
    pages.put(0xb1, (unit, port) -> blockDeviceCharacteristics(unit.capabilities()));
    pages.put(0xb2, (unit, port) -> logicalBlockProvisioning(unit));
    return pages;
  }

  /** A page with its header; empty when there is none of the code. */
  static byte[] encode(DeviceServer unit, TargetPort port, int code) {
    Page page = PAGES.get(code);
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

  private static byte[] codes() {
    byte[] codes = new byte[PAGES.size()];
    int at = 0;
    for (int code : PAGES.keySet()) {
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

  /** Fields for what is not supported, and for what has no limit, stay zero. */
  private static byte[] blockLimits(Geometry geometry, Capabilities can) {
    int blockSize = geometry.blockSize();
    ByteBuffer out = ByteBuffer.allocate(60);
    out.put((byte) 0); // WSNZ: WRITE SAME of 0 blocks reaches to the end of the medium
    out.put((byte) Limits.COMPARE_AND_WRITE_BLOCKS); // MAXIMUM COMPARE AND WRITE LENGTH
    out.putShort(
        (short) (geometry.physicalBlockSize() / blockSize)); // OPTIMAL TRANSFER LENGTH GRANULARITY
    out.putInt((int) Limits.transferBlocks(geometry)); // MAXIMUM TRANSFER LENGTH
    out.putInt((int) optimalTransferBlocks(geometry)); // OPTIMAL TRANSFER LENGTH
    out.putInt(0); // MAXIMUM PREFETCH LENGTH: none
    if (can.deallocate()) {
      out.putInt((int) Limits.unmapBlocks(geometry)); // MAXIMUM UNMAP LBA COUNT
      out.putInt(Limits.UNMAP_DESCRIPTORS); // MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT
      int granularity = unmapGranularity(geometry);
      out.putInt(granularity); // OPTIMAL UNMAP GRANULARITY
      out.putInt(granularity > 0 ? UGAVALID : 0); // UNMAP GRANULARITY ALIGNMENT 0
    }
    out.position(32);
    out.putLong(Limits.WRITE_SAME_BLOCKS); // MAXIMUM WRITE SAME LENGTH
    out.putInt((int) Limits.atomicBlocks(geometry, can)); // MAXIMUM ATOMIC TRANSFER LENGTH
    out.putInt((int) Limits.atomicGranule(geometry)); // ATOMIC ALIGNMENT
    out.putInt((int) Limits.atomicGranule(geometry)); // ATOMIC TRANSFER LENGTH GRANULARITY
    // ATOMIC BOUNDARY must be zero, so its two limits are
    return out.array();
  }

  /** What the device likes best, as far as one command may ask for it. */
  private static long optimalTransferBlocks(Geometry geometry) {
    long liked = geometry.optimalTransferLength() / geometry.blockSize();
    return Math.min(liked, Limits.transferBlocks(geometry));
  }

  /**
   * In blocks; 0 tells nothing. Told of 512-byte blocks only: with larger ones, QEMU's iSCSI driver
   * takes a granularity for a reason to ask for the state of 2^31 - 512 bytes, and then aborts
   * because that is no multiple of the block size (iscsi_co_readv, 7.2 and before).
   */
  private static int unmapGranularity(Geometry geometry) {
    boolean safe = geometry.blockSize() == Geometry.MIN_BLOCK_SIZE;
    return safe ? geometry.deallocationGranularity() / geometry.blockSize() : 0;
  }

  private static byte[] blockDeviceCharacteristics(Capabilities can) {
    ByteBuffer out = ByteBuffer.allocate(60);
    out.putShort((short) can.rotationRate()); // MEDIUM ROTATION RATE
    out.put((byte) 0); // PRODUCT TYPE
    out.put((byte) READS_AFTER_ERASE);
    out.put((byte) VBULS);
    return out.array();
  }

  private static byte[] logicalBlockProvisioning(DeviceServer unit) {
    Capabilities can = unit.capabilities();
    SpaceWatch watch = unit.spaceWatch();
    ByteBuffer out = ByteBuffer.allocate(4);
    out.put((byte) (watch == null ? 0 : watch.sets().exponent())); // THRESHOLD EXPONENT
    if (can.deallocate()) {
      // anchored blocks are not known, so ANC_SUP is 0
      out.put((byte) (LBPU_LBPWS_LBPWS10 | (unit.promisesZeroes() ? LBPRZ : 0)));
      out.put((byte) THIN_PROVISIONED); // PROVISIONING TYPE
    }
    return out.array();
  }
}
