package org.iscsi4j.target.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.TaskManagementResponse;
import org.iscsi4j.target.loop.Timers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of a session that are gone at ErrorRecoveryLevel 2 (RFC 7143 sections 7.2.2 and
 * 7.5). Their commands go on as far as they can without a connection, until they are reassigned to
 * another one, or until Time2Wait and Time2Retain are over.
 */
final class LostConnections {

  private static final Logger log = LoggerFactory.getLogger(LostConnections.class);

  private final Session session;
  private final List<Lost> all = new ArrayList<>();

  /** A connection that is gone. */
  private final class Lost {

    private final SessionConnection connection;
    private final String reason;
    private Timers.Timer timer;

    /** Whether the initiator has given it up, as it must before it moves commands. */
    private boolean loggedOut;

    Lost(SessionConnection connection, String reason) {
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

    boolean has(int tag) {
      IscsiTask task = session.task(tag);
      boolean active = task != null && task.connection() == connection;
      return active || connection.sentLog().command(tag) != null;
    }
  }

  LostConnections(Session session) {
    this.session = session;
  }

  /** Keeps the commands of a connection that is gone. */
  void add(SessionConnection connection, String reason) {
    log.debug("{}: its commands wait to be reassigned: {}", connection, reason);
    all.add(new Lost(connection, reason));
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  private void expire(Lost lost, int seconds) {
    log.info("{}: not recovered within {} s", lost.connection, seconds);
    end(lost);
    session.closeIfEmpty(lost.reason + ", and not recovered within " + seconds + " s");
  }

  private void end(Lost lost) {
    lost.timer.cancel();
    all.remove(lost);
    session.endTasksOf(lost.connection, () -> {});
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

  /** The initiator has every status below {@code expStatSn} of a connection that is gone. */
  void acknowledged(int cid, int expStatSn) {
    ofCid(cid).forEach(lost -> lost.connection.acknowledged(expStatSn));
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
    SentCommand sent = lost.get().connection.sentLog().command(tag);
    boolean whole = sent == null || sent.isWhole();
    return whole
        ? TaskManagementResponse.FUNCTION_COMPLETE
        : TaskManagementResponse.FUNCTION_REJECTED;
  }

  private Optional<Lost> with(int tag) {
    return all.stream().filter(lost -> lost.has(tag)).findFirst();
  }

  /**
   * Moves a command to another connection, and goes on with it there: what the initiator has not
   * acknowledged is sent again, and its status in any case.
   *
   * @param expDataSn DataSN or R2TSN that the initiator expects next; 0 says nothing new
   */
  void reassign(int tag, int expDataSn, SessionConnection to) {
    SentCommand sent =
        with(tag).map(lost -> lost.connection.sentLog().takeCommand(tag)).orElse(null);
    IscsiTask task = session.task(tag);
    if (sent != null) {
      sendAgain(sent, expDataSn, to);
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
