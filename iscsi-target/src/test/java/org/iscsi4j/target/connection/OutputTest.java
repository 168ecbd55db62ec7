package org.iscsi4j.target.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.loop.BufferPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes leave in the order in which they were given, however the socket takes them. */
class OutputTest {

  private static final int CHUNK = 4096;

  private final FakeChannel channel = new FakeChannel();
  private final Output output = new Output(channel, new BufferPool(), CHUNK);
  private final ByteArrayOutputStream expected = new ByteArrayOutputStream();
  private final List<String> events = new ArrayList<>();

  private void small(byte[] bytes) {
    int at = output.reserve(bytes.length);
    output.chunk().clear().put(at, bytes); // its position and limit mean nothing
    output.commit(bytes.length);
    expected.writeBytes(bytes);
  }

  private void large(byte[] bytes, String name) {
    output.append(ByteBuffer.wrap(bytes), () -> events.add(name));
    expected.writeBytes(bytes);
  }

  private void assertAllWritten() {
    assertSame(channel.written(), expected.toByteArray());
    assertThat(output.isEmpty()).isTrue();
    assertThat(output.queuedBytes()).isZero();
  }

  // ---- order -----------------------------------------------------------------------------------

  @Test
  void smallAndLargeKeepTheirOrder() throws Exception {
    small(Patterns.bytes(48, 1));
    large(Patterns.bytes(10_000, 2), "first");
    small(Patterns.bytes(48, 3));
    large(Patterns.bytes(20_000, 4), "second");
    small(Patterns.bytes(48, 5));

    assertThat(output.flush()).isTrue();

    assertAllWritten();
    assertThat(events).containsExactly("first", "second");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 47, 48, 49, 1000, 4096, 10_000})
  void socketMayTakeAnyNumberOfBytes(int atOnce) throws Exception {
    channel.takes(() -> atOnce);
    for (int i = 0; i < 20; i++) {
      small(Patterns.bytes(1 + i * 37, i));
      if (i % 3 == 0) {
        large(Patterns.bytes(1 + i * 101, 100 + i), "" + i);
      }
    }

    assertThat(output.flush()).isTrue();

    assertAllWritten();
    assertThat(events).containsExactly("0", "3", "6", "9", "12", "15", "18");
  }

  @Test
  void manySegmentsTakeSeveralWrites() throws Exception {
    for (int i = 0; i < 500; i++) {
      small(Patterns.bytes(10, i));
      large(Patterns.bytes(10, 1000 + i), "" + i);
    }

    assertThat(output.flush()).isTrue();

    assertAllWritten();
    assertThat(events).hasSize(500);
  }

  @Test
  void segmentIsToldToBeSentOnlyWhenItsLastByteIs() throws Exception {
    large(Patterns.bytes(100, 1), "first");
    large(Patterns.bytes(100, 2), "second");
    int[] budget = {99};
    channel.takes(
        () -> {
          int now = budget[0];
          budget[0] = 0;
          return now;
        });

    assertThat(output.flush()).isFalse();
    assertThat(events).isEmpty();
    budget[0] = 1;
    assertThat(output.flush()).isFalse();
    assertThat(events).containsExactly("first");
    assertThat(output.queuedBytes()).isEqualTo(100);
    budget[0] = 100;
    assertThat(output.flush()).isTrue();
    assertThat(events).containsExactly("first", "second");
  }

  /** A random program of small, large and forgotten pieces, against a socket with moods. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void anyMixtureArrivesAsItWasGiven(long seed) throws Exception {
    Random random = new Random(seed);
    // on average what is given, so that the output is empty now and then
    channel.takes(() -> random.nextInt(3) == 0 ? 0 : random.nextInt(8000));
    int appended = 0;
    for (int step = 0; step < 3000; step++) {
      switch (random.nextInt(6)) {
        case 0, 1 -> small(Patterns.bytes(random.nextInt(600) + 1, step));
        case 2 -> large(Patterns.bytes(random.nextInt(5000) + 1, step), "" + appended++);
        case 3 -> output.reserve(random.nextInt(6000) + 1); // room that is never used
        case 4 -> small(Patterns.bytes(CHUNK + random.nextInt(CHUNK), step));
        default -> output.flush();
      }
    }
    while (!output.flush()) {
      assertThat(output.isEmpty()).isFalse();
    }

    assertAllWritten();
    assertThat(events).hasSize(appended);
    for (int i = 0; i < appended; i++) {
      assertThat(events.get(i)).isEqualTo("" + i);
    }
  }

  // ---- bounds and the end ----------------------------------------------------------------------

  @Test
  void tellsWhenItIsFull() throws Exception {
    byte[] half = new byte[Output.HIGH_WATER / 2];
    large(half, "1");
    large(half, "2");
    assertThat(output.full()).isFalse();
    small(new byte[1]);
    assertThat(output.full()).isTrue();

    output.flush();

    assertThat(output.full()).isFalse();
    assertThat(output.isEmpty()).isTrue();
  }

  @Test
  void closingFreesWhatWasNotSent() throws Exception {
    channel.takes(() -> 0);
    small(new byte[100]);
    large(new byte[100], "first");
    small(new byte[100]);
    large(new byte[100], "second");
    output.flush();

    output.close();
    output.close();

    assertThat(events).containsExactly("first", "second");
    assertThat(output.isEmpty()).isTrue();
  }

  @Test
  void brokenSocketIsTold() {
    channel.takes(() -> -1);
    small(new byte[10]);

    assertThatExceptionOfType(IOException.class).isThrownBy(output::flush);
  }

  @Test
  void emptyOutputHasNothingToWrite() throws Exception {
    channel.takes(() -> -1); // a write would fail

    assertThat(output.flush()).isTrue();
    output.reserve(100);
    assertThat(output.flush()).isTrue();
  }
}
