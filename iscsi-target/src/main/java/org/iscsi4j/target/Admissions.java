package org.iscsi4j.target;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.access.Limits;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.limit.AddressBlock;
import org.iscsi4j.target.session.SessionKey;

/**
 * Counts the connections and sessions of a server, and refuses what exceeds its limits. Every place
 * is taken once and given back once, whoever gives it back first. Safe from any thread, under one
 * lock that is held for a few table look-ups; what it remembers is bounded by what is open.
 */
final class Admissions {

  private final Supplier<Limits> limits;

  // guarded by this

  private int connections;
  private int logins;
  private final Tally<AddressBlock> connectionsOf = new Tally<>();
  private final Tally<AddressBlock> loginsOf = new Tally<>();

  /** Sessions of one place: more than one while it is reinstated. */
  private final Tally<SessionKey> places = new Tally<>();

  private final Tally<PlaceAt> placesAt = new Tally<>();
  private final Tally<IscsiName> sessionsOfTarget = new Tally<>();
  private final Tally<IscsiName> sessionsOfInitiator = new Tally<>();
  private final Tally<AddressBlock> sessionsOfAddress = new Tally<>();

  private record PlaceAt(SessionKey key, AddressBlock address) {}

  /** How often something is there. */
  private static final class Tally<K> {

    private final Map<K, Integer> counts = new HashMap<>();

    int of(K what) {
      return counts.getOrDefault(what, 0);
    }

    int size() {
      return counts.size();
    }

    /**
     * Counts one more.
     *
     * @return whether it is the first
     */
    boolean add(K what) {
      return counts.merge(what, 1, Integer::sum) == 1;
    }

    /**
     * Counts one less.
     *
     * @return whether it was the last
     */
    boolean remove(K what) {
      return counts.computeIfPresent(what, (same, count) -> count == 1 ? null : count - 1) == null;
    }
  }

  /**
   * Counts nothing yet.
   *
   * @param limits those that hold now
   */
  Admissions(Supplier<Limits> limits) {
    this.limits = limits;
  }

  // ---- connections

  /** A connection that is open. */
  final class Connected {

    private final AddressBlock address;
    private boolean loggingIn = true;
    private boolean open = true;

    private Connected(AddressBlock address) {
      this.address = address;
    }

    /** The connection has logged in. Idempotent. */
    void loggedIn() {
      synchronized (Admissions.this) {
        if (loggingIn) {
          loggingIn = false;
          logins--;
          loginsOf.remove(address);
        }
      }
    }

    /** The connection is closed. Idempotent. */
    void closed() {
      synchronized (Admissions.this) {
        loggedIn();
        if (open) {
          open = false;
          connections--;
          connectionsOf.remove(address);
        }
      }
    }

    /**
     * Admits a session whose login over this connection is about to end.
     *
     * @throws LoginException when there is no room for it
     */
    Admitted session(SessionKey key) throws LoginException {
      return admit(key, address);
    }
  }

  /** Admits a connection, which has not logged in; empty when there is no room for it. */
  synchronized Optional<Connected> connection(InetAddress from) {
    AddressBlock address = AddressBlock.of(from);
    Limits now = limits.get();
    boolean fits =
        connections < now.connections()
            && connectionsOf.of(address) < now.connectionsPerAddress()
            && loginsOf.of(address) < Math.min(now.loginsPerAddress(), now.logins() - logins);
    if (!fits) {
      return Optional.empty();
    }
    connections++;
    logins++;
    connectionsOf.add(address);
    loginsOf.add(address);
    return Optional.of(new Connected(address));
  }

  // ---- sessions

  /** A session that is open. */
  final class Admitted {

    private final SessionKey key;
    private final AddressBlock address;
    private boolean open = true;

    private Admitted(SessionKey key, AddressBlock address) {
      this.key = key;
      this.address = address;
    }

    /** The session has ended, or was never opened. Idempotent. */
    void ended() {
      synchronized (Admissions.this) {
        if (open) {
          open = false;
          leave(key, address);
        }
      }
    }
  }

  private synchronized Admitted admit(SessionKey key, AddressBlock address) throws LoginException {
    Limits now = limits.get();
    // a session that is reinstated makes room for the one that does so
    if (places.of(key) == 0) {
      check(places.size(), now.sessions(), LoginStatus.OUT_OF_RESOURCES, "the server");
      if (key.target().isPresent()) {
        check(
            sessionsOfTarget.of(key.target().get()),
            now.sessionsPerTarget(),
            LoginStatus.OUT_OF_RESOURCES,
            "the target");
      }
      check(
          sessionsOfInitiator.of(key.initiator()),
          now.sessionsPerInitiator(),
          LoginStatus.TOO_MANY_CONNECTIONS,
          "the initiator");
    }
    if (placesAt.of(new PlaceAt(key, address)) == 0) {
      // others may come from there too, and an initiator takes 0206h as its own doing
      check(
          sessionsOfAddress.of(address),
          now.sessionsPerAddress(),
          LoginStatus.OUT_OF_RESOURCES,
          "the address");
    }
    enter(key, address);
    return new Admitted(key, address);
  }

  private static void check(int count, int limit, LoginStatus status, String whose)
      throws LoginException {
    if (count >= limit) {
      throw new LoginException(
          status, whose + " has " + count + " sessions, and may have " + limit);
    }
  }

  private void enter(SessionKey key, AddressBlock address) {
    if (places.add(key)) {
      key.target().ifPresent(sessionsOfTarget::add);
      sessionsOfInitiator.add(key.initiator());
    }
    if (placesAt.add(new PlaceAt(key, address))) {
      sessionsOfAddress.add(address);
    }
  }

  private void leave(SessionKey key, AddressBlock address) {
    if (places.remove(key)) {
      key.target().ifPresent(sessionsOfTarget::remove);
      sessionsOfInitiator.remove(key.initiator());
    }
    if (placesAt.remove(new PlaceAt(key, address))) {
      sessionsOfAddress.remove(address);
    }
  }

  // ---- facts

  /** Connections that are open. */
  synchronized int connections() {
    return connections;
  }

  /** Connections that are open and have not logged in. */
  synchronized int logins() {
    return logins;
  }

  /** Places of sessions that are taken. */
  synchronized int sessions() {
    return places.size();
  }

  /** Whatever is remembered of peers. */
  synchronized int remembered() {
    return connectionsOf.size()
        + loginsOf.size()
        + places.size()
        + placesAt.size()
        + sessionsOfTarget.size()
        + sessionsOfInitiator.size()
        + sessionsOfAddress.size();
  }
}
