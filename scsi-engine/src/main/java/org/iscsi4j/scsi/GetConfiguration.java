package org.iscsi4j.scsi;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Predicate;

/** GET CONFIGURATION (MMC-6 clause 6.6): what the drive can do, with any medium and with this. */
final class GetConfiguration {

  static final Command ROW =
      Command.of(
          "GET CONFIGURATION",
          "46 03 ffff 000000 ffff 00",
          GetConfiguration::execute,
          Command.Trait.IGNORES_UNIT_ATTENTION,
          Command.Trait.PASSES_RESERVATIONS,
          Command.Trait.PASSES_STANDBY);

  private static final int ALL = 0;
  private static final int CURRENT = 1;
  private static final int ONE = 2;

  private static final int HEADER_LENGTH = 8;

  private GetConfiguration() {}

  private static void execute(DeviceServer unit, ScsiTask task) {
    int from = task.cdb().u16(2); // STARTING FEATURE NUMBER
    switch (task.cdb().u8(1)) {
      case ALL -> send(unit, task, feature -> feature.code() >= from);
      case CURRENT -> send(unit, task, feature -> feature.code() >= from && feature.current(unit));
      case ONE -> send(unit, task, feature -> feature.code() == from);
      default -> task.fail(Sense.invalidFieldInCdb(1, 1));
    }
  }

  private static void send(DeviceServer unit, ScsiTask task, Predicate<Feature> selected) {
    ByteArrayOutputStream features = new ByteArrayOutputStream(128);
    Feature.ALL.stream()
        .filter(selected)
        .forEach(feature -> features.writeBytes(feature.encode(unit)));
    ByteBuffer out = ByteBuffer.allocate(HEADER_LENGTH + features.size());
    out.putInt(out.capacity() - Integer.BYTES); // DATA LENGTH
    out.putShort((short) 0);
    out.putShort((short) Profile.of(unit).code()); // CURRENT PROFILE
    out.put(features.toByteArray());
    ParameterData.send(task, out.array(), task.cdb().u16(7));
  }
}
