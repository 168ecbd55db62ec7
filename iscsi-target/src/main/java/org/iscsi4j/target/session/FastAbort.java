package org.iscsi4j.target.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.SerialNumber;

/**
 * The notices of FastAbort (RFC 7143 sections 4.2.3.4 and 11.9.1): a connection that does not know
 * that its commands were ended is told so for each unit, and what it still sends for them is taken
 * without a word until it has acknowledged the notice.
 */
final class FastAbort {

  /** Notices that an initiator may leave without an acknowledgement. */
  static final int MAX_NOTICES = 64;

  private final Session session;
  private final ArrayDeque<Notice> open = new ArrayDeque<>(0);

  private record Unit(SessionConnection connection, long lun) {}

  private record Notice(Unit unit, int statSn, List<Integer> tags) {}

  FastAbort(Session session) {
    this.session = session;
  }

  /** Tells the connections of commands that were ended just now. */
  void tell(List<IscsiTask> ended) {
    Map<Unit, List<Integer>> units = new LinkedHashMap<>();
    for (IscsiTask task : ended) {
      Unit unit = new Unit(task.connection(), task.lun());
      units.computeIfAbsent(unit, first -> new ArrayList<>()).add(task.tag());
    }
    units.forEach(this::tell);
  }

  private void tell(Unit unit, List<Integer> tags) {
    SessionConnection connection = unit.connection();
    if (connection.ending()) {
      return;
    }
    int statSn = connection.tellTasksTerminated(unit.lun());
    if (open.size() == MAX_NOTICES) {
      open.remove();
    }
    open.add(new Notice(unit, statSn, tags));
  }

  /** A NOP-Out came that wants no answer: it may acknowledge notices. */
  void acknowledged(SessionConnection by, NopOutPdu pdu) {
    open.removeIf(notice -> isAcknowledged(notice, by, pdu));
  }

  private boolean isAcknowledged(Notice notice, SessionConnection by, NopOutPdu pdu) {
    boolean acknowledged =
        notice.unit().equals(new Unit(by, pdu.lun()))
            && SerialNumber.lessThan(notice.statSn(), pdu.expStatSn());
    if (acknowledged) {
      notice.tags().forEach(session::swallowNoMore);
    }
    return acknowledged;
  }
}
