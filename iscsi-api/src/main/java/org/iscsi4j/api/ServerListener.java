package org.iscsi4j.api;

import java.net.SocketAddress;

/**
 * Told what happens in a server. Methods are called on the server's own threads: they must return
 * at once, and what they throw is logged and otherwise ignored.
 */
public interface ServerListener {

  /** A login ended well and the session takes commands from now on. */
  default void sessionOpened(SessionInfo session) {}

  /**
   * A session ended.
   *
   * @param reason why, for people
   */
  default void sessionClosed(SessionInfo session, String reason) {}

  /**
   * A login was refused.
   *
   * @param remote the address of the peer
   * @param reason why, for people; never a secret
   */
  default void loginRefused(SocketAddress remote, String reason) {}

  /**
   * The logical units can be reached better or worse through a portal group from now on: because
   * the host said so, in which case this is called on the host's thread, or because an initiator
   * demanded it (SET TARGET PORT GROUPS).
   */
  default void accessStateChanged(int portalGroup, AccessState state) {}
}
