package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Patterns, and whole reads and writes of a device. */
final class Bytes {

  private Bytes() {}

  /** The same bytes for the same seed, none of them zero. */
  static byte[] pattern(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    for (int i = 0; i < length; i++) {
      bytes[i] |= 1;
    }
    return bytes;
  }

  /** Quick where AssertJ would look at each byte by itself. */
  static void assertEqual(byte[] actual, byte[] expected) {
    assertThat(Arrays.mismatch(actual, expected)).as("first byte that differs").isEqualTo(-1);
  }

  static void assertZero(byte[] actual) {
    assertEqual(actual, new byte[actual.length]);
  }

  static byte[] read(BlockDevice device, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    device.read(offset, ByteBuffer.wrap(bytes));
    return bytes;
  }

  static void write(BlockDevice device, long offset, byte[] bytes) throws IOException {
    device.write(offset, ByteBuffer.wrap(bytes));
  }
}
