package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.DeviceEvents;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.LogicalUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The device server of one logical unit (SAM-5 clause 4.6.19): runs its commands, and owns its
 * state. One for each {@link LogicalUnit}, whatever targets it stands in. Shared by all nexuses and
 * their threads: state is volatile or concurrent, and the fast path only reads it.
 */
public final class DeviceServer implements DeviceEvents {

  private static final Logger log = LoggerFactory.getLogger(DeviceServer.class);

  private final LogicalUnit unit;
  private final Identity identity;
  private final CommandTable table;
  private final Capabilities capabilities;
  private final DeviceIo io;
  private final Set<ItlNexus> nexuses = ConcurrentHashMap.newKeySet();
  private final boolean readOnly;

  private volatile Geometry geometry;
  private volatile Medium medium = Medium.READY;

  /** Whether the medium can be used. */
  enum Medium {
    READY(Sense.NONE),
    EJECTED(Sense.MEDIUM_NOT_PRESENT);

    private final Sense sense;

    Medium(Sense sense) {
      this.sense = sense;
    }

    /** What a command that needs the medium is told. */
    Sense sense() {
      return sense;
    }
  }

  private DeviceServer(LogicalUnit unit, Identity identity, CommandTable table, Executor executor) {
    this.unit = unit;
    this.identity = identity;
    this.table = table;
    capabilities = unit.device().capabilities();
    geometry = unit.device().geometry();
    readOnly = unit.readOnly() || capabilities.readOnly();
    io = new DeviceIo(unit.device(), executor);
  }

  /**
   * A direct access block device (SBC) over a unit's device. Subscribes to the device's events
   * until {@link #close}.
   *
   * @param identity who the unit is when it does not say so itself
   * @param executor where device calls run that may take long
   */
  public static DeviceServer disk(LogicalUnit unit, Identity identity, Executor executor) {
    Identity own = unit.identity().orElse(identity);
    DeviceServer server = new DeviceServer(unit, own, DiskCommands.table(unit), executor);
    unit.device().subscribe(server);
    // what changed before now was told to nobody
    server.geometryChanged();
    return server;
  }

  /** Stops listening to the device. The device stays open: it belongs to whoever opened it. */
  public void close() {
    unit.device().unsubscribe(this);
  }

  // ---- the path of a command ------------------------------------------------------------------

  void execute(ItlNexus nexus, ScsiTask task) {
    Cdb cdb = task.cdb();
    Command command = table.find(cdb);
    task.start(nexus, command);
    try {
      Sense refusal = command == null ? table.unknown(cdb) : refusal(command, nexus, cdb);
      if (!refusal.isNone()) {
        task.fail(refusal);
        return;
      }
      command.handler().execute(this, task);
    } catch (RuntimeException bug) {
      failed(task, bug);
    }
  }

  void dataOut(ScsiTask task, ByteBuffer data) {
    try {
      task.command().handler().dataOut(this, task, data);
    } catch (RuntimeException bug) {
      failed(task, bug);
    }
  }

  private Sense refusal(Command command, ItlNexus nexus, Cdb cdb) {
    if (!command.ignoresUnitAttention() && nexus.hasUnitAttention()) {
      return nexus.takeUnitAttention();
    }
    if (!command.accepts(cdb)) {
      return command.reservedBitSet(cdb);
    }
    if (command.needsMedium() && medium != Medium.READY) {
      return medium.sense();
    }
    return command.writes() && readOnly ? Sense.WRITE_PROTECTED : Sense.NONE;
  }

  /** Goes on with a command whose device call came back. */
  void cameBack(ScsiTask task, Sense outcome, Consumer<Sense> then) {
    try {
      then.accept(outcome);
    } catch (RuntimeException bug) {
      failed(task, bug);
    }
  }

  private static void failed(ScsiTask task, RuntimeException bug) {
    log.error("{} of {} failed", task, task.nexus(), bug);
    // a device call under way still uses the task's buffers, and ends the task when it comes back
    if (task.running() && !task.awaitsCall()) {
      task.fail(Sense.INTERNAL_ERROR);
    }
  }

  // ---- nexuses and unit attentions -------------------------------------------------------------

  void attach(ItlNexus nexus) {
    nexuses.add(nexus);
  }

  void detach(ItlNexus nexus) {
    nexuses.remove(nexus);
  }

  Set<ItlNexus> nexuses() {
    return nexuses;
  }

  /** Raises a unit attention for every nexus but one; {@code null} spares none. */
  void raiseForOthers(Nexus spared, UnitAttention cause) {
    for (ItlNexus each : nexuses) {
      if (each.nexus() != spared) {
        each.raise(cause);
      }
    }
  }

  /**
   * Goes back to where the unit stood after power on, as far as a reset does (SAM-5 clause 6.3.3).
   */
  void reset() {
    raiseForOthers(null, UnitAttention.BUS_DEVICE_RESET);
  }

  @Override
  public void geometryChanged() {
    geometry = unit.device().geometry();
    io.blockSize(geometry.blockSize());
    raiseForOthers(null, UnitAttention.CAPACITY_DATA_HAS_CHANGED);
  }

  // ---- facts and state -------------------------------------------------------------------------

  /** The unit that is served. */
  public LogicalUnit unit() {
    return unit;
  }

  /** Who the unit says it is. */
  public Identity identity() {
    return identity;
  }

  CommandTable table() {
    return table;
  }

  Capabilities capabilities() {
    return capabilities;
  }

  Geometry geometry() {
    return geometry;
  }

  DeviceIo io() {
    return io;
  }

  boolean readOnly() {
    return readOnly;
  }

  /** Whether sense data goes out in descriptor format (D_SENSE of the control mode page). */
  boolean descriptorSense() {
    return false;
  }

  Medium medium() {
    return medium;
  }

  /** Takes the medium out; other nexuses learn of it when they need it. */
  void eject() {
    medium = Medium.EJECTED;
  }

  /** Puts the medium back, and tells those who may think that it is still the one they knew. */
  void load(Nexus by) {
    if (medium == Medium.EJECTED) {
      medium = Medium.READY;
      raiseForOthers(by, UnitAttention.MEDIUM_MAY_HAVE_CHANGED);
    }
  }

  @Override
  public String toString() {
    return "DeviceServer[" + identity.serial() + "]";
  }
}
