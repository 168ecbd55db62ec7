package org.iscsi4j.scsi;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Space;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the space of a device after it changed, and tells once when a threshold is reached;
 * again only after the space was back before it (SBC-3 clause 4.7.3.8). Any thread; a look takes no
 * lock.
 */
final class SpaceWatch {

  private static final Logger log = LoggerFactory.getLogger(SpaceWatch.class);

  private final DeviceServer unit;
  private final BlockDevice device;
  private final ThresholdSets sets;
  private volatile List<Armed> armed;

  /** A threshold, and whether it was reached and told. */
  private record Armed(int index, Threshold threshold, AtomicBoolean told) {

    Armed(int index, Threshold threshold) {
      this(index, threshold, new AtomicBoolean());
    }
  }

  /** A watch over the device of a unit whose mode pages are there already. */
  SpaceWatch(DeviceServer unit) {
    this.unit = unit;
    device = unit.unit().device();
    sets = ThresholdSets.of(device.geometry());
    armed = arm(ProvisioningPage.thresholds(unit.mode()));
  }

  /** Takes other thresholds. One that is reached already is told at once. */
  void watch(List<Threshold> thresholds) {
    armed = arm(thresholds);
    look();
  }

  private static List<Armed> arm(List<Threshold> thresholds) {
    return IntStream.range(0, thresholds.size())
        .mapToObj(index -> new Armed(index, thresholds.get(index)))
        .filter(each -> each.threshold().enabled())
        .toList();
  }

  /** Compares the space with the thresholds. */
  void look() {
    List<Armed> now = armed;
    if (!now.isEmpty() && unit.mode().reportsThresholds()) {
      space().ifPresent(space -> now.forEach(each -> look(each, space)));
    }
  }

  private void look(Armed each, Space space) {
    if (each.threshold().reached(space, sets)) {
      if (!each.told().get() && each.told().compareAndSet(false, true)) {
        unit.thresholdReached(each.index());
      }
    } else if (each.told().get() && each.threshold().left(space, sets)) {
      each.told().set(false);
    }
  }

  /** The space now; empty when the device breaks its word. */
  Optional<Space> space() {
    try {
      return device.space();
    } catch (RuntimeException e) {
      log.error("{} can't tell its space", device, e);
      return Optional.empty();
    }
  }

  ThresholdSets sets() {
    return sets;
  }
}
