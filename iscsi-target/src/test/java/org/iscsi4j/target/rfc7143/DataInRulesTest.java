package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.protocol.AdditionalHeader;
import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.LoginResponsePdu;
import org.iscsi4j.protocol.LogoutRequestPdu;
import org.iscsi4j.protocol.LogoutResponsePdu;
import org.iscsi4j.protocol.NopInPdu;
import org.iscsi4j.protocol.NopOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ReadyToTransferPdu;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.TaskManagementRequestPdu;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.protocol.TextRequestPdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.CommandScript;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.FaultyDevice;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a target sends for a read, what it tells of the rest, and how it reads the header of a
 * command (RFC 7143 sections 11.2 to 11.4 and 11.7).
 */
class DataInRulesTest {

  private static final int BLOCK = Cdbs.BLOCK;
  private static final long BEYOND = TestServer.DISK_SIZE / BLOCK;

  private TestServer server;
  private ScriptedInitiator initiator;

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  private void start() {
    start(login -> {});
  }

  private void start(Consumer<LoginScript> words) {
    server = TestServer.start();
    initiator = server.login(words);
  }

  private byte[] onDisk(int bytes) throws IOException {
    byte[] data = Patterns.bytes(bytes, bytes);
    server.disk().writeBytes(0, data);
    return data;
  }

  // ---- 55: Data-In -----------------------------------------------------------------------------

  @ParameterizedTest(name = "MaxRecvDataSegmentLength={0} MaxBurstLength={1} bytes={2}")
  @CsvSource({
    "512, 512, 2048",
    "512, 1024, 3072",
    "512, 1024, 2560", // ends inside a burst
    "8192, 8192, 8192",
    "1000, 2500, 10240", // neither divides the other
    "8192, 1024, 4096", // a burst is less than a segment
    "262144, 65536, 1048576",
    "16777215, 262144, 1048576"
  })
  @Item(value = 55, section = "11.7", rule = "Data-In sequences")
  void dataIsCutIntoSequences(int maxRecv, int maxBurst, int bytes) throws Exception {
    start(
        login ->
            login.offer("MaxRecvDataSegmentLength", maxRecv).offer("MaxBurstLength", maxBurst));
    byte[] data = onDisk(bytes);

    Exchange read = initiator.command(Cdbs.read10(0, bytes / BLOCK)).read(bytes).await();

    assertSame(read.data(), data);
    int offset = 0;
    for (int i = 0; i < read.dataIn().size(); i++) {
      DataInPdu pdu = read.dataIn().get(i);
      assertThat(pdu.dataSn()).isEqualTo(i);
      assertThat(pdu.bufferOffset()).isEqualTo(offset);
      assertThat(pdu.dataSegmentLength())
          .isPositive()
          .isLessThanOrEqualTo(Math.min(maxRecv, maxBurst));
      offset += pdu.dataSegmentLength();
      boolean end = offset == bytes;
      boolean boundary = offset % maxBurst == 0;
      assertThat((pdu.flags() & DataInPdu.FINAL) != 0).isEqualTo(end || boundary);
      assertThat((pdu.flags() & DataInPdu.STATUS) != 0).isEqualTo(end);
    }
    assertThat(offset).isEqualTo(bytes);
  }

  @Test
  @Item(value = 55, section = "11.7", rule = "Data-In sequences")
  void parameterDataIsCutAlike() {
    MemoryDevice[] disks = new MemoryDevice[200];
    Arrays.setAll(disks, i -> MemoryDevice.ofSize(BLOCK));
    server = TestServer.serving(disks);
    initiator =
        server.login(
            login -> login.offer("MaxRecvDataSegmentLength", 600).offer("MaxBurstLength", 800));

    Exchange report = initiator.command(Cdbs.reportLuns(4096)).read(4096).await();

    int last = DataInPdu.FINAL | DataInPdu.STATUS | DataInPdu.UNDERFLOW;
    assertThat(report.dataIn())
        .extracting(DataInPdu::dataSegmentLength)
        .containsExactly(600, 200, 600, 200, 8);
    assertThat(report.dataIn())
        .extracting(DataInPdu::flags)
        .containsExactly(0, DataInPdu.FINAL, 0, DataInPdu.FINAL, last);
  }

  @Test
  @Item(value = 55, section = "11.7", rule = "Data-In sequences")
  void readOfNothingGetsAResponseAlone() {
    start();

    for (Exchange read :
        List.of(
            initiator.command(Cdbs.read10(0, 0)).read(0).await(),
            initiator.command(Cdbs.read10(0, 0)).read(BLOCK).await(),
            initiator.command(Cdbs.read10(0, 1)).read(0).await(),
            initiator.command(Cdbs.inquiry(0)).read(36).await())) {
      assertThat(read.outcome()).isEqualTo("GOOD");
      assertThat(read.dataIn()).isEmpty();
    }
  }

  @Test
  @Item(value = 55, section = "11.7", rule = "Data-In sequences")
  void statusOfAReadThatFailsComesInItsResponse() {
    FaultyDevice device = new FaultyDevice(1 << 20, Blocking.NEVER);
    server = TestServer.serving(device);
    initiator =
        server.login(
            login -> login.offer("MaxRecvDataSegmentLength", 4096).offer("MaxBurstLength", 8192));
    device.failAfter(3, new IOException("worn out"));

    Exchange read = initiator.command(Cdbs.read10(0, 64)).read(32_768).await();

    assertThat(read.outcome()).startsWith("CHECK CONDITION 3/");
    assertThat(read.dataIn())
        .extracting(DataInPdu::flags)
        .containsExactly(0, DataInPdu.FINAL, 0); // no S
    assertThat(read.residual()).isEqualTo("underflow " + (32_768 - 3 * 4096));
  }

  // ---- 56: residuals ---------------------------------------------------------------------------

  /** What R and W say. */
  private enum Direction {
    NONE,
    READ,
    WRITE,
    BOTH
  }

  /** What a CDB moves: two blocks or nothing. */
  private enum Moves {
    IN,
    OUT,
    NOTHING;

    static final int BYTES = 2 * BLOCK;

    byte[] cdb(long lba) {
      return switch (this) {
        case IN -> Cdbs.read10(lba, 2);
        case OUT -> Cdbs.write10(lba, 2);
        case NOTHING -> Cdbs.testUnitReady();
      };
    }
  }

  /** None, less than, as much as and more than what the CDBs move. */
  private static final int[] EXPECTED = {0, BLOCK, Moves.BYTES, 2 * Moves.BYTES};

  private static String residual(int expected, int wanted) {
    if (expected == wanted) {
      return "none";
    }
    return wanted > expected
        ? "overflow " + (wanted - expected)
        : "underflow " + (expected - wanted);
  }

  /** The main residual; data that goes the other way than the initiator expects does not count. */
  private static String residual(Direction direction, Moves moves, int expected, int wanted) {
    boolean otherWay =
        switch (direction) {
          case NONE -> false;
          case READ -> moves == Moves.OUT && expected > 0;
          case WRITE -> moves == Moves.IN && expected > 0;
          case BOTH -> moves == Moves.IN;
        };
    return residual(expected, otherWay ? 0 : wanted);
  }

  private CommandScript command(Direction direction, byte[] cdb, int expected, int expectedIn) {
    CommandScript command = initiator.command(cdb);
    return switch (direction) {
      case NONE -> command;
      case READ -> command.read(expected);
      case WRITE -> command.write(Patterns.bytes(expected, 6));
      case BOTH -> command.write(Patterns.bytes(expected, 6)).alsoRead(expectedIn);
    };
  }

  @ParameterizedTest
  @EnumSource
  @Item(value = 56, section = "11.4.5", rule = "residual counts")
  void residualOfOneDirection(Moves moves) throws Exception {
    start();
    byte[] data = onDisk(4096);
    for (Direction direction : List.of(Direction.NONE, Direction.READ, Direction.WRITE)) {
      for (int expected : direction == Direction.NONE ? new int[] {0} : EXPECTED) {
        for (long lba : new long[] {0, BEYOND}) {
          server.disk().writeBytes(0, data);
          assertResidual(direction, moves, expected, lba, data);
        }
      }
    }
  }

  private void assertResidual(
      Direction direction, Moves moves, int expected, long lba, byte[] data) {
    String what = direction + " of " + expected + " bytes, CDB moves " + moves + " at " + lba;
    boolean good = lba == 0 || moves == Moves.NOTHING;
    int wanted = good && moves != Moves.NOTHING ? Moves.BYTES : 0;

    Exchange done = command(direction, moves.cdb(lba), expected, 0).await();

    assertThat(done.outcome()).as(what).isEqualTo(good ? "GOOD" : "CHECK CONDITION 5/21/00");
    assertThat(done.residual()).as(what).isEqualTo(residual(direction, moves, expected, wanted));
    int in = direction == Direction.READ && moves == Moves.IN ? Math.min(expected, wanted) : 0;
    assertThat(done.data()).as(what).isEqualTo(Arrays.copyOf(data, in));
    int out = direction == Direction.WRITE && moves == Moves.OUT ? Math.min(expected, wanted) : 0;
    byte[] written = data.clone();
    System.arraycopy(Patterns.bytes(expected, 6), 0, written, 0, out);
    assertSame(server.disk().readBytes(0, data.length), written);
  }

  @ParameterizedTest
  @EnumSource
  @Item(value = 56, section = "11.4.5", rule = "residual counts")
  @Item(value = 56, section = "11.4.6", rule = "bidirectional read residual counts")
  void residualsOfBothDirections(Moves moves) throws Exception {
    start();
    onDisk(4096);
    for (int expectedOut : EXPECTED) {
      for (int expectedIn : EXPECTED) {
        for (long lba : new long[] {0, BEYOND}) {
          String what =
              expectedOut + " out and " + expectedIn + " in, CDB moves " + moves + " at " + lba;
          int wanted = lba == 0 && moves != Moves.NOTHING ? Moves.BYTES : 0;

          Exchange done = command(Direction.BOTH, moves.cdb(lba), expectedOut, expectedIn).await();

          assertThat(done.residual())
              .as(what)
              .isEqualTo(residual(Direction.BOTH, moves, expectedOut, wanted));
          int wantedIn = moves == Moves.IN ? wanted : 0;
          assertThat(done.bidirectionalReadResidual())
              .as(what)
              .isEqualTo(residual(expectedIn, wantedIn));
          assertThat(done.data()).as(what).hasSize(Math.min(expectedIn, wantedIn));
          // one residual count is not enough for two, so the status never comes in Data-In
          assertThat(done.dataIn()).as(what).noneMatch(pdu -> hasStatus(pdu));
        }
      }
    }
  }

  private static boolean hasStatus(DataInPdu pdu) {
    return (pdu.flags() & DataInPdu.STATUS) != 0;
  }

  @Test
  @Item(value = 56, section = "11.4.5", rule = "residual counts")
  void bothDirectionsWithoutAReadLengthExpectToReadNothing() throws Exception {
    start();
    onDisk(BLOCK);

    Exchange read =
        initiator
            .command(Cdbs.read10(0, 1))
            .write(new byte[0])
            .alsoRead(0)
            .ahs(new byte[0])
            .await();

    assertThat(read.residual()).isEqualTo("none");
    assertThat(read.bidirectionalReadResidual()).isEqualTo("overflow 512");
  }

  @ParameterizedTest(name = "READ of {0} blocks, {1} bytes expected")
  @CsvSource({
    "2, 1025, 1024, underflow 1",
    "2, 1000, 1000, overflow 24",
    "2, 1, 1, overflow 1023",
    "0, 512, 0, underflow 512",
    "0, 0, 0, none",
    "64, 32769, 32768, underflow 1", // several segments
    "64, 32767, 32767, overflow 1"
  })
  @Item(value = 56, section = "11.4.5", rule = "residual counts")
  void residualOfARead(int blocks, int expected, int moved, String residual) throws Exception {
    start();
    byte[] data = onDisk(65_536);

    Exchange read = initiator.command(Cdbs.read10(0, blocks)).read(expected).await();

    assertThat(read.residual()).isEqualTo(residual);
    assertSame(read.data(), Arrays.copyOf(data, moved));
    // the status, and with it the residual, comes with the last data if there is any
    assertThat(read.dataIn().stream().filter(DataInRulesTest::hasStatus).count())
        .isEqualTo(moved > 0 ? 1 : 0);
  }

  @ParameterizedTest(name = "WRITE of {0} blocks, {1} bytes offered")
  @CsvSource({
    "2, 1024, 1024, none",
    "2, 2048, 1024, underflow 1024",
    "2, 512, 512, overflow 512",
    "2, 700, 512, overflow 324", // only whole blocks can be written
    "2, 0, 0, overflow 1024",
    "0, 512, 0, underflow 512"
  })
  @Item(value = 56, section = "11.4.5", rule = "residual counts")
  void residualOfAWrite(int blocks, int offered, int written, String residual) {
    start();
    byte[] data = Patterns.bytes(offered, 2);
    for (int immediate : new int[] {0, offered}) {
      server.disk().clear();

      Exchange write =
          initiator.command(Cdbs.write10(0, blocks)).write(data).immediate(immediate).await();

      assertThat(write.outcome()).isEqualTo("GOOD");
      assertThat(write.residual()).isEqualTo(residual);
      assertSame(
          server.disk().readBytes(0, 4096), Arrays.copyOf(Arrays.copyOf(data, written), 4096));
    }
  }

  @Test
  @Item(value = 56, section = "11.4.5", rule = "residual counts")
  void residualOfTheLargestExpectedLength() throws Exception {
    start();
    byte[] data = onDisk(BLOCK);

    Exchange read = initiator.command(Cdbs.read10(0, 1)).read(-1).await();
    assertSame(read.data(), data);
    assertThat(read.residual()).isEqualTo("underflow 4294966783");

    Exchange write =
        initiator.command(Cdbs.write10(1, 1)).write(data).expected(-1).immediate(BLOCK).await();
    assertThat(write.outcome()).isEqualTo("GOOD");
    assertThat(write.residual()).isEqualTo("underflow 4294966783");
    assertSame(server.disk().readBytes(BLOCK, BLOCK), data);
  }

  /** The SCSI layer has cut the list already, so only what it would send counts. */
  @ParameterizedTest(name = "ALLOCATION LENGTH {0}, {1} bytes expected")
  @CsvSource({
    "16, 16, 16, none", // cut by the CDB: no overflow, though the list has 72 bytes
    "16, 72, 16, underflow 56",
    "72, 72, 72, none",
    "4096, 4096, 72, underflow 4024",
    "4096, 16, 16, overflow 56", // not by 4080
    "40, 16, 16, overflow 24"
  })
  @Item(value = 56, section = "11.4.5.3", rule = "residual overflow of REPORT LUNS")
  void residualOfReportLuns(int allocation, int expected, int moved, String residual) {
    MemoryDevice[] disks = new MemoryDevice[8];
    Arrays.setAll(disks, i -> MemoryDevice.ofSize(BLOCK));
    server = TestServer.serving(disks);
    initiator = server.login();

    Exchange report = initiator.command(Cdbs.reportLuns(allocation)).read(expected).await();

    assertThat(report.data()).hasSize(moved);
    assertThat(ByteBuffer.wrap(report.data()).getInt()).isEqualTo(64); // the length of the list
    assertThat(report.residual()).isEqualTo(residual);
  }

  // ---- 58: additional header segments ----------------------------------------------------------

  private static byte[] encoded(AdditionalHeader... headers) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (AdditionalHeader header : headers) {
      byte[] one = new byte[header.encodedLength()];
      header.encode(ByteBuffer.wrap(one), 0);
      all.writeBytes(one);
    }
    return all.toByteArray();
  }

  private static AdditionalHeader unknown(int contentLength) {
    return new AdditionalHeader.Unknown(33, Patterns.bytes(contentLength, 33));
  }

  /** A CDB of 32 bytes for the blocks at 5. */
  private static byte[] thirtyTwo(int serviceAction, int blocks) {
    return ByteBuffer.allocate(32)
        .put(0, (byte) 0x7f)
        .put(7, (byte) 24)
        .putShort(8, (short) serviceAction)
        .putLong(12, 5)
        .putInt(28, blocks)
        .array();
  }

  private static AdditionalHeader restOf(byte[] cdb) {
    return new AdditionalHeader.ExtendedCdb(Arrays.copyOfRange(cdb, 16, cdb.length));
  }

  @Test
  @Item(value = 58, section = "11.2.2.3", rule = "extended CDB")
  void commandsOf32BytesMoveData() {
    start();
    byte[] data = Patterns.bytes(16_384, 7);
    byte[] write = thirtyTwo(0x0b, 32);
    byte[] read = thirtyTwo(0x09, 32);

    Exchange written = initiator.command(write).write(data).ahs(encoded(restOf(write))).await();
    Exchange back = initiator.command(read).read(data.length).ahs(encoded(restOf(read))).await();

    assertThat(written.outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(5 * BLOCK, data.length), data);
    assertSame(back.data(), data);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 13, 15})
  @Item(value = 58, section = "11.2.2.3", rule = "extended CDB")
  void extendedCdbIsPadded(int bytes) {
    start();
    byte[] read = thirtyTwo(0x09, 0);
    byte[] ahs =
        encoded(new AdditionalHeader.ExtendedCdb(Arrays.copyOfRange(read, 16, 16 + bytes)));
    Arrays.fill(ahs, 4 + bytes, ahs.length, (byte) 0x55); // padding says nothing

    // it says that it has 32 bytes, and has not
    assertThat(initiator.command(read).ahs(ahs).await().outcome()).startsWith("CHECK CONDITION 5/");
    assertGoesOn();
  }

  @Test
  @Item(value = 58, section = "11.2.2.3", rule = "extended CDB")
  void longestCdbIsReadWhole() {
    start();
    byte[] cdb = new byte[260];
    cdb[0] = 0x7f;
    cdb[7] = (byte) 252;

    // no service action of ours is so long
    assertThat(initiator.command(cdb).ahs(encoded(restOf(cdb))).await().outcome())
        .startsWith("CHECK CONDITION 5/");
    assertGoesOn();
  }

  @Test
  @Item(value = 58, section = "11.2.2.4", rule = "bidirectional read length")
  void readLengthOfABidirectionalCommandHolds() throws Exception {
    start();
    byte[] data = onDisk(4096);

    Exchange read = initiator.command(Cdbs.read10(0, 8)).write(data).alsoRead(1024).await();

    assertSame(read.data(), Arrays.copyOf(data, 1024));
  }

  @Test
  @Item(value = 58, section = "11.2.2.4", rule = "bidirectional read length")
  void readLengthOfAnotherCommandIsIgnored() throws Exception {
    start();
    byte[] data = onDisk(1024);
    byte[] ahs = encoded(new AdditionalHeader.BidirectionalReadLength(7));

    Exchange read = initiator.command(Cdbs.read10(0, 2)).read(1024).ahs(ahs).await();

    assertSame(read.data(), data);
    assertThat(read.residual()).isEqualTo("none");
  }

  @Test
  @Item(value = 58, section = "11.2.2", rule = "additional header segments")
  void segmentsOfUnknownTypesAreSkipped() throws Exception {
    start();
    byte[] data = onDisk(4096);
    byte[] read = thirtyTwo(0x09, 1);
    server.disk().writeBytes(5 * BLOCK, Arrays.copyOf(data, BLOCK));
    AdditionalHeader empty = new AdditionalHeader.Unknown(0, new byte[0]);

    byte[] ahs = encoded(unknown(5), empty, restOf(read), unknown(1), unknown(2));
    Exchange done = initiator.command(read).read(BLOCK).ahs(ahs).await();

    assertSame(done.data(), Arrays.copyOf(data, BLOCK));
  }

  @Test
  @Item(value = 58, section = "11.2.2", rule = "additional header segments")
  void mostSegmentsBeforeDataKeepTheFraming() {
    start();
    byte[] data = Patterns.bytes(BLOCK, 3);

    Exchange write =
        initiator.command(Cdbs.write10(0, 1)).write(data).ahs(encoded(unknown(1017))).await();

    assertThat(write.outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(0, BLOCK), data);
  }

  @Test
  @Item(value = 58, section = "11.2.2", rule = "additional header segments")
  void segmentsOfOtherRequestsKeepTheFraming() {
    start();
    NopOutPdu ping = pingPdu();
    byte[] plain = initiator.bytes(ping, new byte[] {1, 2, 3, 4});
    byte[] ahs = encoded(unknown(1017));
    ByteBuffer whole = ByteBuffer.allocate(plain.length + ahs.length);
    whole.put(plain, 0, 48).put(ahs).put(plain, 48, 4).put(4, (byte) (ahs.length / 4));

    initiator.sendRaw(ping, whole.array());

    assertThat(initiator.answer(ping.initiatorTaskTag(), "an echo").data())
        .containsExactly(1, 2, 3, 4);
    assertGoesOn();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ffff0100", // longer than what is left
        "0001210000052100", // the second one is
        "00000100", // an extended CDB without a byte
        "0003020000000000" // a read length of the wrong length
      })
  @Item(value = 58, section = "11.2.2", rule = "additional header segments")
  void segmentThatMakesNoSenseIsRejected(String hex) {
    start();
    byte[] ahs = HexFormat.of().parseHex(hex);

    initiator.command(Cdbs.testUnitReady()).ahs(ahs).send();

    // TotalAHSLength is right, so framing is not lost
    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertGoesOn();
  }

  @Test
  @Item(value = 58, section = "13.1", rule = "header digest covers all of the header")
  void headerDigestCoversTheSegments() {
    start(login -> login.offer("HeaderDigest", "CRC32C").offer("DataDigest", "CRC32C"));
    byte[] data = Patterns.bytes(BLOCK, 4);
    byte[] ahs = encoded(unknown(1017));
    Exchange write = initiator.command(Cdbs.write10(0, 1)).write(data).ahs(ahs).await();
    assertThat(write.outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(0, BLOCK), data);

    initiator.command(Cdbs.testUnitReady()).ahs(ahs).damage(48 + 1000).send();

    initiator.awaitEnd();
  }

  @Test
  @Item(value = 58, section = "11.2.2", rule = "additional header segments")
  void segmentsOfDataThatComesInPartsAreQuotedWhole() {
    start(login -> login.offer("DataDigest", "CRC32C").offer("MaxRecvDataSegmentLength", 8192));
    byte[] data = Patterns.bytes(262_144, 5);
    Exchange write =
        initiator.command(Cdbs.write10(0, 512)).write(data).immediate(0).leaveR2t().send();
    DataOutPdu pdu = write.dataOutPdu(write.awaitR2t(0).targetTransferTag(), 0, 0, true);
    byte[] plain = initiator.bytes(pdu, data);
    byte[] ahs = encoded(unknown(201));
    ByteBuffer whole = ByteBuffer.allocate(plain.length + ahs.length);
    whole.put(plain, 0, 48).put(ahs).put(plain, 48, plain.length - 48);
    whole.put(4, (byte) (ahs.length / 4)).put(100_000, (byte) (whole.get(100_000) ^ 1));

    initiator.sendRaw(pdu, whole.array());

    assertThat(initiator.awaitRejected().data())
        .isEqualTo(Arrays.copyOf(whole.array(), 48 + ahs.length));
    assertThat(write.await().outcome()).isEqualTo("CHECK CONDITION b/47/05");
  }

  // ---- 59: reserved bits -----------------------------------------------------------------------

  private NopOutPdu pingPdu() {
    return new NopOutPdu(
        true,
        0,
        0,
        0,
        initiator.newTag(),
        Pdu.RESERVED_TAG,
        initiator.nextCmdSn(),
        initiator.expStatSn());
  }

  /** Sets bits of a header: pairs of an index and a mask. */
  private static byte[] with(byte[] pdu, int... bits) {
    for (int i = 0; i < bits.length; i += 2) {
      pdu[bits[i]] |= (byte) bits[i + 1];
    }
    return pdu;
  }

  private static byte[] filled(byte[] pdu, int from, int to) {
    Arrays.fill(pdu, from, to, (byte) 0xff);
    return pdu;
  }

  @Test
  @Item(value = 59, section = "11.1", rule = "reserved bits are ignored")
  void reservedBitsOfACommandAreIgnored() throws Exception {
    start();
    byte[] data = onDisk(BLOCK);

    Exchange read =
        initiator
            .command(Cdbs.read10(0, 1))
            .read(BLOCK)
            .alter(pdu -> with(pdu, 0, 0x80, 1, 0x18, 2, 0xf0, 3, 0xff))
            .await();

    assertThat(read.outcome()).isEqualTo("GOOD");
    assertSame(read.data(), data);
  }

  @Test
  @Item(value = 59, section = "11.1", rule = "reserved bits are ignored")
  void reservedBitsOfDataOutAreIgnored() {
    start();
    byte[] data = Patterns.bytes(BLOCK, 8);
    Exchange write =
        initiator.command(Cdbs.write10(0, 1)).write(data).immediate(0).leaveR2t().send();
    ReadyToTransferPdu r2t = write.awaitR2t(0);
    DataOutPdu pdu = write.dataOutPdu(r2t.targetTransferTag(), 0, 0, true);
    byte[] bytes = with(initiator.bytes(pdu, data), 0, 0xc0, 1, 0x7f, 2, 0xff, 3, 0xff);
    filled(bytes, 24, 28);
    filled(bytes, 32, 36);
    filled(bytes, 44, 48);

    initiator.sendRaw(pdu, bytes);

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(0, BLOCK), data);
  }

  @Test
  @Item(value = 59, section = "11.1", rule = "reserved bits are ignored")
  void reservedBitsOfAPingAreIgnored() {
    start();
    NopOutPdu ping = pingPdu();
    byte[] bytes = with(initiator.bytes(ping, new byte[4]), 0, 0x80, 1, 0x7f, 2, 0xff, 3, 0xff);
    filled(bytes, 8, 16);
    filled(bytes, 32, 48);

    initiator.sendRaw(ping, bytes);

    NopInPdu echo = initiator.answer(ping.initiatorTaskTag(), "an echo").as(NopInPdu.class);
    assertThat(echo.dataSegmentLength()).isEqualTo(4);
    // without a Target Transfer Tag the LUN is reserved, there and here
    assertThat(echo.lun()).isZero();
  }

  @Test
  @Item(value = 59, section = "11.1", rule = "reserved bits are ignored")
  void reservedBitsOfTaskManagementAreIgnored() {
    start();
    int tag = initiator.newTag();
    TaskManagementRequestPdu reset =
        new TaskManagementRequestPdu(
            true, 5, 0, 0, 0, tag, -1, initiator.nextCmdSn(), initiator.expStatSn(), 0, 0);
    byte[] bytes = with(initiator.bytes(reset, new byte[0]), 0, 0x80, 2, 0xff, 3, 0xff);
    filled(bytes, 32, 48); // RefCmdSN and ExpDataSN are of other functions

    initiator.sendRaw(reset, bytes);

    assertThat(initiator.taskManagementAnswer(tag)).isZero();
  }

  @Test
  @Item(value = 59, section = "11.1", rule = "reserved bits are ignored")
  void reservedBitsOfATextRequestAreIgnored() {
    start();
    int tag = initiator.newTag();
    TextRequestPdu text =
        new TextRequestPdu(
            true,
            true,
            false,
            0,
            0,
            0,
            tag,
            Pdu.RESERVED_TAG,
            initiator.nextCmdSn(),
            initiator.expStatSn());
    byte[] bytes = with(initiator.bytes(text, new byte[0]), 0, 0x80, 1, 0x3f, 2, 0xff, 3, 0xff);

    initiator.sendRaw(text, filled(bytes, 32, 48));

    assertThat(initiator.answer(tag, "a text response").data()).isEmpty();
  }

  @Test
  @Item(value = 59, section = "11.1", rule = "reserved bits are ignored")
  void reservedBitsOfALogoutAreIgnored() {
    start();
    int tag = initiator.newTag();
    LogoutRequestPdu logout =
        new LogoutRequestPdu(true, 0, 0, 0, tag, 0, initiator.nextCmdSn(), initiator.expStatSn());
    byte[] bytes = with(initiator.bytes(logout, new byte[0]), 0, 0x80, 2, 0xff, 3, 0xff);
    filled(bytes, 8, 16);
    filled(bytes, 20, 24); // the CID is of other reasons
    filled(bytes, 32, 48);

    initiator.sendRaw(logout, bytes);

    assertThat(initiator.answer(tag, "a logout response").as(LogoutResponsePdu.class).response())
        .isZero();
  }

  @Test
  @Item(value = 59, section = "11.1", rule = "reserved bits are ignored")
  void reservedBitsOfALoginAreIgnored() {
    server = TestServer.start();
    initiator = server.connect();
    LoginScript login = initiator.login();
    LoginRequestPdu pdu = login.pdu(1, 3, true, false);
    byte[] bytes = initiator.bytes(pdu, TextCodec.encode(login.names()));

    initiator.sendRaw(pdu, filled(with(bytes, 0, 0x80, 1, 0x30, 22, 0xff, 23, 0xff), 32, 48));

    LoginResponsePdu answer =
        initiator.answer(pdu.initiatorTaskTag(), "a login response").as(LoginResponsePdu.class);
    assertThat(answer.statusClass()).isZero();
    assertThat(answer.transit()).isTrue();
  }

  // ---- 60: lengths -----------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {262_144 + 1, (1 << 24) - 1})
  @Item(value = 60, section = "7.7", rule = "DataSegmentLength above the declared limit")
  void segmentBeyondTheLimitEndsTheConnection(int length) {
    start();
    byte[] bytes = initiator.bytes(pingPdu(), new byte[0]);
    ByteBuffer.wrap(bytes).putInt(4, length);

    initiator.sendRaw(bytes);

    // by the header alone: nothing of the data was sent
    initiator.awaitEnd();
    server.assertServes();
  }

  @Test
  @Item(value = 60, section = "7.7", rule = "DataSegmentLength above the declared limit")
  void segmentAtTheLimitIsTaken() {
    start();
    byte[] data = Patterns.bytes(262_144, 2);

    assertSame(initiator.ping(data), Arrays.copyOf(data, 8192));
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 4096})
  @Item(value = 60, section = "7.7", rule = "DataSegmentLength above the declared limit")
  void limitIsTheOneThatTheTargetDeclared(int limit) {
    server = TestServer.start(settings -> settings.maxRecvDataSegmentLength(limit));
    initiator = server.login();
    assertThat(initiator.ping(new byte[limit])).hasSize(limit);
    byte[] bytes = initiator.bytes(pingPdu(), new byte[0]);
    ByteBuffer.wrap(bytes).putInt(4, limit + 1);

    initiator.sendRaw(bytes);

    initiator.awaitEnd();
  }

  @Test
  @Item(value = 60, section = "7.7", rule = "DataSegmentLength above the declared limit")
  void segmentBeyondTheLimitDuringLoginEndsTheConnection() {
    server = TestServer.start();
    initiator = server.connect();
    byte[] bytes = initiator.bytes(initiator.login().pdu(0, 1, true, false), new byte[0]);
    ByteBuffer.wrap(bytes).putInt(4, 8193);

    initiator.sendRaw(bytes);

    initiator.awaitEnd();
  }

  @Test
  @Item(value = 60, section = "13.12", rule = "default MaxRecvDataSegmentLength")
  void loginWithoutANegotiatedLimitHoldsTheDefault() {
    server = TestServer.start();
    initiator = server.connect();
    LoginScript login = initiator.login();
    login.request(0, 3, true, login.names());
    assertThat(initiator.ping(new byte[8192])).hasSize(8192);
    byte[] bytes = initiator.bytes(pingPdu(), new byte[0]);
    ByteBuffer.wrap(bytes).putInt(4, 8193);

    initiator.sendRaw(bytes);

    initiator.awaitEnd();
  }

  // ---- 61: logical unit numbers ----------------------------------------------------------------

  private static final long[] UNKNOWN_LUNS = {
    2L << 48, // peripheral, no such unit
    0x0100_0000_0000_0000L, // on bus 1
    0x4005_0000_0000_0000L, // flat, no such unit
    0x8001_0000_0000_0000L, // logical unit addressing
    0xc102_0000_0000_0000L, // a well known unit that is none
    0xd200_0000_0000_0000L, // extended flat addressing
    0x0000_0001_0000_0000L, // two levels
    -1
  };

  @Test
  @Item(value = 61, section = "11.2.1.7", rule = "LUN formats")
  void peripheralAndFlatAddressesAreTheSameUnit() {
    server = TestServer.serving(MemoryDevice.ofSize(1 << 20), MemoryDevice.ofSize(2 << 20));
    initiator = server.login().clearUnitAttentions(1);

    for (int number = 0; number < 2; number++) {
      int lastBlock = (1 + number) * 2048 - 1;
      for (long format : new long[] {0, 0x4000}) {
        Exchange capacity =
            initiator
                .command(Cdbs.readCapacity10())
                .lunField((format | number) << 48)
                .read(8)
                .await();
        assertThat(ByteBuffer.wrap(capacity.data()).getInt()).isEqualTo(lastBlock);
      }
    }
  }

  @Test
  @Item(value = 61, section = "11.2.1.7", rule = "LUN formats")
  void unitThatIsNotThereSaysSo() {
    start();
    for (long lun : UNKNOWN_LUNS) {
      String what = Long.toHexString(lun);
      assertThat(initiator.command(Cdbs.testUnitReady()).lunField(lun).await().outcome())
          .as(what)
          .isEqualTo("CHECK CONDITION 5/25/00");
      Exchange inquiry = initiator.command(Cdbs.inquiry(36)).lunField(lun).read(36).await();
      assertThat(inquiry.outcome()).as(what).isEqualTo("GOOD");
      assertThat(inquiry.data()[0]).as(what).isEqualTo((byte) 0x7f);
    }
  }

  @Test
  @Item(value = 61, section = "11.2.1.7", rule = "LUN formats")
  void dataForAUnitThatIsNotThereIsNotAskedFor() {
    start();

    Exchange write =
        initiator.command(Cdbs.write10(0, 1)).lun(9).write(new byte[BLOCK]).immediate(0).await();

    assertThat(write.outcome()).isEqualTo("CHECK CONDITION 5/25/00");
    assertThat(write.r2ts()).isEmpty();
  }

  @Test
  @Item(value = 61, section = "11.5.1", rule = "LUN of a task management function")
  void taskManagementLooksAtItsLun() {
    start();
    for (long lun : UNKNOWN_LUNS) {
      int tag = initiator.newTag();
      initiator.send(
          new TaskManagementRequestPdu(
              true, 5, 0, 0, lun, tag, -1, initiator.nextCmdSn(), initiator.expStatSn(), 0, 0));
      assertThat(initiator.taskManagementAnswer(tag)).as(Long.toHexString(lun)).isEqualTo(2);
    }
  }

  @Test
  @Item(value = 61, section = "11.7.4", rule = "LUN of solicited data")
  void dataOutLooksAtItsLun() {
    start();
    byte[] data = Patterns.bytes(BLOCK, 9);
    Exchange write =
        initiator.command(Cdbs.write10(0, 1)).write(data).immediate(0).leaveR2t().send();
    int tag = write.awaitR2t(0).targetTransferTag();

    initiator.send(
        new DataOutPdu(true, 0, 0, 1L << 48, write.tag(), tag, initiator.expStatSn(), 0, 0),
        new byte[BLOCK]);

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    write.dataOut(tag, 0, 0, BLOCK, true);
    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(server.disk().readBytes(0, BLOCK), data);
  }

  // ---- 62: task attributes ---------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "0, GOOD",
    "1, GOOD",
    "2, GOOD",
    "3, GOOD",
    "4, CHECK CONDITION 5/49/00" // understood, but there is no ACA condition
  })
  @Item(value = 62, section = "11.3.1", rule = "task attributes")
  void attributesAreUnderstood(int attribute, String outcome) {
    start();

    assertThat(initiator.command(Cdbs.testUnitReady()).attribute(attribute).await().outcome())
        .isEqualTo(outcome);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7})
  @Item(value = 62, section = "11.3.1", rule = "task attributes")
  void attributeThatIsReservedIsRejected(int attribute) {
    start();

    initiator.command(Cdbs.testUnitReady()).attribute(attribute).send();

    assertThat(initiator.awaitReject()).isEqualTo(RejectReason.INVALID_PDU_FIELD.code());
    assertGoesOn();
  }

  private void assertGoesOn() {
    List<Exchange> both = new ArrayList<>();
    both.add(initiator.command(Cdbs.testUnitReady()).send());
    both.add(initiator.command(Cdbs.read10(0, 1)).read(BLOCK).send());
    both.forEach(each -> assertThat(each.await().outcome()).isEqualTo("GOOD"));
  }
}
