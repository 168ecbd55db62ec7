package org.iscsi4j.examples.daemon.control;

import java.util.Set;
import java.util.SortedMap;

/** Areas of the daemon whose doings can be logged, such as net, iscsi, scsi, lu. Any thread. */
public interface TraceSwitch {

  /** Every area, and whether it is logged. */
  SortedMap<String, Boolean> areas();

  /** Logs these areas from now on, and no other. */
  void only(Set<String> areas);
}
