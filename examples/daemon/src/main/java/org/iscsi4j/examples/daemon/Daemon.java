package org.iscsi4j.examples.daemon;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.iscsi4j.api.Target;
import org.iscsi4j.target.IscsiServer;
import org.iscsi4j.target.IscsiServerBuilder;

/** A server and the devices behind it: the server ends first, then each device is closed once. */
final class Daemon implements Closeable {

  /** The end takes a second more at most, and all of it must fit 5 s. */
  private static final Duration DRAIN = Duration.ofSeconds(3);

  private final Devices devices;
  private final IscsiServer server;
  private final CountDownLatch closed = new CountDownLatch(1);

  private Daemon(Devices devices, IscsiServer server) {
    this.devices = devices;
    this.server = server;
  }

  /**
   * Opens the devices and serves them as one target, LUN 0 first.
   *
   * @throws IllegalArgumentException when a setting makes no sense
   * @throws IOException when a device can't be opened or a portal can't be bound; nothing is left
   *     open then
   */
  static Daemon start(
      IscsiServerBuilder server, String name, Optional<String> alias, List<LunSpec> luns)
      throws IOException {
    Devices devices = new Devices();
    try {
      Target.Builder target = Target.builder(name);
      alias.ifPresent(target::alias);
      for (LunSpec lun : luns) {
        target.lun(lun.unit(devices.open(lun)));
      }
      return new Daemon(devices, server.target(target.build()).start());
    } catch (IOException | RuntimeException e) {
      devices.closeAfter(e);
      throw e;
    }
  }

  IscsiServer server() {
    return server;
  }

  /** Ends the server, then the devices. Called once. */
  @Override
  public void close() throws IOException {
    server.close(DRAIN);
    try {
      devices.close();
    } finally {
      closed.countDown();
    }
  }

  /** Waits until {@link #close} is done. */
  void awaitClosed() throws InterruptedException {
    closed.await();
  }
}
