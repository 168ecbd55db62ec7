package org.iscsi4j.examples.daemon.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client that knows lines and nothing else. */
final class Wire implements AutoCloseable {

  private static final int LIMIT_MILLIS = 60_000;

  private final Socket socket;
  private final BufferedReader in;
  private final OutputStream out;

  Wire(int port) throws IOException {
    socket = new Socket("127.0.0.1", port);
    socket.setSoTimeout(LIMIT_MILLIS);
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    out = socket.getOutputStream();
  }

  void send(String bytes) throws IOException {
    out.write(bytes.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Null at the end. */
  String read() throws IOException {
    return in.readLine();
  }

  /** The lines up to OK or ERR. */
  List<String> ask(String line) throws IOException {
    send(line + "\r\n");
    List<String> lines = new ArrayList<>();
    do {
      lines.add(read());
    } while (!last(lines).startsWith("OK ")
        && !last(lines).startsWith("ERR ")
        && !last(lines).startsWith("{"));
    return lines;
  }

  private static String last(List<String> lines) {
    return lines.get(lines.size() - 1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
