package org.iscsi4j.examples.daemon.ctl;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.Portal;
import org.iscsi4j.examples.daemon.control.Banner;
import org.iscsi4j.examples.daemon.control.LineChannel;

/** A connection to a control channel, ours or istgt's. For one thread. */
final class ControlLink implements Closeable {

  /** Of a reply's line, which a JSON document may fill. */
  private static final int LINE_BYTES = 64 << 20;

  private final LineChannel channel;
  private final Duration timeout;
  private final String greeting;

  /**
   * A reply.
   *
   * @param data what stands behind the command in each line of data
   * @param error why not; empty when it was done
   */
  record Reply(List<String> data, Optional<String> error) {}

  private ControlLink(SocketChannel socket, Duration timeout) throws IOException {
    this.timeout = timeout;
    channel = new LineChannel(socket, LINE_BYTES);
    try {
      greeting = receive();
      if (!Banner.isGreeting(greeting)) {
        throw new IOException("no control channel answers, but: " + greeting);
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  static ControlLink local(Path path, Duration timeout) throws IOException {
    try {
      return new ControlLink(SocketChannel.open(UnixDomainSocketAddress.of(path)), timeout);
    } catch (IOException e) {
      throw new IOException("can't reach " + path + ": " + e.getMessage(), e);
    }
  }

  /** By the first of the host's addresses that answers. */
  static ControlLink tcp(String host, int port, Duration timeout) throws IOException {
    String name = "can't reach " + Portal.format(host, port) + ": ";
    IOException failed = new IOException(name + "it has no address");
    for (InetAddress address : addresses(host, name)) {
      try {
        return new ControlLink(connected(new InetSocketAddress(address, port), timeout), timeout);
      } catch (IOException e) {
        failed = new IOException(name + e.getMessage(), e);
      }
    }
    throw failed;
  }

  private static InetAddress[] addresses(String host, String name) throws IOException {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new IOException(name + "no such host", e);
    }
  }

  private static SocketChannel connected(InetSocketAddress address, Duration timeout)
      throws IOException {
    SocketChannel socket = SocketChannel.open();
    try {
      socket.socket().connect(address, (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** What the daemon said first. */
  String greeting() {
    return greeting;
  }

  private void send(String line) throws IOException {
    channel.writeLine(line, timeout);
    channel.flush(timeout);
  }

  private String receive() throws IOException {
    return channel
        .readLine(timeout)
        .orElseThrow(() -> new IOException("the daemon has closed the connection"));
  }

  /** Sends a command whose reply is one line. */
  String askLine(String line) throws IOException {
    send(line);
    return receive();
  }

  /** Sends a command, and reads its lines of data up to OK or ERR. */
  Reply ask(String verb, String words) throws IOException {
    send((verb + " " + words).strip());
    List<String> data = new ArrayList<>();
    while (true) {
      String line = receive();
      if (line.startsWith("OK")) {
        return new Reply(data, Optional.empty());
      }
      if (line.startsWith("ERR ")) {
        return new Reply(data, Optional.of(line.substring("ERR ".length())));
      }
      data.add(line.startsWith(verb + " ") ? line.substring(verb.length() + 1) : line);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
