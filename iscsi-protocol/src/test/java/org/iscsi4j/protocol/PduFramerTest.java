package org.iscsi4j.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PduFramerTest {
  private static final int AT = 3;
  private static final int AHS = 8;
  private static final int DATA = 5;

  private final PduFramer framer = new PduFramer();
  private final Crc32cDigest digest = new Crc32cDigest();

  /** A NOP-Out with eight bytes of AHS, five bytes of data and both digests, at index 3. */
  private ByteBuffer nopOutWithDigests() {
    ByteBuffer pdu = ByteBuffer.allocate(AT + 48 + AHS + 4 + 8 + 4);
    new NopOutPdu(true, AHS, DATA, 0, 1, Pdu.RESERVED_TAG, 2, 3).encode(pdu, AT);
    new AdditionalHeader.BidirectionalReadLength(4711).encode(pdu, AT + 48);
    pdu.putInt(AT + 56, digest.of(pdu, AT, 56));
    pdu.put(AT + 60, new byte[] {1, 2, 3, 4, 5, 0, 0, 0});
    pdu.putInt(AT + 68, digest.of(pdu, AT + 60, 8));
    return pdu;
  }

  @ParameterizedTest
  @CsvSource({
    "false,false,0,48,0", "false,false,5,48,8", "true,false,5,52,8",
    "false,true,5,48,12", "true,true,4,52,8", "true,true,0,52,0"
  })
  void lengthsIncludePaddingAndDigests(
      boolean headerDigest, boolean dataDigest, int data, int headerLength, int dataLength) {
    ByteBuffer pdu = ByteBuffer.allocate(AT + 48);
    new NopInPdu(data, 0, 0, 0, 0, 0, 0).encode(pdu, AT);
    framer.headerDigest(headerDigest);
    framer.dataDigest(dataDigest);

    assertThat(framer.headerLength(pdu, AT)).isEqualTo(headerLength);
    assertThat(framer.dataLength(pdu, AT)).isEqualTo(dataLength);
  }

  @Test
  void aHeaderIsNeverLongerThan1072Bytes() {
    framer.headerDigest(true);
    ByteBuffer pdu = ByteBuffer.allocate(48).put(4, (byte) 0xff);

    assertThat(framer.headerLength(pdu, 0)).isEqualTo(48 + 255 * 4 + 4);
  }

  @Test
  void rightDigestsAreAccepted() {
    framer.headerDigest(true);
    framer.dataDigest(true);
    ByteBuffer pdu = nopOutWithDigests();

    assertThat(framer.headerLength(pdu, AT)).isEqualTo(60);
    assertThat(framer.headerDigestOk(pdu, AT)).isTrue();
    assertThat(framer.dataLength(pdu, AT)).isEqualTo(12);
    assertThat(framer.dataDigestOk(pdu, AT + 60, DATA)).isTrue();
    assertThat(pdu.position()).isZero();
    assertThat(pdu.remaining()).isEqualTo(pdu.capacity());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 47, 48, 55, 56, 59}) // BHS, AHS, digest; not the AHS length
  void aFlippedBitInTheHeaderIsFound(int at) {
    framer.headerDigest(true);
    ByteBuffer pdu = nopOutWithDigests();
    pdu.put(AT + at, (byte) (pdu.get(AT + at) ^ 0x10));

    assertThat(framer.headerDigestOk(pdu, AT)).isFalse();
    framer.headerDigest(false);
    assertThat(framer.headerDigestOk(pdu, AT)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 64, 67, 68, 71}) // data, padding, digest
  void aFlippedBitInTheDataIsFound(int at) {
    framer.dataDigest(true);
    ByteBuffer pdu = nopOutWithDigests();
    pdu.put(AT + at, (byte) (pdu.get(AT + at) ^ 0x01));

    assertThat(framer.dataDigestOk(pdu, AT + 60, DATA)).isFalse();
    framer.dataDigest(false);
    assertThat(framer.dataDigestOk(pdu, AT + 60, DATA)).isTrue();
  }

  @Test
  void anEmptyDataSegmentHasNoDigest() {
    framer.dataDigest(true);

    assertThat(framer.dataDigestOk(ByteBuffer.allocate(0), 0, 0)).isTrue();
  }

  @Test
  void moreDataThanDeclaredIsRefusedBeforeItComes() {
    framer.maxRecvDataSegmentLength(65536);
    ByteBuffer pdu = ByteBuffer.allocate(48);
    new NopInPdu(70000, 0, 0, 0, 0, 0, 0).encode(pdu, 0);

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> framer.checkHeader(pdu, 0))
        .withMessage("DataSegmentLength 70000 exceeds MaxRecvDataSegmentLength 65536");
  }

  @Test
  void theLimitItselfIsAllowedAndStartsAt8192() {
    ByteBuffer pdu = ByteBuffer.allocate(48);
    new NopInPdu(8192, 0, 0, 0, 0, 0, 0).encode(pdu, 0);
    assertThatNoException().isThrownBy(() -> framer.checkHeader(pdu, 0));

    new NopInPdu(8193, 0, 0, 0, 0, 0, 0).encode(pdu, 0);
    assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> framer.checkHeader(pdu, 0));
  }
}
