package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AsyncBlockDeviceTest {

  private final Scripted device = new Scripted();
  private final ByteBuffer buffer = ByteBuffer.allocate(512);

  @Test
  void blocksUntilTheStageCompletes() throws IOException {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    device.next = stage;
    ForkJoinPool.commonPool().execute(() -> stage.complete(null));

    device.read(512, buffer);

    assertThat(stage).isCompleted();
    assertThat(device.last).isEqualTo("read 512");
  }

  @Test
  void mapsEachCallToItsStage() throws IOException {
    device.next = CompletableFuture.completedFuture(null);

    device.write(1024, buffer);
    assertThat(device.last).isEqualTo("write 1024");
    device.flush();
    assertThat(device.last).isEqualTo("flush");
  }

  @Test
  void throwsTheFaultOfTheStage() {
    IOException fault = new BlockDeviceException(BlockDeviceException.Kind.BUSY, "busy");
    device.next = CompletableFuture.failedFuture(fault);

    assertThatThrownBy(() -> device.read(0, buffer)).isSameAs(fault);
    assertThatThrownBy(() -> device.write(0, buffer)).isSameAs(fault);
    assertThatThrownBy(device::flush).isSameAs(fault);
  }

  @Test
  void throwsTheFaultOfAStageFurtherDown() {
    IOException fault = new IOException("broken");
    device.next = CompletableFuture.<Void>failedFuture(fault).thenApply(nothing -> nothing);

    assertThatThrownBy(() -> device.read(0, buffer)).isSameAs(fault);
  }

  @Test
  void takesAnythingElseForABrokenDevice() {
    RuntimeException bug = new IllegalStateException("bug");
    device.next = CompletableFuture.failedFuture(bug);

    assertThatThrownBy(() -> device.read(0, buffer))
        .isInstanceOfSatisfying(
            BlockDeviceException.class,
            e -> assertThat(e.kind()).isEqualTo(BlockDeviceException.Kind.HARDWARE_ERROR))
        .hasCause(bug);
  }

  @Test
  void keepsTheBufferFromItsCallerWhenInterrupted() throws IOException {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    device.next = stage;
    stage.completeOnTimeout(null, 20, TimeUnit.MILLISECONDS);

    Thread.currentThread().interrupt();
    device.read(0, buffer);

    assertThat(stage).isCompleted();
    assertThat(Thread.interrupted()).isTrue();
  }

  private static final class Scripted implements AsyncBlockDevice {
    private CompletableFuture<Void> next = new CompletableFuture<>();
    private String last = "";

    @Override
    public CompletionStage<Void> readAsync(long offset, ByteBuffer into) {
      last = "read " + offset;
      return next;
    }

    @Override
    public CompletionStage<Void> writeAsync(long offset, ByteBuffer from) {
      last = "write " + offset;
      return next;
    }

    @Override
    public CompletionStage<Void> flushAsync() {
      last = "flush";
      return next;
    }

    @Override
    public Geometry geometry() {
      return Geometry.of(512, 8);
    }

    @Override
    public void close() {}
  }
}
