package org.iscsi4j.target.connection;

import java.io.IOException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.security.Principal;
import java.util.Optional;
import org.iscsi4j.target.loop.BufferPool;

/**
 * What carries the bytes of a connection: its socket, or TLS between it and the socket. Touched by
 * the connection's loop alone.
 */
interface Transport {

  /** Where bytes are read. */
  ScatteringByteChannel input();

  /** Where bytes are written. */
  GatheringByteChannel output();

  /** The least room, in bytes, that a read must offer. */
  int leastRoom();

  /** Whether a read gives something although the socket may have nothing. */
  boolean pending();

  /**
   * What the socket has to be watched for.
   *
   * @param wanted operations that the connection waits for
   */
  int interest(int wanted);

  /**
   * Writes what was taken and has not gone out.
   *
   * @return whether nothing is left
   */
  boolean flush() throws IOException;

  /** Bytes that were taken and have not gone out. */
  int unsentBytes();

  /**
   * Tells the peer that nothing more is sent, as far as the socket takes it. To be called again
   * when it has room, until that is said.
   *
   * @return whether it is said
   */
  boolean endOutput() throws IOException;

  /** Whose buffers are used from now on: the connection has moved to another loop. */
  void buffers(BufferPool pool);

  /** Gives the buffers back. The socket stays with the connection. */
  void close();

  /** Who the peer has proved to be to the transport. */
  Optional<Principal> peerPrincipal();
}
