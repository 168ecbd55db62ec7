package org.iscsi4j.examples.daemon.http;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.api.monitor.LoginDecision;

/**
 * Counts logins by how they ended, for {@link StatusServer}: has to listen from the server's start,
 * see {@link org.iscsi4j.target.IscsiServerBuilder#listener}. The statuses are those that the
 * server knows, so that strangers can't make the table grow.
 */
public final class LoginCounts implements ServerListener {

  private final Map<Outcome, LongAdder> counts = new ConcurrentHashMap<>();

  /** A login's status (RFC 7143 section 11.13.5). */
  record Outcome(int statusClass, int statusDetail) implements Comparable<Outcome> {

    /** As metrics name it. */
    String word() {
      return switch (statusClass) {
        case 0 -> "accepted";
        case 1 -> "redirected";
        default -> "refused";
      };
    }

    /** Class and detail, four hexadecimal digits. */
    String code() {
      return String.format("%02x%02x", statusClass, statusDetail);
    }

    @Override
    public int compareTo(Outcome other) {
      return code().compareTo(other.code());
    }
  }

  /** Of no login; success and failed authentication are there from the beginning. */
  public LoginCounts() {
    counts.put(new Outcome(0, 0), new LongAdder());
    counts.put(new Outcome(2, 1), new LongAdder());
  }

  @Override
  public void loginDecided(LoginDecision decision) {
    counts
        .computeIfAbsent(
            new Outcome(decision.statusClass(), decision.statusDetail()), any -> new LongAdder())
        .increment();
  }

  /** How many ended how, by status. */
  Map<Outcome, Long> counts() {
    Map<Outcome, Long> sorted = new TreeMap<>();
    counts.forEach((outcome, count) -> sorted.put(outcome, count.sum()));
    return sorted;
  }
}
