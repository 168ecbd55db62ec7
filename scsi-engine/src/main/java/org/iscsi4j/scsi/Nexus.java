package org.iscsi4j.scsi;

import java.util.HashMap;
import java.util.Map;

/**
 * An I_T nexus: one initiator port and one target port that know each other (SAM-5 clause 4.6). A
 * transport makes one when a session begins and {@linkplain #close closes} it when the session
 * ends.
 */
public abstract class Nexus {

  private final String initiatorPort;
  private final TargetPort targetPort;
  private final TaskRouter router;

  /** What the nexus shares with each unit that it ever addressed, by LUN; touched by the owner. */
  private final Map<Integer, ItlNexus> units = new HashMap<>();

  /**
   * The unit addressed last: one comparison instead of a look-up for a session with one busy disk.
   */
  private ItlNexus last;

  private int lastNumber = Lun.UNKNOWN;

  /**
   * A nexus between two ports.
   *
   * @param initiatorPort SCSI port name of the initiator, such as its iSCSI name with {@code
   *     ,i,0x00023d000001} behind it
   */
  protected Nexus(String initiatorPort, TargetPort targetPort, TaskRouter router) {
    this.initiatorPort = initiatorPort;
    this.targetPort = targetPort;
    this.router = router;
  }

  /**
   * Runs work where the tasks of this nexus live, in the order given. Callable from any thread;
   * work given after the nexus is closed still runs, or is dropped together with the transport.
   */
  protected abstract void execute(Runnable work);

  /**
   * Ends the tasks of this nexus in a unit because of what another nexus did. Called where the
   * tasks live.
   *
   * @param answered whether each is answered with TASK ABORTED (TAS of the control mode page); when
   *     false the initiator gets no answer, and a unit attention tells it
   * @param settled runs once, on any thread, when none of them can change the unit any more
   * @return whether there were any
   */
  protected abstract boolean abortTasks(DeviceServer unit, boolean answered, Runnable settled);

  /**
   * A unit attention condition was established for this nexus: a command that it sends next to the
   * unit is told, whatever the transport does with this. Called on any thread.
   *
   * @param lun the 8-byte LUN
   * @param descriptorFormat whether the unit wants its sense data in descriptor format
   */
  protected void onUnitAttention(long lun, Sense sense, boolean descriptorFormat) {}

  /**
   * Whether the transport takes the functions of SAM-4 and SAM-5 for this nexus: QUERY TASK, QUERY
   * TASK SET, I_T NEXUS RESET and QUERY ASYNCHRONOUS EVENT. Called where the tasks live.
   */
  protected boolean takesQueries() {
    return false;
  }

  /** SCSI port name of the initiator. */
  public final String initiatorPort() {
    return initiatorPort;
  }

  /** SCSI device name of the initiator: its ports share what stands before the first comma. */
  final String initiatorDevice() {
    int comma = initiatorPort.indexOf(',');
    return comma < 0 ? initiatorPort : initiatorPort.substring(0, comma);
  }

  /** The target port. */
  public final TargetPort targetPort() {
    return targetPort;
  }

  /** The units behind the target port. */
  public final TaskRouter router() {
    return router;
  }

  /** Tells every unit that the nexus is lost. Called once, by the owner, after its tasks ended. */
  public final void close() {
    units.values().forEach(ItlNexus::close);
    units.clear();
    last = null;
    lastNumber = Lun.UNKNOWN;
  }

  /** Tells every unit that the nexus is lost, and keeps it. Called as {@link #close}. */
  final void reset() {
    units.values().forEach(ItlNexus::resetNexus);
  }

  /** What this nexus shares with the unit of a number; made when it addresses the unit first. */
  final ItlNexus unit(int number, DeviceServer server) {
    if (number == lastNumber && last.server() == server) {
      return last;
    }
    ItlNexus found = units.get(number);
    if (found == null || found.server() != server) {
      if (found != null) {
        found.close();
      }
      found = new ItlNexus(this, number, server);
      units.put(number, found);
    }
    last = found;
    lastNumber = number;
    return found;
  }

  /** The initiator reads the list of units, so none of them has to tell it of a change (SAM-5). */
  final void lunsReported() {
    units.values().forEach(each -> each.clear(UnitAttention.REPORTED_LUNS_DATA_HAS_CHANGED));
  }

  @Override
  public String toString() {
    return initiatorPort + " - " + targetPort.portName();
  }
}
