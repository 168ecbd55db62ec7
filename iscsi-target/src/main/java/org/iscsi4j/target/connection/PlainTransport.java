package org.iscsi4j.target.connection;

import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.nio.channels.SocketChannel;
import java.security.Principal;
import java.util.Optional;
import org.iscsi4j.target.loop.BufferPool;

/** TCP as it is: bytes go between the socket and the connection's own buffers. */
record PlainTransport(SocketChannel socket) implements Transport {

  @Override
  public ScatteringByteChannel input() {
    return socket;
  }

  @Override
  public GatheringByteChannel output() {
    return socket;
  }

  @Override
  public int leastRoom() {
    return 1;
  }

  @Override
  public boolean pending() {
    return false;
  }

  @Override
  public int interest(int wanted) {
    return wanted;
  }

  @Override
  public boolean flush() {
    return true;
  }

  @Override
  public int unsentBytes() {
    return 0;
  }

  @Override
  public boolean endOutput() {
    return true; // the end of the TCP stream says it
  }

  @Override
  public void buffers(BufferPool pool) {}

  @Override
  public void close() {}

  @Override
  public Optional<Principal> peerPrincipal() {
    return Optional.empty();
  }
}
