package org.iscsi4j.target.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BufferPoolTest {

  private final BufferPool pool = new BufferPool();

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4095, 4096, 4097, 65_536, 65_537, 1 << 20, (1 << 20) + 1, 32 << 20})
  void buffersAreLargeEnoughAndNotTwiceTooLarge(int bytes) {
    ByteBuffer buffer = pool.take(bytes);

    assertThat(buffer.remaining()).isGreaterThanOrEqualTo(bytes);
    assertThat(buffer.capacity()).isLessThan(Math.max(2 * bytes, 8192));
    assertThat(buffer.isDirect()).isTrue();
    assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
  }

  @Test
  void buffersAreUsedAgain() {
    ByteBuffer first = pool.take(5000);
    first.position(17).limit(40);
    pool.give(first);

    ByteBuffer again = pool.take(8192);

    assertThat(again).isSameAs(first);
    assertThat(again.position()).isZero();
    assertThat(again.limit()).isEqualTo(again.capacity());
    assertThat(pool.take(8192)).isNotSameAs(first);
  }

  @Test
  void sizesAreKeptApart() {
    pool.give(pool.take(4096));
    pool.give(pool.take(1 << 20));

    assertThat(pool.take(8192).capacity()).isEqualTo(8192);
    assertThat(pool.take(1 << 20).capacity()).isEqualTo(1 << 20);
  }

  @Test
  void whatLiesIdleIsBounded() {
    List<ByteBuffer> taken = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      taken.add(pool.take(1 << 20));
    }
    taken.forEach(pool::give);

    assertThat(pool.idleBytes()).isEqualTo(32L << 20);
    for (int i = 0; i < 32; i++) {
      pool.take(1 << 20);
    }
    assertThat(pool.idleBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {(32 << 20) + 1, Integer.MAX_VALUE})
  void tooMuchIsRefused(int bytes) {
    assertThatIllegalArgumentException().isThrownBy(() -> pool.take(bytes));
  }
}
