package org.iscsi4j.target;

import java.util.Arrays;
import java.util.List;

/**
 * What initiators are told when a task management function ends several tasks, and when (RFC 7143
 * sections 4.2.3 and 13.23). Each value includes those before it; an initiator that does not ask
 * gets {@link #RFC3720}.
 */
public enum TaskReporting {
  /** What every initiator can do: a function that ends tasks is answered when all have ended. */
  RFC3720("RFC3720"),
  /** No answer of a task that the function ended comes behind the answer of the function. */
  RESPONSE_FENCE("ResponseFence"),
  /**
   * The function does not wait for write data that is still to come, and other initiators whose
   * tasks it ended are told by asynchronous messages.
   */
  FAST_ABORT("FastAbort");

  private final String value;

  TaskReporting(String value) {
    this.value = value;
  }

  /** This and what it includes, as text. */
  List<String> accepted() {
    return Arrays.stream(values()).limit(ordinal() + 1L).map(each -> each.value).toList();
  }
}
