package org.iscsi4j.api;

/**
 * What initiators are told when a task management function ends several tasks, and when (RFC 7143
 * sections 4.2.3 and 13.23). Each value includes those before it; an initiator that does not ask
 * gets {@link #RFC3720}.
 */
public enum TaskReporting {
  /** What every initiator can do: a function that ends tasks is answered when all have ended. */
  RFC3720,
  /** No answer of a task that the function ended comes behind the answer of the function. */
  RESPONSE_FENCE,
  /**
   * The function does not wait for write data that is still to come, and other initiators whose
   * tasks it ended are told by asynchronous messages.
   */
  FAST_ABORT
}
