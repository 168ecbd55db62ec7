package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.Map;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;

/** Vital product data of a direct access block device (SBC-3 clause 6.6). */
final class BlockVpdPages {

  static final VpdPages PAGES =
      new VpdPages(
          Map.of(
              0x8f, (unit, port) -> ThirdPartyCopyPage.encode(unit),
              0xb0, (unit, port) -> blockLimits(unit.geometry(), unit.capabilities()),
              0xb1, (unit, port) -> blockDeviceCharacteristics(unit.unit()),
              0xb2, (unit, port) -> logicalBlockProvisioning(unit)));

  /** VERIFY compares deallocated blocks too, with what is read there. */
  private static final int VBULS = 0x01;

  private static final int UGAVALID = 0x8000_0000;
  private static final int LBPU_LBPWS_LBPWS10 = 0xe0;
  private static final int LBPRZ = 0x04;
  private static final int THIN_PROVISIONED = 0x02;

  /** WABEREQ and WACEREQ: reads end well after either kind of erase. */
  private static final int READS_AFTER_ERASE = 0x50;

  private static final int FORM_FACTOR = 0x0f;

  private BlockVpdPages() {}

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

  private static byte[] blockDeviceCharacteristics(LogicalUnit unit) {
    ByteBuffer out = ByteBuffer.allocate(60);
    int rate = unit.rotationRate().orElseGet(() -> unit.device().capabilities().rotationRate());
    out.putShort((short) rate); // MEDIUM ROTATION RATE
    out.put((byte) 0); // PRODUCT TYPE
    out.put((byte) (READS_AFTER_ERASE | unit.formFactor() & FORM_FACTOR)); // NOMINAL FORM FACTOR
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
