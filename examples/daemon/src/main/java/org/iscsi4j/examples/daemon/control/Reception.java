package org.iscsi4j.examples.daemon.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The clients of one kind: no more at once than there may be. Safe from any thread. */
final class Reception {

  private static final Logger log = LoggerFactory.getLogger(Reception.class);

  private static final AtomicInteger NUMBERS = new AtomicInteger();

  /** For the threads to end. */
  private static final Duration END = Duration.ofSeconds(1);

  private static final byte[] FULL = "ERR too many clients\r\n".getBytes(StandardCharsets.US_ASCII);

  private final ControlLimits limits;
  private final Semaphore places;
  private final Map<ControlClient, Thread> clients = new ConcurrentHashMap<>();
  private volatile boolean closed;

  Reception(ControlLimits limits) {
    this.limits = limits;
    places = new Semaphore(limits.clients());
  }

  ControlLimits limits() {
    return limits;
  }

  /** Answers a client from now on, or closes its connection. */
  void receive(SocketChannel socket, Conversation conversation, String greeting)
      throws IOException {
    if (!places.tryAcquire()) {
      try (socket) {
        socket.write(ByteBuffer.wrap(FULL)); // fits the socket's empty buffer
      }
      return;
    }
    try {
      LineChannel lines = new LineChannel(socket, ControlLimits.LINE_BYTES);
      serve(new ControlClient(lines, conversation, limits, greeting));
    } catch (IOException | RuntimeException | Error e) {
      places.release();
      socket.close();
      throw e;
    }
  }

  private void serve(ControlClient client) {
    Thread thread =
        new Thread(
            () -> {
              try {
                client.run();
              } finally {
                clients.remove(client);
                places.release();
              }
            },
            "control-" + NUMBERS.incrementAndGet());
    thread.setDaemon(true);
    clients.put(client, thread);
    try {
      thread.start();
    } catch (Error e) { // no more threads
      clients.remove(client);
      throw e;
    }
    if (closed) {
      close(client);
    }
  }

  private static void close(ControlClient client) {
    try {
      client.close();
    } catch (IOException e) {
      log.debug("control: {}", e.toString());
    }
  }

  /** Leaves every client; does not wait for the thread that calls. */
  void close() {
    closed = true;
    Map<ControlClient, Thread> left = Map.copyOf(clients);
    left.keySet().forEach(Reception::close);
    long deadline = System.nanoTime() + END.toNanos();
    try {
      for (Thread thread : left.values()) {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (thread != Thread.currentThread() && millis > 0) {
          thread.join(millis);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
