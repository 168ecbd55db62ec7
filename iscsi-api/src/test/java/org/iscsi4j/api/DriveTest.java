package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.BlockDeviceException.Kind;
import org.junit.jupiter.api.Test;

class DriveTest {

  private static final int BLOCK = 512;

  private final LeastDevice medium = new LeastDevice();

  @Test
  void anEmptyDriveHasABlockSizeAndNoMedium() {
    Drive drive = Drive.empty(2048);

    assertThat(drive.mediumPresent()).isFalse();
    assertThat(drive.medium()).isEmpty();
    assertThat(drive.geometry()).isEqualTo(Geometry.of(2048, 1));
    assertThat(drive).hasToString("Drive[empty]");
  }

  @Test
  void everyCallOfAnEmptyDriveFailsAsNotReady() {
    Drive drive = Drive.empty(BLOCK);

    for (Call call : calls()) {
      assertThatThrownBy(() -> call.on(drive))
          .isInstanceOfSatisfying(
              BlockDeviceException.class,
              fault -> assertThat(fault.kind()).isEqualTo(Kind.NOT_READY));
    }
  }

  @Test
  void callsGoToTheMedium() throws IOException {
    Drive drive = Drive.of(medium);
    for (Call call : calls()) {
      call.on(drive);
    }

    assertThat(drive.geometry()).isEqualTo(medium.geometry());
    assertThat(drive.medium()).containsSame(medium);
    assertThat(drive).hasToString("Drive[least]");
    assertThat(medium.calls)
        .as("a medium that gives nothing back keeps its bytes")
        .containsExactly(
            "read 512+512", "write 1024+512", "write 1536+512", "flush", "write 0+512", "flush");
  }

  @Test
  void aMediumThatDeallocatesIsAskedTo() throws IOException {
    MemoryDevice memory = MemoryDevice.ofSize(4096);
    Drive drive = Drive.of(memory);
    memory.write(0, block(7));
    drive.deallocate(0, 4096);

    assertThat(memory.extent(0, 4096).state()).isEqualTo(Extent.State.DEALLOCATED);
  }

  @Test
  void aReadOnlyMediumIsReadAndNotWritten() throws IOException {
    Drive drive = Drive.of(new ReadOnlyDevice());

    drive.read(0, ByteBuffer.allocate(BLOCK));
    for (Call call :
        List.<Call>of(
            device -> device.write(0, block(1)),
            device -> device.writeThrough(0, block(1)),
            device -> device.writeZeroes(0, BLOCK, true),
            device -> device.deallocate(0, BLOCK))) {
      assertThatThrownBy(() -> call.on(drive))
          .isInstanceOfSatisfying(
              BlockDeviceException.class,
              fault -> assertThat(fault.kind()).isEqualTo(Kind.WRITE_PROTECTED))
          .hasMessageContaining("least");
    }
  }

  @Test
  void aDriveTakesOneMedium() {
    Drive drive = Drive.of(medium);

    assertThatThrownBy(() -> drive.insert(new LeastDevice()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("least");
    assertThat(drive.medium()).containsSame(medium);
  }

  @Test
  void whoTakesTheMediumOutGetsItUnclosed() {
    Drive drive = Drive.of(medium);

    assertThat(drive.remove()).containsSame(medium);
    assertThat(drive.mediumPresent()).isFalse();
    assertThat(drive.remove()).isEmpty();
    assertThat(medium.calls).isEmpty();
  }

  @Test
  void theMediumIsClosedWithTheDriveOnce() throws IOException {
    Drive drive = Drive.of(medium);
    drive.close();
    drive.close();

    assertThat(medium.calls).containsExactly("close");
    assertThat(drive.mediumPresent()).isFalse();
  }

  @Test
  void listenersHearOfEveryMediumAndOfItsSize() {
    List<String> heard = new ArrayList<>();
    Drive drive = Drive.empty(BLOCK);
    drive.subscribe(() -> heard.add(drive.toString()));
    MemoryDevice disc = MemoryDevice.ofSize(4096);

    drive.insert(disc);
    disc.resize(16);
    drive.remove();
    assertThat(heard).hasSize(3).last().isEqualTo("Drive[empty]");

    disc.resize(8);
    assertThat(heard).as("it is somebody else's now").hasSize(3);
  }

  @Test
  void whoUnsubscribesHearsNothing() {
    List<String> heard = new ArrayList<>();
    DeviceEvents listener = () -> heard.add("changed");
    Drive drive = Drive.empty(BLOCK);
    drive.subscribe(listener);
    drive.unsubscribe(listener);
    drive.insert(medium);

    assertThat(heard).isEmpty();
  }

  @Test
  void removalWaitsForTheCallsUnderWay() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<String> order = new CopyOnWriteArrayList<>();
    Drive drive =
        Drive.of(
            new LeastDevice() {
              @Override
              public void read(long offset, ByteBuffer into) {
                reading.countDown();
                await(goOn);
                order.add("read");
              }
            });
    Thread reader = new Thread(() -> tryRead(drive));
    Thread remover =
        new Thread(
            () -> {
              drive.remove();
              order.add("removed");
            });
    reader.start();
    await(reading);
    remover.start();
    while (remover.getState() != Thread.State.WAITING) {
      assertThat(remover.isAlive()).as("removal waits").isTrue();
      Thread.onSpinWait();
    }
    goOn.countDown();
    remover.join(TimeUnit.SECONDS.toMillis(10));
    reader.join(TimeUnit.SECONDS.toMillis(10));

    assertThat(order).containsExactly("read", "removed");
  }

  @FunctionalInterface
  private interface Call {
    void on(BlockDevice device) throws IOException;
  }

  private static List<Call> calls() {
    return List.of(
        device -> device.read(512, ByteBuffer.allocate(BLOCK)),
        device -> device.write(1024, block(1)),
        device -> device.writeThrough(1536, block(1)),
        device -> device.writeZeroes(0, BLOCK, true),
        device -> device.deallocate(0, BLOCK),
        BlockDevice::flush);
  }

  private static ByteBuffer block(int value) {
    return ByteBuffer.allocate(BLOCK).put(0, (byte) value);
  }

  private static void tryRead(Drive drive) {
    try {
      drive.read(0, ByteBuffer.allocate(BLOCK));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static final class ReadOnlyDevice extends LeastDevice {
    @Override
    public Capabilities capabilities() {
      return Capabilities.DEFAULT.withReadOnly(true);
    }
  }
}
