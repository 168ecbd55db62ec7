package org.iscsi4j.examples.daemon;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.BlockDevices;
import org.iscsi4j.api.DeviceUri;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.RateLimit;

/**
 * A logical unit in one line: a device URI, with the options among it that are the unit's and not
 * the device's taken out.
 *
 * @param device what to open
 * @param readOnly whether the unit refuses writes
 * @param removable whether the medium may be ejected
 * @param identity who the unit says it is, when the user cares
 * @param rateLimit what all initiators together are held to
 */
public record LunSpec(
    DeviceUri device,
    boolean readOnly,
    boolean removable,
    Optional<Identity> identity,
    RateLimit rateLimit) {

  private static final String READ_ONLY = "readonly";
  private static final String REMOVABLE = "removable";
  private static final String SERIAL = "serial";
  private static final String OPERATIONS = "iops";
  private static final String BYTES = "bps";
  private static final List<String> OWN_OPTIONS =
      List.of(READ_ONLY, REMOVABLE, SERIAL, OPERATIONS, BYTES);

  /**
   * Reads a SPEC.
   *
   * @throws IllegalArgumentException when it is none, with the reason
   */
  public static LunSpec parse(String text) {
    DeviceUri uri = DeviceUri.parse(text);
    DeviceUri device = uri.without(REMOVABLE, SERIAL, OPERATIONS, BYTES);
    return new LunSpec(
        opensReadOnly(uri) ? device : device.without(READ_ONLY),
        uri.flag(READ_ONLY),
        uri.flag(REMOVABLE),
        uri.option(SERIAL).map(Identity::ofSerial),
        rateLimit(uri));
  }

  private static RateLimit rateLimit(DeviceUri uri) {
    OptionalLong bytes = uri.bytes(BYTES);
    RateLimit limit =
        uri.option(OPERATIONS)
            .map(text -> RateLimit.operationsPerSecond(operations(text)))
            .orElse(RateLimit.NONE);
    return bytes.isPresent() ? limit.withBytesPerSecond(bytes.getAsLong()) : limit;
  }

  private static long operations(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "option " + OPERATIONS + ": '" + text + "' is no number of operations", e);
    }
  }

  /** A file is opened read-only too; other devices need not know that nobody writes to them. */
  private static boolean opensReadOnly(DeviceUri uri) {
    return uri.scheme().equals("file");
  }

  /**
   * Opens the device.
   *
   * @throws IllegalArgumentException when the device can't be as it is asked for, naming it
   */
  BlockDevice open() throws IOException {
    try {
      checkOptions();
      return BlockDevices.open(device);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + device + "': " + e.getMessage(), e);
    }
  }

  /** Before the device's provider does, which knows its own options only. */
  private void checkOptions() {
    Set<String> known = new TreeSet<>(BlockDevices.options(device.scheme()));
    known.addAll(OWN_OPTIONS);
    for (String name : device.options().keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "has no option '" + name + "'; it has " + String.join(", ", known));
      }
    }
  }

  LogicalUnit unit(BlockDevice opened) {
    LogicalUnit.Builder unit = LogicalUnit.builder(opened);
    identity.ifPresent(unit::identity);
    unit.rateLimit(rateLimit);
    if (readOnly) {
      unit.readOnly();
    }
    if (removable) {
      unit.removable();
    }
    return unit.build();
  }
}
