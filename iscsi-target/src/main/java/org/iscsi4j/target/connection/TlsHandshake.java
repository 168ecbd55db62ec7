package org.iscsi4j.target.connection;

import java.security.Principal;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Has an engine do what it wants to do besides carrying data: the one handshake, whose arithmetic
 * runs on other threads, and what TLS 1.3 says later (tickets, key updates). Whoever has not proved
 * anything yet is worth a bounded number of bytes; the login's deadline bounds the time.
 */
final class TlsHandshake {

  /** Long certificate chains have room several times over. */
  static final int MAX_BYTES = 128 * 1024;

  private final SSLEngine engine;
  private final TlsOutput output;
  private final Executor workers;
  private final Executor loop;
  private final Runnable worked;

  private int bytes;
  private boolean established;

  private boolean working;
  private boolean stalled;

  /** What went wrong on another thread; written before the loop is told, and read after that. */
  private Throwable failure;

  /** Whether nobody waits for the handshake any more. */
  private volatile boolean abandoned;

  private Optional<Principal> peer = Optional.empty();

  /**
   * A handshake that waits for the peer's first words.
   *
   * @param workers run what takes time
   * @param worked runs on the loop each time that is done
   */
  TlsHandshake(
      SSLEngine engine, TlsOutput output, Executor workers, Executor loop, Runnable worked) {
    this.engine = engine;
    this.output = output;
    this.workers = workers;
    this.loop = loop;
    this.worked = worked;
  }

  boolean established() {
    return established;
  }

  /** Whether other threads use the engine. */
  boolean working() {
    return working;
  }

  /** Whether the engine has something to say and found no room for it. */
  boolean stalled() {
    return stalled;
  }

  Optional<Principal> peer() {
    return peer;
  }

  /** Counts what the peer has sent. */
  void consumed(int count) throws SSLException {
    bytes += established ? 0 : count;
    if (bytes > MAX_BYTES) {
      throw new SSLException("TLS handshake of more than " + MAX_BYTES + " bytes");
    }
  }

  /**
   * Does what comes before more input.
   *
   * @return whether the engine takes input now
   */
  boolean advance() throws SSLException {
    if (failure != null) {
      throw new SSLException("TLS handshake failed: " + failure, failure);
    }
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> {
          delegate();
          return false;
        }
        case NEED_WRAP -> {
          stalled = !output.speak();
          if (stalled) {
            return false;
          }
        }
        case NOT_HANDSHAKING, FINISHED -> {
          establish();
          return true;
        }
        default -> {
          return true;
        }
      }
    }
  }

  private void delegate() throws SSLException {
    if (established) {
      // each costs as much as the first, and may change who the peer is (RFC 5746 section 5)
      throw new SSLException("TLS renegotiation is refused");
    }
    working = true;
    try {
      workers.execute(this::work);
    } catch (RejectedExecutionException e) {
      throw new SSLException("no thread for a TLS handshake", e);
    }
  }

  private void work() {
    try {
      Runnable task = nextTask();
      while (task != null) {
        task.run();
        task = nextTask();
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    }
    loop.execute(this::worked);
  }

  private Runnable nextTask() {
    return abandoned ? null : engine.getDelegatedTask();
  }

  /** Spends no more time on a peer that is gone. */
  void abandon() {
    abandoned = true;
  }

  private void worked() {
    working = false;
    worked.run();
  }

  private void establish() {
    if (!established) {
      established = true;
      peer = principal(engine.getSession());
    }
  }

  private static Optional<Principal> principal(SSLSession session) {
    try {
      return Optional.of(session.getPeerPrincipal());
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }
}
