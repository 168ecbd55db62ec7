package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockDeviceDefaultsTest {

  private final LeastDevice device = new LeastDevice();

  @Test
  void promiseNothing() throws IOException {
    assertThat(device.capabilities()).isSameAs(Capabilities.DEFAULT);
    assertThat(device.extent(512, 2048)).isEqualTo(new Extent(2048, Extent.State.UNKNOWN));
  }

  @Test
  void writeThroughByFlushingAVolatileCache() throws IOException {
    device.writeThrough(512, ByteBuffer.allocate(1024));

    assertThat(device.calls).containsExactly("write 512+1024", "flush");
  }

  @Test
  void writeThroughByWritingWhereThereIsNoVolatileCache() throws IOException {
    LeastDevice durable =
        new LeastDevice() {
          @Override
          public Capabilities capabilities() {
            return Capabilities.DEFAULT.withVolatileCache(false);
          }
        };

    durable.writeThrough(512, ByteBuffer.allocate(1024));

    assertThat(durable.calls).containsExactly("write 512+1024");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void writeZeroesInChunks(boolean mayDeallocate) throws IOException {
    device.writeZeroes(1024, 2 * 65_536 + 512, mayDeallocate);

    assertThat(device.calls)
        .containsExactly("write 1024+65536", "write 66560+65536", "write 132096+512");
    assertThat(device.written).hasSize(2 * 65_536 + 512).containsOnly((byte) 0);
  }

  @Test
  void writeAFewZeroesInOneChunk() throws IOException {
    device.writeZeroes(0, 512, false);

    assertThat(device.calls).containsExactly("write 0+512");
  }

  @Test
  void refuseToDeallocate() {
    assertThatThrownBy(() -> device.deallocate(0, 512))
        .isInstanceOfSatisfying(
            BlockDeviceException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(BlockDeviceException.Kind.NOT_SUPPORTED);
              assertThat(e.offset()).isEqualTo(BlockDeviceException.UNKNOWN_OFFSET);
            })
        .hasMessage("deallocate is not supported by least");
  }

  @Test
  void ignoreListeners() {
    DeviceEvents nobody =
        () -> {
          throw new AssertionError("told of a change");
        };

    device.subscribe(nobody);
    device.unsubscribe(nobody);

    assertThat(device.calls).isEmpty();
  }

  @Test
  void refuseAnExtentOfNothing() {
    assertThat(new Extent(1, Extent.State.UNKNOWN).length()).isEqualTo(1);
    assertThatThrownBy(() -> new Extent(0, Extent.State.UNKNOWN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("length 0 is less than 1 byte");
  }

  @Test
  void carryTheKindThePlaceAndTheCauseOfAFault() {
    IOException cause = new IOException("broken");
    BlockDeviceException fault =
        new BlockDeviceException(BlockDeviceException.Kind.MEDIUM_ERROR, 4096, "bad block", cause);

    assertThat(fault.kind()).isEqualTo(BlockDeviceException.Kind.MEDIUM_ERROR);
    assertThat(fault.offset()).isEqualTo(4096);
    assertThat(fault).hasMessage("bad block").hasCause(cause);
  }
}
