package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.target.loop.Timers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * NOPs both ways (RFC 7143 sections 11.18, 11.19): echoes those of the initiator, and sends ours.
 */
final class Pings {

  private static final Logger log = LoggerFactory.getLogger(Pings.class);

  private final Session session;
  private final SessionConnection connection;
  private final KeepAlive keepAlive;
  private Optional<Timers.Timer> timer = Optional.empty();

  /** Begins to watch whether the initiator lives. */
  Pings(SessionConnection connection, SessionLimits limits) {
    this.connection = connection;
    session = connection.session();
    keepAlive = new KeepAlive(limits.keepAliveInterval(), limits.keepAliveTimeout());
    if (limits.keepAliveInterval() > 0) {
      schedule();
    }
  }

  /** Echoes the data of a ping, as far as the initiator takes it. */
  void echo(NopOutPdu pdu, ByteBuffer data) {
    int length = Math.min(data.remaining(), connection.maxDataIn());
    NopInPdu echo =
        new NopInPdu(
            length,
            0,
            pdu.initiatorTaskTag(),
            Pdu.RESERVED_TAG,
            connection.nextStatSn(),
            session.expCmdSn(),
            session.maxCmdSn());
    connection.writer().send(echo, data.limit(data.position() + length));
    connection.flushLater();
  }

  private void schedule() {
    long delay = keepAlive.nextCheck(System.nanoTime(), connection.transport().lastAlive());
    timer = Optional.of(session.loop().after(Duration.ofNanos(delay), this::check));
  }

  private void check() {
    switch (keepAlive.check(System.nanoTime(), connection.transport().lastAlive())) {
      case WAIT -> {}
      case PING -> ping();
      case GIVE_UP -> {
        log.info("{}: no answer to a ping, closing", connection);
        connection
            .transport()
            .close(new EndReason(EndReason.Kind.TIMED_OUT, "no answer to a ping"));
        return;
      }
    }
    schedule();
  }

  private void ping() {
    if (connection.ending()) {
      return; // nothing follows a Logout Response
    }
    connection.ping();
    connection.transport().flush();
  }

  void stop() {
    timer.ifPresent(Timers.Timer::cancel);
  }
}
