package org.iscsi4j.scsi;

import org.iscsi4j.api.Drive;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.PeripheralDeviceType;

/** Discs, and drives to put them in. */
final class Discs {

  /** The size of {@link #cd}, in blocks. */
  static final int CD_BLOCKS = 16;

  /** The size of {@link #dvd}, in blocks: one more than a CD holds. */
  static final int DVD_BLOCKS = 360_001;

  private Discs() {}

  static TestDisk ofBlocks(long count) {
    return new TestDisk(Geometry.of(2048, count), TestDisk.MEMORY);
  }

  static TestDisk cd() {
    return ofBlocks(CD_BLOCKS);
  }

  static TestDisk dvd() {
    return ofBlocks(DVD_BLOCKS);
  }

  /** A drive with a disc in it. */
  static Engine drive(TestDisk disc) {
    return drive(Drive.of(disc));
  }

  static Engine drive(Drive drive) {
    return Engine.over(LogicalUnit.builder(drive).type(PeripheralDeviceType.CD_DVD).build());
  }
}
