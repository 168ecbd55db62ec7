package org.iscsi4j.target;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.monitor.ConnectionInfo;
import org.iscsi4j.api.monitor.EndReason;

/** Something went wrong with a connection of a session. */
@Name("org.iscsi4j.ConnectionFault")
@Label("iSCSI Connection Fault")
@Description("An iSCSI connection was lost, broke the protocol, or carried damaged data")
@Category("iSCSI")
@StackTrace(false)
@SuppressWarnings("unused") // fields are read by the recorder
final class ConnectionFaultEvent extends Event {

  @Label("Initiator")
  String initiator;

  @Label("Target")
  @Description("Empty of a discovery session")
  String target;

  @Label("TSIH")
  int tsih;

  @Label("CID")
  int cid;

  @Label("Remote Address")
  String remote;

  @Label("Local Address")
  String local;

  @Label("Kind")
  String kind;

  @Label("Reason")
  String reason;

  static void record(
      SessionInfo session, ConnectionInfo connection, EndReason.Kind kind, String what) {
    ConnectionFaultEvent event = new ConnectionFaultEvent();
    if (event.shouldCommit()) {
      event.initiator = session.initiator().name().toString();
      event.target = session.target().map(IscsiName::toString).orElse("");
      event.tsih = session.tsih();
      event.cid = connection.cid();
      event.remote = connection.remote().toString();
      event.local = connection.local().toString();
      event.kind = kind.name();
      event.reason = what;
      event.commit();
    }
  }
}
