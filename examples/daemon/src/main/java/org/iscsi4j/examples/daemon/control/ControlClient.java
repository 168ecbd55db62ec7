package org.iscsi4j.examples.daemon.control;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.examples.daemon.control.LineChannel.LineTooLongException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client's connection, on a thread of its own, until it ends or is closed. */
final class ControlClient implements Runnable, Closeable {

  private static final Logger log = LoggerFactory.getLogger(ControlClient.class);

  /** For a client to take the last words. */
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final LineChannel channel;
  private final Conversation conversation;
  private final ControlLimits limits;
  private final String greeting;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final long begun = System.nanoTime();

  ControlClient(
      LineChannel channel, Conversation conversation, ControlLimits limits, String greeting) {
    this.channel = channel;
    this.conversation = conversation;
    this.limits = limits;
    this.greeting = greeting;
  }

  @Override
  public void run() {
    try (channel) {
      send(List.of(greeting));
      converse();
    } catch (IOException e) {
      log.debug("control: {}: {}", greeting, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void converse() throws IOException, InterruptedException {
    boolean more = true;
    while (more) {
      Optional<String> line = next();
      more = line.isPresent() && answer(line.get());
    }
  }

  private Optional<String> next() throws IOException {
    try {
      return channel.readLine(patience());
    } catch (LineTooLongException e) {
      send(List.of("ERR " + e.getMessage()));
      channel.sendEnd(FAREWELL);
      return Optional.empty();
    }
  }

  /** A client that has to prove who it is has no more than that in all. */
  private Duration patience() {
    return conversation.withStranger()
        ? limits.silence().minusNanos(System.nanoTime() - begun)
        : limits.silence();
  }

  private boolean answer(String line) throws IOException, InterruptedException {
    Conversation.Reply reply = conversation.answer(line);
    if (reply.penalty()) {
      closed.await(limits.penalty().toNanos(), TimeUnit.NANOSECONDS);
    }
    send(reply.lines());
    if (reply.last()) {
      channel.sendEnd(FAREWELL);
    }
    return !reply.last();
  }

  private void send(List<String> lines) throws IOException {
    for (String line : lines) {
      channel.writeLine(line, limits.silence());
    }
    channel.flush(limits.silence());
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    channel.close();
  }
}
