package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The tokens of a server. Any of its units takes those of any other, from an initiator that may
 * reach the unit that a token stands for. A token is forgotten when it was not used for as long as
 * its creator asked for. May be used from any thread.
 */
final class RodTokens {

  private final LongSupplier nanos;

  /** By the bytes of the token; guarded by this. */
  private final Map<ByteBuffer, Entry> tokens = new HashMap<>();

  /** Guarded by this. */
  private long lastId;

  /** A token and when it was last used. */
  private static final class Entry {
    private final RodToken token;
    private final String creator;
    private long used;

    private Entry(RodToken token, String creator, long now) {
      this.token = token;
      this.creator = creator;
      used = now;
    }

    private boolean expired(long now) {
      return now - used > TimeUnit.SECONDS.toNanos(token.inactivity());
    }
  }

  /**
   * No tokens yet.
   *
   * @param nanos a clock, as {@link System#nanoTime}
   */
  RodTokens(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * A new token with the parameters of {@link RodToken}; null when there are too many.
   *
   * @param creator the initiator that makes it
   */
  synchronized RodToken create(
      String creator, DeviceServer source, TargetPort port, long[] bounds, int inactivity) {
    long now = nanos.getAsLong();
    tokens.values().removeIf(each -> each.expired(now));
    long own = tokens.values().stream().filter(each -> each.creator.equals(creator)).count();
    if (own >= CopyLimits.TOKENS_OF_INITIATOR || tokens.size() >= CopyLimits.TOKENS) {
      return null;
    }
    RodToken made = new RodToken(++lastId, source, port, bounds, inactivity);
    tokens.put(ByteBuffer.wrap(made.bytes()), new Entry(made, creator, now));
    return made;
  }

  /** What a lookup found: a token, or why there is none. */
  record Found(RodToken token, Sense refusal) {}

  /**
   * The token of some bytes, which counts as its use.
   *
   * @param bytes from its position to its limit
   */
  synchronized Found use(ByteBuffer bytes) {
    Entry entry = tokens.get(bytes);
    if (entry == null) {
      return new Found(null, CopySense.TOKEN_UNKNOWN);
    }
    if (entry.expired(nanos.getAsLong())) {
      tokens.remove(bytes);
      return new Found(null, CopySense.TOKEN_EXPIRED);
    }
    entry.used = nanos.getAsLong();
    return new Found(entry.token, Sense.NONE);
  }

  /** A copy by a token has ended: its time begins anew. */
  synchronized void used(RodToken token) {
    Entry entry = tokens.get(ByteBuffer.wrap(token.bytes()));
    if (entry != null) {
      entry.used = nanos.getAsLong();
    }
  }

  synchronized void delete(RodToken token) {
    tokens.remove(ByteBuffer.wrap(token.bytes()));
  }

  /** Forgets the tokens of a unit. */
  synchronized void forget(DeviceServer unit) {
    tokens.values().removeIf(each -> each.token.source().equals(unit));
  }

  /** The tokens of a unit that have not expired. */
  synchronized List<RodToken> of(DeviceServer unit) {
    long now = nanos.getAsLong();
    tokens.values().removeIf(each -> each.expired(now));
    return tokens.values().stream()
        .map(each -> each.token)
        .filter(each -> each.source().equals(unit))
        .toList();
  }
}
