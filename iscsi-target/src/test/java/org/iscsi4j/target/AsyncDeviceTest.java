package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.AsyncBlockDevice;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.BlockDeviceException.Kind;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Devices that complete their calls by their own means. */
class AsyncDeviceTest {

  private final PromisingDevice device = new PromisingDevice();
  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    server = TestServer.serving(device);
    initiator = server.login();
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  /** Does the work of a call when the test completes it, on the test's thread. */
  private static final class PromisingDevice implements AsyncBlockDevice {
    private final MemoryDevice memory = MemoryDevice.ofSize(1 << 20);
    private final BlockingQueue<Promise> promises = new LinkedBlockingQueue<>();

    private interface Work {
      void run() throws IOException;
    }

    private record Promise(Work work, CompletableFuture<Void> stage) {
      void keep() throws IOException {
        work.run();
        stage.complete(null);
      }

      void breakWith(Throwable fault) {
        stage.completeExceptionally(fault);
      }
    }

    private CompletionStage<Void> promise(Work work) {
      CompletableFuture<Void> stage = new CompletableFuture<>();
      promises.add(new Promise(work, stage));
      return stage;
    }

    Promise next() throws InterruptedException {
      Promise promise = promises.poll(ScriptedInitiator.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
      assertThat(promise).as("a call of the device").isNotNull();
      return promise;
    }

    @Override
    public Geometry geometry() {
      return memory.geometry();
    }

    @Override
    public CompletionStage<Void> readAsync(long offset, ByteBuffer into) {
      return promise(() -> memory.read(offset, into));
    }

    @Override
    public CompletionStage<Void> writeAsync(long offset, ByteBuffer from) {
      return promise(() -> memory.write(offset, from));
    }

    @Override
    public CompletionStage<Void> flushAsync() {
      return promise(() -> {});
    }

    @Override
    public void close() {}
  }

  @Test
  void callsCompleteInAnyOrder() throws Exception {
    byte[] first = Patterns.bytes(4096, 1);
    byte[] second = Patterns.bytes(65_536, 2);
    Exchange one = initiator.command(Cdbs.write10(0, 8)).write(first).send();
    PromisingDevice.Promise early = device.next();
    Exchange two = initiator.command(Cdbs.write10(8, 128)).write(second).immediate(512).send();
    assertThat(initiator.ping(new byte[1])).hasSize(1);
    two.answerR2ts();
    PromisingDevice.Promise late = device.next();

    late.keep();
    assertThat(two.await().outcome()).isEqualTo("GOOD");
    assertThat(one.ended()).isFalse();
    early.keep();
    assertThat(one.await().outcome()).isEqualTo("GOOD");
    assertSame(device.memory.readBytes(0, 4096), first);
    assertSame(device.memory.readBytes(4096, 65_536), second);

    Exchange read = initiator.command(Cdbs.read10(8, 128)).read(65_536).send();
    device.next().keep();
    assertSame(read.await().data(), second);
  }

  @Test
  void callThatFailsIsSense() throws Exception {
    Exchange read = initiator.command(Cdbs.read10(0, 8)).read(4096).send();
    device.next().breakWith(new BlockDeviceException(Kind.NOT_READY, "a test wants it"));

    assertThat(read.await().outcome()).isEqualTo("CHECK CONDITION 2/04/00");

    Exchange flush = initiator.command(Cdbs.synchronizeCache10()).send();
    device.next().keep();
    assertThat(flush.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  void callThatCompletesAfterAnAbortIsHarmless() throws Exception {
    Exchange read = initiator.command(Cdbs.read10(0, 8)).read(4096).send();
    PromisingDevice.Promise promise = device.next();
    assertThat(initiator.abort(read)).isZero();

    promise.keep();

    assertThat(initiator.ping(new byte[1])).hasSize(1);
    assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
  }
}
