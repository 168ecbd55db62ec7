package org.iscsi4j.target.session;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.Limits;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.scsi.TargetPort;
import org.iscsi4j.scsi.TaskAttribute;
import org.iscsi4j.scsi.TaskRouter;
import org.iscsi4j.target.limit.ServerLimits;

/** Sessions and tasks without a connection, for the rules that need none. */
final class Sessions {

  private static final Limits LIMITS = Limits.builder().transferBytesPerSession(1 << 20).build();

  private Sessions() {}

  static Session withoutConnection() {
    InetSocketAddress nowhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    IscsiName name = IscsiName.of("iqn.2026-01.org.iscsi4j.test:initiator");
    return new Session(
        new SessionInfo(
            new Initiator(name, Optional.empty(), nowhere, nowhere, 1),
            1,
            1,
            Optional.of(IscsiName.of("iqn.2026-01.org.iscsi4j.test:disk"))),
        new TargetPort("target", "target,t,0x0001", 1, 1),
        new TaskRouter(Map.of()),
        OperationalParameters.defaults(),
        new SessionLimits(new ServerLimits(LIMITS), 32, 1, 1, 1, false),
        null,
        1);
  }

  /** A task of a tag, begun and not run. */
  static IscsiTask task(Session session, int tag) {
    return task(session, tag, 0);
  }

  /** As {@link #task(Session, int)}, of a command that came at a moment. */
  static IscsiTask task(Session session, int tag, long arrived) {
    IscsiTask task = new IscsiTask(session);
    ScsiCommandPdu pdu =
        new ScsiCommandPdu(false, true, false, false, 0, 0, 0, 0, 0, tag, 0, 0, 0, 0, 0);
    try {
      task.begin(
          new SessionConnection(session, 1, null, OperationalParameters.defaults()),
          pdu,
          TaskAttribute.SIMPLE,
          ByteBuffer.allocate(48),
          48,
          arrived);
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
    return task;
  }
}
