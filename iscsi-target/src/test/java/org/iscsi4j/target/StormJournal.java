package org.iscsi4j.target;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.monitor.ConnectionInfo;
import org.iscsi4j.api.monitor.EndReason;

/**
 * The last events of each initiator of a storm, by its ISID, as the server told them and as the
 * storm meant them: what is looked for when a connection ends that should not. Safe from any
 * thread.
 */
final class StormJournal implements ServerListener {

  private static final int LAST = 24;

  private final long began = System.nanoTime();
  private final Map<Long, Deque<String>> events = new HashMap<>();

  /** Something that an initiator does, or that happens to it. */
  synchronized void note(long isid, String event) {
    add(events.computeIfAbsent(isid, first -> new ArrayDeque<>()), event);
  }

  /** Something that concerns all initiators that have done anything so far. */
  synchronized void noteToAll(String event) {
    events.values().forEach(last -> add(last, event));
  }

  private void add(Deque<String> last, String event) {
    if (last.size() == LAST) {
      last.remove();
    }
    last.add(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - began) + " us: " + event);
  }

  /** What happened to an initiator last, an event a line; empty when nothing did. */
  synchronized String lastOf(long isid) {
    return events.getOrDefault(isid, new ArrayDeque<>()).stream()
        .map(event -> "\n  " + event)
        .collect(Collectors.joining());
  }

  @Override
  public void sessionOpened(SessionInfo session) {
    note(session.isid(), "session " + session.tsih() + " opened");
  }

  @Override
  public void sessionClosed(SessionInfo session, EndReason reason) {
    note(session.isid(), "session " + session.tsih() + " closed: " + text(reason));
  }

  @Override
  public void connectionOpened(SessionInfo session, ConnectionInfo connection) {
    note(session.isid(), connection(session, connection) + " opened");
  }

  @Override
  public void connectionClosed(SessionInfo session, ConnectionInfo connection, EndReason reason) {
    note(session.isid(), connection(session, connection) + " closed: " + text(reason));
  }

  private static String connection(SessionInfo session, ConnectionInfo connection) {
    return "connection " + connection.cid() + " of session " + session.tsih();
  }

  private static String text(EndReason reason) {
    return reason.kind() + ", " + reason.text();
  }
}
