package org.iscsi4j.target.session;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * R2Ts of aborted commands that somebody waits for the answer to: the initiator may not stop in the
 * middle of a sequence unless FastAbort was agreed on (RFC 7143 section 4.2.3.3).
 */
final class AbortedTransfers {

  private final Map<Integer, Runnable> waiting = new HashMap<>();

  /** Waits for the last Data-Out PDU of each Target Transfer Tag. */
  void await(List<Integer> transferTags, Countdown countdown) {
    transferTags.forEach(tag -> waiting.put(tag, countdown.expect()));
  }

  /** The last Data-Out PDU of a tag came, which need not be one that anybody waits for. */
  void ended(int transferTag) {
    Runnable told = waiting.remove(transferTag);
    if (told != null) {
      told.run();
    }
  }

  /** Waits no longer: initiators are known that send nothing more for what they aborted. */
  void giveUp(List<Integer> transferTags) {
    transferTags.forEach(this::ended);
  }
}
