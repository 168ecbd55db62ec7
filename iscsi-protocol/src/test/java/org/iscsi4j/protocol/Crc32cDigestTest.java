package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of RFC 7143 appendix A.4 (RFC 3720 appendix B.4), as they travel. */
class Crc32cDigestTest {
  private static final String ZEROS =
      "0000000000000000000000000000000000000000000000000000000000000000";
  private static final String ONES =
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
  private static final String RISING =
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  private static final String FALLING =
      "1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100";
  private static final String READ_10 =
      "01c00000000000000000000000000000140000000000040000000014000000182800000000000000"
          + "0200000000000000";

  private final Crc32cDigest digest = new Crc32cDigest();

  @ParameterizedTest
  @CsvSource({
    ZEROS + ",aa36918a",
    ONES + ",43aba862",
    RISING + ",4e79dd46",
    FALLING + ",5cdb3f11",
    READ_10 + ",563a96d9"
  })
  void matchesTheExamplesOfTheRfc(String hex, String onTheWire) {
    byte[] bytes = Hex.bytes(hex);
    ByteBuffer heap = ByteBuffer.allocate(bytes.length + 7).put(3, bytes).position(5).limit(6);
    ByteBuffer direct =
        ByteBuffer.allocateDirect(bytes.length + 7).put(3, bytes).position(5).limit(6);
    ByteBuffer wire = ByteBuffer.allocate(Crc32cDigest.LENGTH);

    for (ByteBuffer buffer : new ByteBuffer[] {heap, direct, heap.asReadOnlyBuffer()}) {
      wire.putInt(0, digest.of(buffer, 3, bytes.length));
      assertThat(Hex.of(wire.array())).isEqualTo(onTheWire);
      assertThat(buffer.position()).isEqualTo(5);
      assertThat(buffer.limit()).isEqualTo(6);
    }
  }

  @Test
  void growsPieceByPiece() {
    ByteBuffer rising = Hex.buffer(RISING);

    digest.reset();
    digest.update(rising, 0, 5);
    digest.update(rising, 5, 0);
    digest.update(rising, 5, 27);

    assertThat(digest.value()).isEqualTo(0x4e79dd46);
  }

  @Test
  void coversThePaddingOfADataSegment() {
    for (int length = 29; length <= 32; length++) {
      digest.reset();
      digest.update(Hex.buffer(ZEROS), 0, length);
      digest.updatePadding(length);

      assertThat(digest.value()).as("%d bytes", length).isEqualTo(0xaa36918a);
    }
  }

  @Test
  void startsAnewWithEachDigest() {
    int first = digest.of(Hex.buffer(ONES), 0, 32);
    digest.update(Hex.buffer(ZEROS), 0, 32);

    assertThat(digest.of(Hex.buffer(ONES), 0, 32)).isEqualTo(first);
  }
}
