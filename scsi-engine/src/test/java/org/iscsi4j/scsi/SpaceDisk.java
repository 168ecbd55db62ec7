package org.iscsi4j.scsi;

import java.util.Optional;
import org.iscsi4j.api.DeviceEvents;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.Space;

/** A thin disk whose space is what the test says. Its threshold sets are of two blocks. */
final class SpaceDisk extends TestDisk {

  /** Null for a device that breaks its word. */
  Space space;

  /** How often it was asked. */
  int asked;

  DeviceEvents events;

  SpaceDisk(Space space) {
    super(Geometry.of(512, 1000), THIN);
    this.space = space;
  }

  @Override
  public Optional<Space> space() {
    asked++;
    if (space == null) {
      throw new IllegalStateException("for the test");
    }
    return Optional.of(space);
  }

  @Override
  public void subscribe(DeviceEvents listener) {
    events = listener;
  }
}
