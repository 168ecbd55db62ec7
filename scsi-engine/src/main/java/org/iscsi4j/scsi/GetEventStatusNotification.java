package org.iscsi4j.scsi;

import java.nio.ByteBuffer;

/**
 * GET EVENT STATUS NOTIFICATION (MMC-6 clause 6.7), polled: the first of the classes asked for that
 * has an event, else the first of them. What happens is told to each nexus once.
 */
final class GetEventStatusNotification {

  private static final int OPERATIONAL_CHANGE = 1;
  private static final int POWER_MANAGEMENT = 2;
  private static final int MEDIA = 4;
  private static final int MULTI_INITIATOR = 5;

  /** The two above, external requests and device busy, a bit each; of those two nothing happens. */
  private static final int SUPPORTED = 0x7e;

  private static final int NO_EVENT_AVAILABLE = 0x80;
  private static final int HEADER_LENGTH = 4;
  private static final int LENGTH = 8;

  private static final byte OPERATION_CHANGED = 2;
  private static final short FEATURE_CHANGE = 1;
  private static final byte ACTIVE = 1;
  private static final byte DOOR_OPEN = 1;
  private static final byte MEDIA_PRESENT = 2;
  private static final byte OTHER_PREVENT = 1;

  private final Tray tray;
  private final MediaEvents events;

  private GetEventStatusNotification(Tray tray, MediaEvents events) {
    this.tray = tray;
    this.events = events;
  }

  static Command row(Tray tray, MediaEvents events) {
    return Command.of(
        "GET EVENT STATUS NOTIFICATION",
        "4a 01 0000 ff 0000 ffff 00",
        new GetEventStatusNotification(tray, events)::execute,
        Command.Trait.IGNORES_UNIT_ATTENTION,
        Command.Trait.PASSES_RESERVATIONS,
        Command.Trait.PASSES_STANDBY);
  }

  private void execute(DeviceServer unit, ScsiTask task) {
    Cdb cdb = task.cdb();
    int asked = cdb.u8(4) & SUPPORTED; // NOTIFICATION CLASS REQUEST
    if (!cdb.bit(1, 0)) {
      task.fail(Sense.invalidFieldInCdb(1, 0)); // POLLED: nothing is told later
    } else if (asked == 0) {
      byte[] none = {0, HEADER_LENGTH - 2, (byte) NO_EVENT_AVAILABLE, SUPPORTED};
      ParameterData.send(task, none, cdb.u16(7));
    } else {
      UnitCondition now = unit.condition();
      int told = first(asked, task.unit(), now);
      ParameterData.send(task, encode(told, unit, task.unit(), now), cdb.u16(7));
      if (cdb.u16(7) > HEADER_LENGTH) {
        forget(told, task.unit(), now);
      }
    }
  }

  private int first(int asked, ItlNexus nexus, UnitCondition now) {
    if (has(asked, OPERATIONAL_CHANGE) && events.featuresChanged(nexus, now)) {
      return OPERATIONAL_CHANGE;
    }
    if (has(asked, MEDIA) && events.media(nexus, now) != MediaEvents.Event.NONE) {
      return MEDIA;
    }
    return Integer.numberOfTrailingZeros(asked);
  }

  private static boolean has(int classes, int each) {
    return (classes >> each & 1) != 0;
  }

  private void forget(int told, ItlNexus nexus, UnitCondition now) {
    if (told == OPERATIONAL_CHANGE) {
      events.featuresTold(nexus, now);
    } else if (told == MEDIA) {
      events.mediaTold(nexus, now);
    }
  }

  private byte[] encode(int told, DeviceServer unit, ItlNexus nexus, UnitCondition now) {
    ByteBuffer out = ByteBuffer.allocate(LENGTH);
    out.putShort((short) (LENGTH - 2)); // EVENT DESCRIPTOR LENGTH
    out.put((byte) told); // NOTIFICATION CLASS
    out.put((byte) SUPPORTED);
    switch (told) {
      case OPERATIONAL_CHANGE -> operationalChange(out, events.featuresChanged(nexus, now));
      case POWER_MANAGEMENT -> out.put((byte) 0).put(ACTIVE);
      case MEDIA -> {
        out.put((byte) events.media(nexus, now).ordinal());
        out.put(mediaStatus(unit, now));
      }
      case MULTI_INITIATOR -> out.put((byte) 0).put(othersPrevent(unit, nexus));
      default -> out.putInt(0); // ready, and not busy
    }
    return out.array();
  }

  private static void operationalChange(ByteBuffer out, boolean changed) {
    out.put(changed ? OPERATION_CHANGED : 0);
    out.put((byte) 0); // the drive is not prevented persistently, and available
    out.putShort(changed ? FEATURE_CHANGE : 0);
  }

  private byte mediaStatus(DeviceServer unit, UnitCondition now) {
    if (now.loaded()) {
      return MEDIA_PRESENT;
    }
    return tray.open(unit) ? DOOR_OPEN : 0;
  }

  private static byte othersPrevent(DeviceServer unit, ItlNexus nexus) {
    boolean prevented =
        unit.nexuses().stream().anyMatch(each -> each != nexus && each.preventsRemoval());
    return prevented ? OTHER_PREVENT : 0;
  }
}
