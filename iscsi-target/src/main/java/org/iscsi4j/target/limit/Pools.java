package org.iscsi4j.target.limit;

import org.iscsi4j.api.access.Limits;

/** What all sessions of a server have together. */
public final class Pools {

  /** Commands that a session may have in any case, and by which it takes more of them. */
  private static final int OWN_COMMANDS = 8;

  private static final int COMMANDS = 16;
  private static final long TRANSFER_SLICE = 256 << 10;
  private static final long HELD_SLICE = 256 << 10;
  private static final long RECOVERY_SLICE = 256 << 10;

  /** What a connection may keep for recovery in any case. */
  private static final long OWN_RECOVERY = 64 << 10;

  private final Pool commands;
  private final Pool transferBytes;
  private final Pool heldBytes;
  private final Pool recoveryBytes;
  private final Pool lostConnections;

  Pools(Limits limits) {
    commands = new Pool(limits.commands());
    transferBytes = new Pool(limits.transferBytes());
    heldBytes = new Pool(limits.heldBytes());
    recoveryBytes = new Pool(limits.recoveryBytes());
    lostConnections = new Pool(limits.connections());
  }

  void change(Limits limits) {
    commands.limit(limits.commands());
    transferBytes.limit(limits.transferBytes());
    heldBytes.limit(limits.heldBytes());
    recoveryBytes.limit(limits.recoveryBytes());
    lostConnections.limit(limits.connections());
  }

  /** The outstanding commands of a session. */
  public Share commands() {
    return new Share(commands, OWN_COMMANDS, COMMANDS);
  }

  /** The bytes in buffers of a session's transfers. */
  public Share transferBytes() {
    return new Share(transferBytes, 0, TRANSFER_SLICE);
  }

  /** The bytes of a session's requests that came before their turn. */
  public Share heldBytes() {
    return new Share(heldBytes, 0, HELD_SLICE);
  }

  /** The bytes that a connection keeps to send them again. */
  public Share recoveryBytes() {
    return new Share(recoveryBytes, OWN_RECOVERY, RECOVERY_SLICE);
  }

  /** Connections that are lost and may be recovered. */
  public Pool lostConnections() {
    return lostConnections;
  }

  /** What is taken of all pools; 0 when nobody is there. */
  public long used() {
    return commands.used()
        + transferBytes.used()
        + heldBytes.used()
        + recoveryBytes.used()
        + lostConnections.used();
  }
}
