package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data between an initiator and a device that never blocks. */
class ReadWriteTest {

  private static final int[] SIZES = {
    512, 1024, 4096, 8192, 8704, 65_536, 66_048, 131_072, 262_144, 262_656, 1 << 20, 3 << 20
  };

  private static TestServer server;
  private ScriptedInitiator initiator;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void disconnect() {
    initiator.close();
  }

  private void login(Consumer<LoginScript> words) {
    initiator = server.login(words);
  }

  private static byte[] onDisk(long lba, int bytes) throws IOException {
    byte[] data = Patterns.bytes(bytes, bytes ^ lba);
    server.disk().writeBytes(lba * 512, data);
    return data;
  }

  private void assertWrites(int bytes) {
    byte[] data = Patterns.bytes(bytes, bytes + 1);
    initiator.write(11, data);
    assertSame(server.disk().readBytes(11 * 512, bytes), data);
  }

  // ---- reads -----------------------------------------------------------------------------------

  @ParameterizedTest(name = "MaxRecvDataSegmentLength={0} MaxBurstLength={1}")
  @CsvSource({
    "512, 512",
    "512, 4096",
    "8192, 8192",
    "8192, 262144",
    "65536, 4096",
    "262144, 1048576",
    "1000, 5000",
    "16777215, 1048576"
  })
  void readsOfManySizesAreCutAsAgreed(int maxRecv, int maxBurst) throws Exception {
    login(
        words ->
            words.offer("MaxRecvDataSegmentLength", maxRecv).offer("MaxBurstLength", maxBurst));

    for (int bytes : SIZES) {
      byte[] data = onDisk(7, bytes);
      Exchange read = initiator.command(Cdbs.read10(7, bytes / 512)).read(bytes).await();

      assertThat(read.outcome()).isEqualTo("GOOD");
      assertSame(read.data(), data);
      assertThat(read.residual()).isEqualTo("none");
    }
  }

  @Test
  void statusComesWithTheLastData() throws Exception {
    login(words -> words.offer("MaxRecvDataSegmentLength", 4096).offer("MaxBurstLength", 8192));
    onDisk(0, 16_384);

    List<DataInPdu> pdus = initiator.command(Cdbs.read10(0, 32)).read(16_384).await().dataIn();

    int last = DataInPdu.FINAL | DataInPdu.STATUS;
    assertThat(pdus).extracting(DataInPdu::flags).containsExactly(0, DataInPdu.FINAL, 0, last);
    assertThat(pdus).extracting(DataInPdu::bufferOffset).containsExactly(0, 4096, 8192, 12_288);
  }

  @Test
  void parameterDataIsCutAsAgreedToo() {
    MemoryDevice[] disks = new MemoryDevice[200];
    Arrays.setAll(disks, i -> MemoryDevice.ofSize(512));
    try (TestServer many = TestServer.serving(disks)) {
      initiator =
          many.login(
              words -> words.offer("MaxRecvDataSegmentLength", 600).offer("MaxBurstLength", 800));

      Exchange report = initiator.command(Cdbs.reportLuns(4096)).read(4096).await();

      assertThat(report.outcome()).isEqualTo("GOOD");
      assertThat(report.data()).hasSize(8 + 200 * 8);
      assertThat(report.dataIn())
          .extracting(DataInPdu::dataSegmentLength)
          .containsExactly(600, 200, 600, 200, 8);
      assertThat(report.residual()).isEqualTo("underflow " + (4096 - 1608));
    }
  }

  @Test
  void manyReadsAtOnceAreAnsweredInTurn() throws Exception {
    login(words -> {});
    byte[] data = onDisk(0, 64 * 512);
    Exchange[] reads = new Exchange[64];
    for (int i = 0; i < reads.length; i++) {
      reads[i] = initiator.command(Cdbs.read10(i, 1)).read(512).send();
    }

    for (int i = 0; i < reads.length; i++) {
      assertThat(reads[i].await().data())
          .isEqualTo(Arrays.copyOfRange(data, i * 512, (i + 1) * 512));
    }
  }

  @Test
  void readBeyondTheLastBlockMovesNothing() {
    login(words -> {});

    Exchange read =
        initiator.command(Cdbs.read10(TestServer.DISK_SIZE / 512 - 1, 2)).read(1024).await();

    assertThat(read.outcome()).isEqualTo("CHECK CONDITION 5/21/00");
    assertThat(read.residual()).isEqualTo("underflow 1024");
    assertThat(read.dataIn()).isEmpty();
  }

  // ---- writes ----------------------------------------------------------------------------------

  @ParameterizedTest(name = "InitialR2T={0} ImmediateData={1} FirstBurst={2} MaxBurst={3} R2Ts={4}")
  @CsvSource({
    "Yes, Yes, 65536, 262144, 1",
    "Yes, No, 65536, 262144, 1",
    "No, Yes, 65536, 262144, 1",
    "No, No, 65536, 262144, 1",
    "No, Yes, 512, 512, 4",
    "No, No, 512, 4096, 3",
    "Yes, Yes, 1024, 8192, 4",
    "No, Yes, 262144, 1048576, 4",
    "No, Yes, 8700, 8700, 2"
  })
  void writesOfManySizesReachTheDevice(
      String initialR2t, String immediateData, int firstBurst, int maxBurst, int r2ts) {
    login(
        words ->
            words
                .offer("InitialR2T", initialR2t)
                .offer("ImmediateData", immediateData)
                .offer("FirstBurstLength", firstBurst)
                .offer("MaxBurstLength", maxBurst)
                .offer("MaxOutstandingR2T", r2ts));

    for (int bytes : SIZES) {
      assertWrites(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1000, 8192})
  void writesToATargetThatTakesLittleAtOnce(int maxRecv) throws Exception {
    try (TestServer small =
        TestServer.start(settings -> settings.maxRecvDataSegmentLength(maxRecv))) {
      initiator = small.login(words -> words.offer("InitialR2T", "No"));
      assertThat(initiator.negotiated().theirMaxRecv()).isEqualTo(maxRecv);
      for (int bytes : new int[] {512, 4096, 65_536, 131_072}) {
        byte[] data = Patterns.bytes(bytes, bytes);
        initiator.write(3, data);
        assertSame(small.disk().readBytes(3 * 512, bytes), data);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-512, 0, 512})
  void writesAroundTheFirstBurst(int more) {
    login(words -> words.offer("InitialR2T", "No").offer("FirstBurstLength", 16_384));

    byte[] data = Patterns.bytes(16_384 + more, more);
    Exchange write =
        initiator.command(Cdbs.write10(9, data.length / 512)).write(data).immediate(8192).await();

    assertThat(write.outcome()).isEqualTo("GOOD");
    assertThat(write.r2ts()).hasSize(more > 0 ? 1 : 0);
    assertSame(server.disk().readBytes(9 * 512, data.length), data);
  }

  @Test
  void r2tsAskForOneBurstEach() {
    login(words -> words.offer("MaxBurstLength", 8192).offer("MaxOutstandingR2T", 2));
    byte[] data = Patterns.bytes(20_480, 4);

    Exchange write = initiator.command(Cdbs.write10(0, 40)).write(data).immediate(0).await();

    assertThat(write.r2ts())
        .extracting(ReadyToTransferPdu::bufferOffset, ReadyToTransferPdu::desiredDataTransferLength)
        .containsExactly(tuple(0, 8192), tuple(8192, 8192), tuple(16_384, 4096));
    assertSame(server.disk().readBytes(0, 20_480), data);
  }

  @Test
  void dataOutMayComeInPiecesOfAnySize() {
    login(words -> {});
    byte[] data = Patterns.bytes(8192, 5);
    Exchange write =
        initiator.command(Cdbs.write10(0, 16)).write(data).immediate(0).leaveR2t().send();
    int tag = write.awaitR2t(0).targetTransferTag();

    int dataSn = 0;
    for (int at = 0; at < data.length; ) {
      int piece = Math.min(1 + 97 * dataSn, data.length - at);
      write.dataOut(tag, dataSn++, at, piece, at + piece == data.length);
      at += piece;
    }

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(0, 8192), data);
  }

  @Test
  void writesInterleaveWithReadsAndPings() throws Exception {
    login(words -> {});
    byte[] before = onDisk(4096, 65_536);
    byte[] data = Patterns.bytes(65_536, 6);
    Exchange write =
        initiator.command(Cdbs.write10(0, 128)).write(data).immediate(0).leaveR2t().send();
    int tag = write.awaitR2t(0).targetTransferTag();

    write.dataOut(tag, 0, 0, 1024, false);
    assertSame(initiator.read(4096, 128), before);
    write.dataOut(tag, 1, 1024, 1024, false);
    assertThat(initiator.ping(new byte[3])).hasSize(3);
    write.dataOut(tag, 2, 2048, 65_536 - 2048, true);

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(0, 65_536), data);
  }
}
