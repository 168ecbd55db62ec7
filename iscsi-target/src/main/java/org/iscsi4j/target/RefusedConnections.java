package org.iscsi4j.target;

import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections that were closed because there was no room for them, and when to say so: whoever
 * floods a server must not flood its log. Touched by the accepting loop.
 */
final class RefusedConnections {

  private static final long PERIOD = Duration.ofMinutes(1).toNanos();

  private static final Logger log = LoggerFactory.getLogger(RefusedConnections.class);

  private final LongSupplier clock;
  private long untold;
  private long toldAt;
  private boolean told;

  /**
   * None yet.
   *
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  RefusedConnections(LongSupplier clock) {
    this.clock = clock;
  }

  /** Counts one more, and says so when it is time to. */
  void add(PortalListener portal, SocketChannel channel, Admissions there) {
    add()
        .ifPresent(
            count ->
                log.warn(
                    "{}: no room for {} connections since it was said last, now from {}; there are"
                        + " {}, {} of them have not logged in",
                    portal,
                    count,
                    channel.socket().getInetAddress(),
                    there.connections(),
                    there.logins()));
  }

  /**
   * Counts one more.
   *
   * @return how many to tell of, those included that were not told before; empty for nothing now
   */
  OptionalLong add() {
    untold++;
    long now = clock.getAsLong();
    if (told && now - toldAt < PERIOD) {
      return OptionalLong.empty();
    }
    long count = untold;
    told = true;
    toldAt = now;
    untold = 0;
    return OptionalLong.of(count);
  }
}
