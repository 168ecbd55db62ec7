package org.iscsi4j.target.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.PduFramer;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.loop.BufferPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Header, header digest, data, padding, data digest. */
class PduWriterTest {

  private final FakeChannel channel = new FakeChannel();
  private final Output output = new Output(channel, new BufferPool(), 4096);
  private final PduWriter writer = new PduWriter(output);
  private final PduFramer framer = new PduFramer();

  /** Where the next PDU is expected in what was written. */
  private int at;

  private static NopInPdu pdu(int tag, int dataLength) {
    return new NopInPdu(dataLength, 0x0102030405060708L, tag, -1, 7, 8, 9);
  }

  private void digests(boolean header, boolean data) {
    writer.digests(header, data);
    framer.headerDigest(header);
    framer.dataDigest(data);
  }

  /** Takes the next PDU apart and checks every part of it. */
  private void assertNext(int tag, byte[] data) {
    ByteBuffer all = ByteBuffer.wrap(channel.written());
    ByteBuffer header = ByteBuffer.allocate(Pdu.BHS_LENGTH);
    pdu(tag, data.length).encode(header, 0);
    assertThat(Arrays.copyOfRange(all.array(), at, at + Pdu.BHS_LENGTH)).isEqualTo(header.array());
    assertThat(framer.headerDigestOk(all, at)).isTrue();
    int dataAt = at + framer.headerLength(all, at);
    assertSame(Arrays.copyOfRange(all.array(), dataAt, dataAt + data.length), data);
    for (int i = data.length; i < Pdu.padded(data.length); i++) {
      assertThat(all.get(dataAt + i)).isZero();
    }
    assertThat(framer.dataDigestOk(all, dataAt, data.length)).isTrue();
    at = dataAt + framer.dataLength(all, at);
  }

  private void assertNothingMore() {
    assertThat(channel.written()).hasSize(at);
  }

  @ParameterizedTest(name = "header digest {0}, data digest {1}")
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void dataIsCopiedProducedOrSentInPlace(boolean header, boolean data) throws Exception {
    digests(header, data);
    int[] lengths = {0, 1, 2, 3, 4, 5, 100, 4095, 4096, 4097, PduWriter.SMALL_DATA};
    for (int length : lengths) {
      byte[] bytes = Patterns.bytes(length, length);
      writer.send(pdu(1, length), ByteBuffer.wrap(bytes));
      if (length > 0) {
        ByteBuffer room = writer.beginData(length);
        assertThat(room.remaining()).isEqualTo(length);
        room.put(bytes);
        writer.endData(pdu(2, length), length);
        writer.sendInPlace(pdu(3, length), ByteBuffer.wrap(bytes), () -> {});
      }
    }

    output.flush();

    for (int length : lengths) {
      byte[] bytes = Patterns.bytes(length, length);
      assertNext(1, bytes);
      if (length > 0) {
        assertNext(2, bytes);
        assertNext(3, bytes);
      }
    }
    assertNothingMore();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 4096, 262_144})
  void dataInPlaceMayBeAPartOfItsBuffer(int length) throws Exception {
    digests(true, true);
    byte[] bytes = Patterns.bytes(length, 1);
    ByteBuffer whole = ByteBuffer.allocate(length + 30).put(10, bytes);
    int[] sent = {0};

    writer.sendInPlace(pdu(1, length), whole.slice(10, length), () -> sent[0]++);
    writer.send(pdu(2, 0));
    assertThat(sent[0]).isZero();
    output.flush();

    assertThat(sent[0]).isEqualTo(1);
    assertNext(1, bytes);
    assertNext(2, new byte[0]);
    assertNothingMore();
  }

  @Test
  void roomThatIsForgottenLeavesNoTrace() throws Exception {
    digests(true, true);
    writer.send(pdu(1, 0));
    writer.beginData(5000).put(new byte[5000]);
    writer.beginData(100).put((byte) 1);
    writer.send(pdu(2, 4), ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));

    output.flush();

    assertNext(1, new byte[0]);
    assertNext(2, new byte[] {1, 2, 3, 4});
    assertNothingMore();
  }

  @Test
  void digestsBeginWithTheNextPdu() throws Exception {
    writer.send(pdu(1, 4), ByteBuffer.wrap(new byte[4]));
    digests(true, true);
    writer.send(pdu(2, 4), ByteBuffer.wrap(new byte[4]));
    output.flush();

    framer.headerDigest(false);
    framer.dataDigest(false);
    assertNext(1, new byte[4]);
    framer.headerDigest(true);
    framer.dataDigest(true);
    assertNext(2, new byte[4]);
    assertNothingMore();
  }

  @Test
  void dataKeepsItsPosition() {
    ByteBuffer data = ByteBuffer.wrap(new byte[10]).position(2).limit(6);

    writer.send(pdu(1, 4), data);

    assertThat(data.position()).isEqualTo(2);
    assertThat(data.limit()).isEqualTo(6);
  }

  @ParameterizedTest(name = "header digest {0}, data digest {1}")
  @CsvSource({"false, false", "true, true"})
  void whatIsSentIsRecordedAndCanBeSentAgain(boolean header, boolean data) throws Exception {
    digests(header, data);
    List<ByteBuffer> recorded = new ArrayList<>();
    writer.recorder(
        (headers, headerAt, body, bodyAt, length) -> {
          ByteBuffer copy = ByteBuffer.allocate(Pdu.BHS_LENGTH + length);
          copy.put(0, headers, headerAt, Pdu.BHS_LENGTH).put(Pdu.BHS_LENGTH, body, bodyAt, length);
          recorded.add(copy);
        });
    byte[] bytes = Patterns.bytes(5001, 1);
    writer.send(pdu(1, 0));
    writer.send(pdu(2, 3), ByteBuffer.wrap(bytes, 7, 3));
    writer.beginData(5001).put(bytes);
    writer.endData(pdu(3, 5001), 5001);
    writer.sendInPlace(pdu(4, 5000), ByteBuffer.wrap(bytes, 1, 5000), () -> {});
    List.copyOf(recorded).forEach(writer::sendAgain);

    output.flush();

    assertThat(recorded).hasSize(4);
    for (int round = 0; round < 2; round++) {
      assertNext(1, new byte[0]);
      assertNext(2, Arrays.copyOfRange(bytes, 7, 10));
      assertNext(3, bytes);
      assertNext(4, Arrays.copyOfRange(bytes, 1, 5001));
    }
    assertNothingMore();
  }
}
