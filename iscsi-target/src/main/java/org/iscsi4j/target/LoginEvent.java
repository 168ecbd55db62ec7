package org.iscsi4j.target;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.monitor.LoginDecision;

/** A login was decided. Recorded when it was, so that it tells how long it took in a field. */
@Name("org.iscsi4j.Login")
@Label("iSCSI Login")
@Description("An iSCSI login was accepted, redirected or refused")
@Category("iSCSI")
@StackTrace(false)
@SuppressWarnings("unused") // fields are read by the recorder
final class LoginEvent extends Event {

  @Label("Initiator")
  @Description("The name that it gives itself; empty when it told none")
  String initiator;

  @Label("User")
  @Description("The name that it proved by CHAP; empty without")
  String user;

  @Label("Target")
  @Description("Empty for discovery, and when none was told")
  String target;

  @Label("Remote Address")
  String remote;

  @Label("Accepted")
  boolean accepted;

  @Label("Status")
  @Description("Class and detail as in RFC 7143 section 11.13.5, such as 0201h")
  String status;

  @Label("Reason")
  @Description("Why it did not get in; empty when it did")
  String reason;

  @Label("Time Taken")
  @Description("Since the connection came")
  @Timespan(Timespan.NANOSECONDS)
  long took;

  static void record(LoginDecision decision) {
    LoginEvent event = new LoginEvent();
    if (event.shouldCommit()) {
      event.fill(decision);
      event.commit();
    }
  }

  private void fill(LoginDecision decision) {
    initiator = decision.initiator().map(who -> who.name().toString()).orElse("");
    user = decision.initiator().flatMap(who -> who.user()).orElse("");
    target = decision.target().map(IscsiName::toString).orElse("");
    remote = decision.remote().toString();
    accepted = decision.accepted();
    status = String.format("%02x%02xh", decision.statusClass(), decision.statusDetail());
    reason = decision.reason();
    took = decision.took().toNanos();
  }
}
