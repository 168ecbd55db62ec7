package org.iscsi4j.target.session;

import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.protocol.SerialNumber;

/**
 * Work that waits for all commands before a CmdSN: an immediate request may overtake commands that
 * it is about (RFC 7143 section 4.2.3.3).
 */
final class AwaitedCommands {

  private record Waiting(int cmdSn, Runnable work) {}

  private final List<Waiting> waiting = new ArrayList<>(0);

  void await(int cmdSn, Runnable work) {
    waiting.add(new Waiting(cmdSn, work));
  }

  /** Waits no longer. */
  void forget(Runnable work) {
    waiting.removeIf(each -> each.work().equals(work));
  }

  /** Runs what need not wait any more. */
  void came(int expCmdSn) {
    if (waiting.isEmpty()) {
      return;
    }
    List<Waiting> due =
        waiting.stream().filter(each -> SerialNumber.lessOrEqual(each.cmdSn(), expCmdSn)).toList();
    waiting.removeAll(due);
    due.forEach(each -> each.work().run());
  }
}
