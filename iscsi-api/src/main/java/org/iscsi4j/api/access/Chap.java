package org.iscsi4j.api.access;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Authentication by CHAP (RFC 7143 section 12.1.3): what is demanded of initiators, and where their
 * secrets are. Immutable.
 */
public final class Chap {

  /** The shortest secret that the RFC lets be used, in bytes (section 9.2.1). */
  public static final int MIN_SECRET_BYTES = 12;

  private static final Chap NOT_DEMANDED =
      new Chap(
          Demand.NONE,
          List.of(),
          (user, initiator, target) -> CompletableFuture.completedFuture(Optional.empty()),
          Optional.empty(),
          false,
          false);

  private final Demand demand;
  private final List<ChapAlgorithm> algorithms;
  private final Credentials credentials;
  private final Optional<Credential.Own> own;
  private final boolean shortSecrets;
  private final boolean hasShortSecrets;

  /** What an initiator has to do. */
  public enum Demand {
    /** Nothing: it comes in without proving who it is, and can't prove it either. */
    NONE,
    /** It may prove who it is; offering None alone, or no method at all, lets it in as nobody. */
    OPTIONAL,
    /** It must prove who it is, and may ask the target to do the same. */
    REQUIRED,
    /** It must prove who it is, and must ask the target to do the same. */
    MUTUAL
  }

  private Chap(
      Demand demand,
      List<ChapAlgorithm> algorithms,
      Credentials credentials,
      Optional<Credential.Own> own,
      boolean shortSecrets,
      boolean hasShortSecrets) {
    this.demand = demand;
    this.algorithms = algorithms;
    this.credentials = credentials;
    this.own = own;
    this.shortSecrets = shortSecrets;
    this.hasShortSecrets = hasShortSecrets;
  }

  /** Nobody has to prove anything, such as at a target of a server that demands it elsewhere. */
  public static Chap notDemanded() {
    return NOT_DEMANDED;
  }

  /** Starts without users, with every algorithm, and demands proof of the initiator. */
  public static Builder builder() {
    return new Builder();
  }

  /** What is demanded. */
  public Demand demand() {
    return demand;
  }

  /** The algorithms that may be used, the preferred first. */
  public List<ChapAlgorithm> algorithms() {
    return algorithms;
  }

  /** Where the secrets are. */
  public Credentials credentials() {
    return credentials;
  }

  /** Who the target is to initiators whose credential does not say. */
  public Optional<Credential.Own> own() {
    return own;
  }

  /** Whether secrets are taken that are shorter than {@link #MIN_SECRET_BYTES}. */
  public boolean allowsShortSecrets() {
    return shortSecrets;
  }

  /** Whether a secret was given to the builder that is shorter than that. */
  public boolean hasShortSecrets() {
    return hasShortSecrets;
  }

  /** Names stay out of logs as secrets do. */
  @Override
  public String toString() {
    return "Chap[" + demand + ", " + algorithms + "]";
  }

  /** Collects users and settings. Not thread-safe. */
  public static final class Builder {
    private final Map<String, List<UserTable.Entry>> users = new HashMap<>();
    private Optional<Credentials> credentials = Optional.empty();
    private Optional<Credential.Own> own = Optional.empty();
    private Demand demand = Demand.REQUIRED;
    private List<ChapAlgorithm> algorithms =
        List.of(
            ChapAlgorithm.SHA3_256, ChapAlgorithm.SHA256, ChapAlgorithm.SHA1, ChapAlgorithm.MD5);
    private ChapAlgorithm weakest = ChapAlgorithm.MD5;
    private boolean shortSecrets;

    private Builder() {}

    /**
     * Lets an initiator in that knows the secret.
     *
     * @param name CHAP_N, 1 to 255 bytes in UTF-8; the case of letters counts
     * @param secret at least {@link #MIN_SECRET_BYTES} bytes in UTF-8, unless short ones are
     *     allowed
     */
    public Builder user(String name, String secret) {
      return user(name, Credential.of(Secret.of(secret)));
    }

    /** As {@link #user(String, String)}, with a secret that need not be text; it is copied. */
    public Builder user(String name, Secret secret) {
      return user(name, Credential.of(secret));
    }

    /**
     * A user whose secret, and perhaps a name and secret of the target for it alone, are copied.
     */
    public Builder user(String name, Credential credential) {
      return user(name, credential, InitiatorGroup.everybody());
    }

    /**
     * A user that only some initiators may prove to be. The same user may be given with other
     * secrets for others; the first that fits counts.
     */
    public Builder user(String name, Credential credential, InitiatorGroup initiators) {
      users
          .computeIfAbsent(Credential.checkedName(name), any -> new ArrayList<>())
          .add(new UserTable.Entry(credential.copy(), initiators));
      return this;
    }

    /** Looks secrets up there, for users that were not given here. */
    public Builder credentials(Credentials value) {
      credentials = Optional.of(value);
      return this;
    }

    /** Lets the target prove itself to initiators that ask for it (mutual CHAP). */
    public Builder own(String name, String secret) {
      return own(name, Secret.of(secret));
    }

    /** As {@link #own(String, String)}, with a secret that need not be text; it is copied. */
    public Builder own(String name, Secret secret) {
      own = Optional.of(new Credential.Own(name, secret.copy()));
      return this;
    }

    /** What initiators have to do; {@link Demand#REQUIRED} unless set. */
    public Builder demand(Demand value) {
      demand = Objects.requireNonNull(value, "demand");
      return this;
    }

    /**
     * The algorithms that may be used, the preferred first; all, the strongest first, unless set.
     */
    public Builder algorithms(ChapAlgorithm... preferred) {
      algorithms = List.of(preferred).stream().distinct().toList();
      return this;
    }

    /**
     * Uses no algorithm that is weaker, whatever {@link #algorithms} says before or after; {@link
     * ChapAlgorithm#SHA1} switches MD5 off.
     */
    public Builder weakest(ChapAlgorithm value) {
      weakest = Objects.requireNonNull(value, "weakest");
      return this;
    }

    /**
     * Takes secrets that are shorter than the RFC allows, for old set-ups and tests. The server
     * warns of them in its log.
     */
    public Builder allowShortSecrets() {
      shortSecrets = true;
      return this;
    }

    /**
     * The authentication.
     *
     * @throws IllegalArgumentException without users and credentials, without an algorithm, for a
     *     short secret, for one secret used in both directions (RFC 7143 section 9.2.1), or for
     *     mutual authentication that is demanded of a target without a name of its own
     */
    public Chap build() {
      if (users.isEmpty() && credentials.isEmpty()) {
        throw new IllegalArgumentException("CHAP without a user would let nobody in");
      }
      List<ChapAlgorithm> allowed =
          algorithms.stream().filter(each -> each.compareTo(weakest) >= 0).toList();
      if (allowed.isEmpty()) {
        throw new IllegalArgumentException("CHAP without an algorithm would let nobody in");
      }
      users.forEach((name, entries) -> entries.forEach(entry -> check(name, entry)));
      own.ifPresent(self -> checkLength(self.name(), self.secret()));
      checkMutual();
      Map<String, List<UserTable.Entry>> table = new HashMap<>();
      users.forEach((name, entries) -> table.put(name, List.copyOf(entries)));
      UserTable known = new UserTable(Map.copyOf(table), credentials);
      return new Chap(demand, allowed, known, own, shortSecrets, hasShortSecrets());
    }

    private Stream<UserTable.Entry> entries() {
      return users.values().stream().flatMap(List::stream);
    }

    /** Who the target is to single users: what one learns of it must not let him in as another. */
    private Stream<Credential.Own> owns() {
      return entries().flatMap(entry -> entry.credential().own().stream());
    }

    private void check(String name, UserTable.Entry entry) {
      Credential credential = entry.credential();
      checkLength(name, credential.secret());
      Stream.concat(own.stream(), owns())
          .forEach(self -> checkDifferent(self, credential.secret()));
      credential.own().ifPresent(self -> checkLength(self.name(), self.secret()));
    }

    private boolean hasShortSecrets() {
      return Stream.concat(
              entries().map(UserTable.Entry::credential).map(Credential::secret), ownSecrets())
          .anyMatch(secret -> secret.length() < MIN_SECRET_BYTES);
    }

    private Stream<Secret> ownSecrets() {
      Stream<Credential.Own> ofUsers =
          entries().flatMap(entry -> entry.credential().own().stream());
      return Stream.concat(own.stream(), ofUsers).map(Credential.Own::secret);
    }

    private void checkLength(String name, Secret secret) {
      if (!shortSecrets && secret.length() < MIN_SECRET_BYTES) {
        throw new IllegalArgumentException(
            "the secret of '"
                + name
                + "' has "
                + secret.length()
                + " bytes and needs at least "
                + MIN_SECRET_BYTES);
      }
    }

    private static void checkDifferent(Credential.Own self, Secret user) {
      if (self.secret().equals(user)) {
        throw new IllegalArgumentException(
            "the secret of the target's name '" + self.name() + "' is also that of a user");
      }
    }

    private void checkMutual() {
      boolean provesItself =
          own.isPresent()
              || credentials.isPresent()
              || entries().anyMatch(entry -> entry.credential().own().isPresent());
      if (demand == Demand.MUTUAL && !provesItself) {
        throw new IllegalArgumentException(
            "mutual CHAP is demanded, and the target has no name and secret of its own");
      }
    }
  }
}
