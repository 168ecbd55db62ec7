package org.iscsi4j.target;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.target.session.Session;

/**
 * A session, from its opening to its end; of one that was opened before somebody recorded, that.
 */
@Name("org.iscsi4j.Session")
@Label("iSCSI Session")
@Description("An iSCSI session ended")
@Category("iSCSI")
@StackTrace(false)
@SuppressWarnings("unused") // fields are read by the recorder
final class SessionEvent extends Event {

  @Label("Initiator")
  String initiator;

  @Label("Remote Address")
  @Description("Of the leading connection")
  String remote;

  @Label("Target")
  @Description("Empty of a discovery session")
  String target;

  @Label("TSIH")
  int tsih;

  @Label("Ended By")
  @Description("Who or what ended it")
  String endedBy;

  @Label("Reason")
  String reason;

  @Label("SCSI Commands")
  long commands;

  @Label("Received")
  @DataAmount
  long bytesIn;

  @Label("Sent")
  @DataAmount
  long bytesOut;

  static void follow(Session session) {
    SessionEvent event = new SessionEvent();
    event.begin();
    session.whenClosed(reason -> event.ended(session, reason));
  }

  private void ended(Session session, EndReason why) {
    end(); // how long it took decides whether it is recorded
    if (shouldCommit()) {
      SessionInfo info = session.info();
      initiator = info.initiator().name().toString();
      remote = info.initiator().remote().toString();
      target = info.target().map(IscsiName::toString).orElse("");
      tsih = info.tsih();
      endedBy = why.kind().name();
      reason = why.text();
      commands = session.commands();
      bytesIn = session.connections().bytesIn();
      bytesOut = session.connections().bytesOut();
      commit();
    }
  }
}
