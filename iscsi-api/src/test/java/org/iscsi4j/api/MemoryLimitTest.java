package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MemoryLimitTest extends SpaceLimitContract {

  @Override
  BlockDevice create(long size, long limit) {
    return MemoryDevice.limited(Geometry.ofSize(size, 512), limit);
  }

  @Override
  void resize(BlockDevice device, long blocks) {
    ((MemoryDevice) device).resize(blocks);
  }

  @Override
  int unit() {
    return 4096;
  }

  @Test
  void isFilledOnlyWhenItMayHoldAll() throws IOException {
    MemoryDevice small = MemoryDevice.limited(Geometry.ofSize(8192, 512), 8192);
    small.fill((byte) 7);
    assertThat(small.readBytes(0, 8192)).containsOnly(7);

    MemoryDevice large = MemoryDevice.limited(Geometry.ofSize(8192, 512), 4096);
    assertThatThrownBy(() -> large.fill((byte) 7)).isInstanceOf(IllegalStateException.class);
    assertThat(large.allocatedBytes()).isZero();

    small.clear();
    assertThat(small.space()).contains(Space.of(0, 8192));
  }

  @Test
  void doesNotTellTheSpaceOfADiskWithoutALimit() {
    assertThat(MemoryDevice.ofSize(4096).space()).isEmpty();
  }

  @Test
  void keepsItsSpaceWhenTheHeapIsFull() throws IOException {
    Geometry shape = Geometry.ofSize(1 << 20, 512);
    SparsePages pages =
        new SparsePages(
            () -> {
              throw new OutOfMemoryError("Java heap space");
            },
            Quota.of(OptionalLong.of(shape.size()), 4096));

    assertThatThrownBy(() -> pages.createAll(0, 3)).isInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(() -> pages.getOrCreate(0)).isInstanceOf(OutOfMemoryError.class);

    assertThat(pages.count()).isZero();
  }
}
