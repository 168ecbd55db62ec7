package org.iscsi4j.scsi;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;
import org.iscsi4j.api.monitor.CommandInfo;

/** A command that did not end well. */
@Name("org.iscsi4j.CommandError")
@Label("iSCSI Command Error")
@Description("A SCSI command ended with a status that is not good, or before its time")
final class CommandErrorEvent extends CommandEvent {

  /** Asked whether anybody records. */
  private static final CommandErrorEvent ANY = new CommandErrorEvent();

  @Label("Latency")
  @Description("From the command's arrival to its status")
  @Timespan(Timespan.NANOSECONDS)
  long latency;

  static boolean recorded() {
    return ANY.isEnabled();
  }

  static void commit(CommandInfo info) {
    CommandErrorEvent event = new CommandErrorEvent();
    event.fill(info);
    event.latency = info.durationNanos();
    event.commit();
  }
}
