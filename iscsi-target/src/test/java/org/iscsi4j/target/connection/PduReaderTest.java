package org.iscsi4j.target.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.Crc32cDigest;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Opcode;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.PduFramer;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.loop.BufferPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes cut anywhere become the same PDUs. */
class PduReaderTest {

  private static final int MAX_DATA = 64 * 1024;

  private final FakeChannel channel = new FakeChannel();
  private final PduFramer framer = new PduFramer();
  private final RecordingPhase phase = new RecordingPhase();
  private final ByteBuffer shared = ByteBuffer.allocateDirect(4096);
  private PduReader reader = newReader();

  private PduReader newReader() {
    framer.maxRecvDataSegmentLength(MAX_DATA);
    PduReader made = new PduReader(channel, new BufferPool(), framer, 4096);
    made.phase(phase);
    return made;
  }

  /** Remembers PDUs as text: opcode, tag, and a checksum of the data. */
  private final class RecordingPhase implements Phase {
    private final List<String> seen = new ArrayList<>();
    private boolean sinks;
    private boolean pauses;
    private ByteBuffer sink;

    @Override
    public void pdu(ByteBuffer in, int bhsAt, int dataAt, int dataLength) {
      byte[] data = new byte[dataLength];
      in.get(dataAt, data);
      seen.add(describe(Pdu.opcode(in, bhsAt), in.getInt(bhsAt + 16), data));
      in.limit(dataAt + dataLength).position(dataAt); // a phase may leave the buffer narrowed
      if (pauses) {
        reader.pause();
      }
    }

    @Override
    public ByteBuffer sink(ByteBuffer in, int bhsAt) {
      if (!sinks || Pdu.opcode(in, bhsAt) != Opcode.DATA_OUT) {
        return PduReader.NO_SINK;
      }
      // in the middle of something larger, as the data of a write is
      sink = ByteBuffer.allocate(MAX_DATA + 10);
      return sink.slice(5, Pdu.dataSegmentLength(in, bhsAt));
    }

    @Override
    public void sinkFull(ByteBuffer bhs) {
      byte[] data = new byte[Pdu.dataSegmentLength(bhs, 0)];
      sink.get(5, data);
      seen.add(describe(Pdu.opcode(bhs, 0), bhs.getInt(16), data));
      if (pauses) {
        reader.pause();
      }
    }

    @Override
    public void dataDigestError(ByteBuffer in, int bhsAt) {
      seen.add("damaged " + Pdu.opcode(in, bhsAt) + " " + in.getInt(bhsAt + 16));
    }

    @Override
    public void closed(EndReason reason) {}
  }

  private static String describe(int opcode, int tag, byte[] data) {
    CRC32 sum = new CRC32();
    sum.update(data);
    return opcode + " " + tag + " " + data.length + " " + sum.getValue();
  }

  // ---- what is sent ----------------------------------------------------------------------------

  private static final class Stream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<String> described = new ArrayList<>();
    private final boolean headerDigest;
    private final boolean dataDigest;
    private int tag;

    Stream(boolean headerDigest, boolean dataDigest) {
      this.headerDigest = headerDigest;
      this.dataDigest = dataDigest;
    }

    Stream ping(int ahsLength, int dataLength) {
      tag++;
      byte[] data = Patterns.bytes(dataLength, tag);
      add(new NopOutPdu(true, ahsLength, dataLength, 0, tag, -1, 0, 0), ahsLength, data);
      return this;
    }

    Stream dataOut(int dataLength) {
      tag++;
      byte[] data = Patterns.bytes(dataLength, tag);
      add(new DataOutPdu(true, 0, dataLength, 0, tag, 1, 0, 0, 0), 0, data);
      return this;
    }

    private void add(Pdu pdu, int ahsLength, byte[] data) {
      described.add(describe(pdu.opcode(), tag, data));
      ByteBuffer header = ByteBuffer.allocate(Pdu.BHS_LENGTH + ahsLength);
      pdu.encode(header, 0);
      header.put(Pdu.BHS_LENGTH, Patterns.bytes(ahsLength, 3));
      put(header.array(), headerDigest);
      if (data.length > 0) {
        put(Arrays.copyOf(data, Pdu.padded(data.length)), dataDigest);
      }
    }

    private void put(byte[] segment, boolean digest) {
      bytes.writeBytes(segment);
      if (digest) {
        int value = new Crc32cDigest().of(ByteBuffer.wrap(segment), 0, segment.length);
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
      }
    }

    byte[] bytes() {
      return bytes.toByteArray();
    }
  }

  private Stream stream(boolean headerDigest, boolean dataDigest) {
    framer.headerDigest(headerDigest);
    framer.dataDigest(dataDigest);
    return new Stream(headerDigest, dataDigest);
  }

  private static Stream mixed(Stream stream) {
    return stream
        .ping(0, 0)
        .ping(0, 1)
        .ping(4, 0)
        .dataOut(50)
        .ping(12, 7)
        .dataOut(4)
        .ping(0, 0)
        .dataOut(99);
  }

  private void readAll() throws Exception {
    while (!channel.isDrained()) {
      assertThat(reader.read(shared)).isTrue();
      while (reader.paused()) {
        reader.resume(shared);
      }
    }
  }

  // ---- cuts ------------------------------------------------------------------------------------

  @ParameterizedTest(name = "header digest {0}, data digest {1}, sink {2}")
  @CsvSource({
    "false, false, false",
    "false, false, true",
    "true, false, true",
    "false, true, true",
    "true, true, false",
    "true, true, true"
  })
  void bytesMayBeCutAnywhere(boolean headerDigest, boolean dataDigest, boolean sinks)
      throws Exception {
    Stream stream = mixed(stream(headerDigest, dataDigest));
    byte[] bytes = stream.bytes();
    phase.sinks = sinks;
    for (int cut = 0; cut <= bytes.length; cut++) {
      reader = newReader();
      phase.seen.clear();
      channel.arrives(Arrays.copyOf(bytes, cut), Arrays.copyOfRange(bytes, cut, bytes.length));

      readAll();

      assertThat(phase.seen).as("cut at %d", cut).isEqualTo(stream.described);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 48, 100})
  void bytesMayComeInPieces(int size) throws Exception {
    Stream stream = mixed(stream(true, true));
    byte[] bytes = stream.bytes();
    phase.sinks = true;
    for (int at = 0; at < bytes.length; at += size) {
      channel.arrives(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)));
    }

    readAll();

    assertThat(phase.seen).isEqualTo(stream.described);
  }

  @ParameterizedTest
  @CsvSource({"false, 1", "false, 500", "true, 1", "true, 500", "true, 100000"})
  void segmentsMayBeLargerThanTheReceiveBuffer(boolean sinks, int size) throws Exception {
    Stream stream =
        stream(true, true).ping(0, 20_000).dataOut(MAX_DATA).ping(4, 0).dataOut(4097).ping(0, 3);
    byte[] bytes = stream.bytes();
    phase.sinks = sinks;
    for (int at = 0; at < bytes.length; at += size) {
      channel.arrives(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)));
    }

    readAll();

    assertThat(phase.seen).isEqualTo(stream.described);
  }

  @Test
  void longestHeaderIsRead() throws Exception {
    Stream stream = stream(true, true).ping(1020, 5).ping(1020, 0).ping(0, 1);
    byte[] bytes = stream.bytes();
    for (byte each : bytes) {
      channel.arrives(new byte[] {each});
    }

    readAll();

    assertThat(phase.seen).isEqualTo(stream.described);
  }

  // ---- pauses ----------------------------------------------------------------------------------

  @Test
  void nothingIsDeliveredWhilePaused() throws Exception {
    Stream stream = mixed(stream(false, false));
    phase.pauses = true;
    channel.arrives(stream.bytes());

    reader.read(shared);

    for (int i = 1; i <= stream.described.size(); i++) {
      assertThat(phase.seen).isEqualTo(stream.described.subList(0, i));
      assertThat(reader.paused()).isTrue();
      reader.resume(shared);
    }
    assertThat(reader.paused()).isFalse();
  }

  @Test
  void pausesMayComeAtAnyCut() throws Exception {
    Stream stream = mixed(stream(true, true));
    byte[] bytes = stream.bytes();
    phase.sinks = true;
    phase.pauses = true;
    for (int cut = 0; cut <= bytes.length; cut++) {
      reader = newReader();
      phase.seen.clear();
      channel.arrives(Arrays.copyOf(bytes, cut), Arrays.copyOfRange(bytes, cut, bytes.length));

      readAll();

      assertThat(phase.seen).as("cut at %d", cut).isEqualTo(stream.described);
    }
  }

  // ---- damage ----------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void damagedDataIsToldAndTheNextPduIsRight(boolean sinks) throws Exception {
    Stream stream = stream(true, true).dataOut(50).dataOut(60).ping(0, 9);
    phase.sinks = sinks;
    byte[] bytes = stream.bytes();
    int dataAt = Pdu.BHS_LENGTH + 4;
    for (int damage = dataAt; damage < dataAt + 56; damage++) {
      reader = newReader();
      phase.seen.clear();
      byte[] damaged = bytes.clone();
      damaged[damage] ^= 1;
      channel.arrives(Arrays.copyOf(damaged, 60), Arrays.copyOfRange(damaged, 60, damaged.length));

      readAll();

      assertThat(phase.seen)
          .as("damage at %d", damage)
          .containsExactly("damaged 5 1", stream.described.get(1), stream.described.get(2));
    }
  }

  @Test
  void damagedHeaderIsTheEnd() {
    byte[] bytes = stream(true, false).ping(0, 0).bytes();
    bytes[17] ^= 1;
    channel.arrives(bytes);

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> reader.read(shared))
        .withMessageContaining("header digest");
    assertThat(phase.seen).isEmpty();
  }

  @Test
  void lengthBeyondTheLimitIsTheEndBeforeAnythingIsAwaited() {
    byte[] bytes = stream(false, false).ping(0, 0).bytes();
    ByteBuffer.wrap(bytes).putInt(4, MAX_DATA + 1);
    channel.arrives(bytes);

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> reader.read(shared))
        .withMessageContaining("65537");
  }

  // ---- the end ---------------------------------------------------------------------------------

  @Test
  void endOfInputIsToldBehindTheLastPdu() throws Exception {
    Stream stream = stream(false, false).ping(0, 5);
    channel.arrives(stream.bytes());
    channel.ends();

    assertThat(reader.read(shared)).isTrue();
    assertThat(reader.read(shared)).isFalse();
    assertThat(phase.seen).isEqualTo(stream.described);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 48, 60, 90})
  void endOfInputInTheMiddleOfAPduIsTold(int cut) throws Exception {
    phase.sinks = true;
    channel.arrives(Arrays.copyOf(stream(false, false).dataOut(50).bytes(), cut));
    channel.ends();

    assertThat(reader.read(shared)).isTrue();
    assertThat(reader.read(shared)).isFalse();
    assertThat(phase.seen).isEmpty();
    reader.close();
  }

  @Test
  void nothingAvailableIsNotTheEnd() throws Exception {
    assertThat(reader.read(shared)).isTrue();
    assertThat(phase.seen).isEmpty();
  }
}
