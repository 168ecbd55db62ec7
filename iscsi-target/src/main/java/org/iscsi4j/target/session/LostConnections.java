package org.iscsi4j.target.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.target.limit.Pool;
import org.iscsi4j.target.loop.Timers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of a session that are gone at ErrorRecoveryLevel 2 (RFC 7143 sections 7.2.2 and
 * 7.5). Their commands go on as far as they can without a connection, until they are reassigned to
 * another one, or until Time2Wait and Time2Retain are over. A session has no more of them than it
 * may have connections; the server has no more than there are places.
 */
final class LostConnections {

  private static final Logger log = LoggerFactory.getLogger(LostConnections.class);

  private final Session session;
  private final Pool places;

  /** The oldest first. */
  private final List<Lost> all = new ArrayList<>();

  /** A connection that is gone. */
  private final class Lost {

    private final SessionConnection connection;
    private final EndReason reason;
    private Timers.Timer timer;

    /** Whether the initiator has given it up, as it must before it moves commands. */
    private boolean loggedOut;

    Lost(SessionConnection connection, EndReason reason) {
      this.connection = connection;
      this.reason = reason;
      loggedOut = connection.isLoggedOut();
      retain();
    }

    private void retain() {
      OperationalParameters agreed = session.parameters();
      int seconds = agreed.defaultTime2Wait() + agreed.defaultTime2Retain();
      timer = session.loop().after(Duration.ofSeconds(seconds), () -> expire(this, seconds));
    }

    void logOut() {
      loggedOut = true;
      timer.cancel();
      retain();
    }

    boolean runs(int tag) {
      IscsiTask task = session.task(tag);
      return task != null && task.connection() == connection;
    }

    /**
     * What was sent for the command of a tag; not for one that had the tag before it, and ended.
     */
    SentCommand sent(int tag) {
      SentCommand command = connection.sentLog().command(tag);
      return command == null || command.ended() == runs(tag) ? null : command;
    }
  }

  LostConnections(Session session, Pool places) {
    this.session = session;
    this.places = places;
  }

  /**
   * Keeps the commands of a connection that is gone.
   *
   * @return whether there is a place for it
   */
  boolean add(SessionConnection connection, EndReason reason) {
    if (all.size() == session.parameters().maxConnections()) {
      log.info("{}: given up, as too many were lost after it", all.get(0).connection);
      end(all.get(0));
    }
    if (!places.tryTake(1)) {
      log.info("{}: its commands end, as too many connections are lost", connection);
      return false;
    }
    log.debug("{}: its commands wait to be reassigned: {}", connection, reason);
    all.add(new Lost(connection, reason));
    return true;
  }

  /** The connections that are gone, the oldest first. */
  List<SessionConnection> connections() {
    return all.stream().map(lost -> lost.connection).toList();
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  private void expire(Lost lost, int seconds) {
    log.info("{}: not recovered within {} s", lost.connection, seconds);
    end(lost);
    session
        .connections()
        .closeIfEmpty(
            new EndReason(
                lost.reason.kind(),
                lost.reason.text() + ", and not recovered within " + seconds + " s"));
  }

  private void end(Lost lost) {
    lost.timer.cancel();
    all.remove(lost);
    places.give(1);
    session.endTasksOf(lost.connection, () -> {});
    lost.connection.forgetSent();
  }

  /**
   * The initiator gives a connection up, and may move its commands from now on.
   *
   * @return whether a connection with this CID is gone
   */
  boolean logOutForRecovery(int cid) {
    List<Lost> found = ofCid(cid);
    found.forEach(Lost::logOut);
    return !found.isEmpty();
  }

  /**
   * The initiator has every status below {@code expStatSn} of a connection that is gone: the last
   * one with this CID, unless it was given up already.
   */
  void acknowledged(int cid, int expStatSn) {
    ofCid(cid).stream()
        .filter(lost -> !lost.loggedOut)
        .forEach(lost -> lost.connection.acknowledged(expStatSn));
  }

  /**
   * The initiator gives a connection up together with its commands.
   *
   * @return whether a connection with this CID is gone
   */
  boolean close(int cid) {
    List<Lost> found = ofCid(cid);
    found.forEach(this::end);
    return !found.isEmpty();
  }

  private List<Lost> ofCid(int cid) {
    return all.stream().filter(lost -> lost.connection.cid() == cid).toList();
  }

  /** The session ends. */
  void clear() {
    all.forEach(lost -> lost.timer.cancel());
    all.forEach(lost -> lost.connection.forgetSent());
    places.give(all.size());
    all.clear();
  }

  // ---- reassignment

  /** The answer to a TASK REASSIGN (RFC 7143 section 11.6.1). */
  TaskManagementResponse verdict(int tag) {
    Optional<Lost> lost = with(tag);
    if (lost.isEmpty()) {
      return session.task(tag) == null
          ? TaskManagementResponse.TASK_DOES_NOT_EXIST
          : TaskManagementResponse.TASK_STILL_ALLEGIANT;
    }
    if (!lost.get().loggedOut) {
      return TaskManagementResponse.TASK_STILL_ALLEGIANT;
    }
    SentCommand sent = lost.get().sent(tag);
    boolean whole = sent == null || sent.isWhole();
    return whole
        ? TaskManagementResponse.FUNCTION_COMPLETE
        : TaskManagementResponse.FUNCTION_REJECTED;
  }

  /** The connection of the command that has a tag now, or of the last one that had it. */
  private Optional<Lost> with(int tag) {
    if (session.task(tag) != null) {
      return all.stream().filter(lost -> lost.runs(tag)).findFirst();
    }
    return all.stream().filter(lost -> lost.sent(tag) != null).reduce((older, newer) -> newer);
  }

  /**
   * Moves a command to another connection, and goes on with it there: what the initiator has not
   * acknowledged is sent again, and its status in any case.
   *
   * @param expDataSn DataSN or R2TSN that the initiator expects next; 0 says nothing new
   */
  void reassign(int tag, int expDataSn, SessionConnection to) {
    Lost lost = with(tag).orElseThrow();
    SentCommand sent = lost.sent(tag);
    IscsiTask task = session.task(tag);
    if (sent != null) {
      sendAgain(lost.connection.sentLog().takeCommand(tag), expDataSn, to);
    }
    if (task != null) {
      task.reassigned(to, sent, expDataSn);
    }
  }

  private static void sendAgain(SentCommand sent, int expDataSn, SessionConnection to) {
    try {
      List<SentPdu> again = to.sentLog().adopt(sent, expDataSn, to.maxDataIn(), to::nextStatSn);
      // data that is still missing is asked for anew
      to.sendAgain(again.stream().filter(pdu -> !pdu.isR2t()).toList());
    } catch (ProtocolException e) {
      throw new IllegalStateException("the verdict was that nothing is missing", e);
    }
  }
}
