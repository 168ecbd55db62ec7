package org.iscsi4j.scsi;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import org.iscsi4j.api.monitor.CommandInfo;

/**
 * A command that took long. Measured by the recorder's own clock, from where the engine is given
 * the command. A task keeps one for all the commands of its life.
 */
@Name("org.iscsi4j.SlowCommand")
@Label("Slow iSCSI Command")
@Description("A SCSI command took long from its arrival to its status")
@Threshold("20 ms")
final class SlowCommandEvent extends CommandEvent {

  /** Asked whether anybody records. */
  private static final SlowCommandEvent ANY = new SlowCommandEvent();

  /** What measures a command that begins; null while nobody records. */
  static SlowCommandEvent begin(SlowCommandEvent used) {
    if (!ANY.isEnabled()) {
      return null;
    }
    SlowCommandEvent event = used == null ? new SlowCommandEvent() : used;
    event.begin();
    return event;
  }

  /** The command has ended: whether it took longer than the threshold. */
  boolean over() {
    end();
    return shouldCommit();
  }

  void commit(CommandInfo info) {
    fill(info);
    commit();
  }
}
