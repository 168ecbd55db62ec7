package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.CopyEngine.populateList;
import static org.iscsi4j.scsi.CopyEngine.tokenCommand;
import static org.iscsi4j.scsi.CopyEngine.writeList;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** POPULATE TOKEN, WRITE USING TOKEN, and what is told of tokens. */
class RodTokenTest {

  private static final int POPULATE = 0x10;
  private static final int WRITE = 0x11;
  private static final int LIST = 7;
  private static final int IMMED = 0x01;
  private static final int RTV = 0x02;
  private static final int DEL_TKN = 0x02;
  private static final int BLOCKS = 1 << 20;
  private static final byte[] ZERO_TOKEN = zeroToken();
  private static final String INFORMATION = "84 07 00000007 00000000 00000fff 00 00";
  private static final String ALL_TOKENS = "84 08 0000000000000000 0000ffff 00 00";

  private final TestDisk zero = TestDisk.thin(BLOCKS);
  private final TestDisk one = TestDisk.thin(BLOCKS);
  private final CopyEngine engine = new CopyEngine(Runnable::run, zero, one);

  private static byte[] zeroToken() {
    return ByteBuffer.allocate(512).putInt(0xffff_0001).putInt(0x01f8).array();
  }

  private ScsiResult populate(byte[] list) {
    return engine.execute(tokenCommand(POPULATE, LIST, list.length), list);
  }

  /** The token of ranges of LUN 0. */
  private byte[] token(long... ranges) {
    assertThat(populate(populateList(0, 0, 0, ranges)).status()).isEqualTo(Status.GOOD);
    byte[] data = engine.execute(INFORMATION).data();
    return Arrays.copyOfRange(data, 38, 550);
  }

  private ScsiResult write(int flags, long offset, byte[] token, long... ranges) {
    byte[] list = writeList(flags, offset, token, ranges);
    return engine.execute(1, tokenCommand(WRITE, LIST, list.length), list);
  }

  // ---- tokens

  @Test
  void aTokenIsToldOnceItIsMade() {
    populate(populateList(0, 0, 0, 10, 3, 100, 5));

    ScsiResult result = engine.execute(INFORMATION);

    assertThat(result.data()).hasSize(550);
    assertThat(result.hex())
        .startsWith(
            "00000222" // AVAILABLE DATA
                + "10" // RESPONSE TO SERVICE ACTION
                + "01" // done
                + "0000"
                + "ffffffff"
                + "000000"
                + "f1" // logical blocks
                + "0000000000000008"
                + "0002" // SEGMENTS PROCESSED
                + "000000000000"
                + "00000202" // ROD TOKEN DESCRIPTORS LENGTH
                + "0000"
                + "00010000" // access upon reference
                + "0000"
                + "01f8" // ROD TOKEN LENGTH
                + "0000000000000001" // the first token
                + "e4000000"
                + "01030008"
                + "30000000000000a0"
                + "00".repeat(12)
                + "00000200"
                + "00".repeat(14)
                + "1000" // NUMBER OF BYTES REPRESENTED
                + "00".repeat(32)
                + "00000200"
                + "00".repeat(28)
                + "53a80020"
                + HexFormat.of()
                    .formatHex(
                        "iqn.2026-11.org.example:disk"
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
  }

  @Test
  void tokensCantBeGuessed() {
    byte[] first = token(0, 1);
    byte[] second = token(0, 1);

    int from = 512 - 256;
    assertThat(Arrays.copyOfRange(first, from, 512))
        .isNotEqualTo(Arrays.copyOfRange(second, from, 512));
    first[511] ^= 1;
    assertThat(write(0, 0, first, 0, 1).sense()).isEqualTo(CopySense.TOKEN_UNKNOWN);
    assertThat(one.calls).isEmpty();
  }

  @Test
  void allTokensOfTheUnitAreToldWithoutTheirSecret() {
    byte[] first = token(0, 1);

    assertThat(engine.execute(ALL_TOKENS).hex())
        .isEqualTo("00000064" + "00000000" + HexFormat.of().formatHex(first, 0, 96));
    assertThat(engine.execute(1, Cdbs.hex(ALL_TOKENS), new byte[0]).hex())
        .isEqualTo("0000000400000000");
  }

  @Test
  void aTokenMayBePopulatedInTheBackground() {
    assertThat(populate(populateList(IMMED, 0, 0, 1, 1)).status()).isEqualTo(Status.GOOD);

    assertThat(engine.execute(INFORMATION).hex()).startsWith("00000222" + "1001");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, IMMED})
  void theTokenCommandsAreCountedOnceAndMoveNoBlocks(int flags) {
    byte[] token = token(0, 8);
    populate(populateList(flags, 0, 0, 0, 8));
    write(flags, 0, token, 0, 8);

    assertThat(engine.zero.logValues().accesses().totals()).isEqualTo(new AccessTotals(2, 0, 0, 0));
    assertThat(engine.one.logValues().accesses().totals()).isEqualTo(new AccessTotals(0, 1, 0, 0));
  }

  @Test
  void onlyTheTypeWithoutASnapshotIsMade() {
    assertThat(populate(populateList(RTV, 0, 0x0001_0000, 1, 1)).status()).isEqualTo(Status.GOOD);
    assertThat(populate(populateList(0, 0, 0x0080_0000, 1, 1)).status())
        .as("the type is not valid without RTV")
        .isEqualTo(Status.GOOD);
    for (int type : List.of(0, 0x0080_0000, 0x0080_ffff, 0xffff_0001)) {
      assertThat(populate(populateList(RTV, 0, type, 1, 1)).sense())
          .isEqualTo(Sense.invalidFieldInParameterList(8));
    }
  }

  @Test
  void theInactivityTimeoutHasALimit() {
    assertThat(populate(populateList(0, 3600, 0, 1, 1)).status()).isEqualTo(Status.GOOD);
    for (int timeout : List.of(3601, -1)) {
      assertThat(populate(populateList(0, timeout, 0, 1, 1)).sense())
          .isEqualTo(Sense.invalidFieldInParameterList(4));
    }
  }

  @Test
  void aTokenDiesWhenItIsNotUsed() {
    long[] now = {0};
    RodTokens tokens = new RodTokens(() -> now[0]);
    RodToken token = tokens.create("host", engine.zero, TestNexus.PORT, new long[] {0, 512}, 10);
    ByteBuffer bytes = ByteBuffer.wrap(token.bytes());

    for (int use = 0; use < 3; use++) {
      now[0] += TimeUnit.SECONDS.toNanos(10);
      assertThat(tokens.use(bytes).token()).isSameAs(token);
    }
    now[0] += TimeUnit.SECONDS.toNanos(10) + 1;
    assertThat(tokens.use(bytes).refusal()).isEqualTo(CopySense.TOKEN_EXPIRED);
    assertThat(tokens.use(bytes).refusal()).isEqualTo(CopySense.TOKEN_UNKNOWN);
  }

  @Test
  void thereAreSoManyTokensAndTheDeadMakeRoom() {
    long[] now = {0};
    RodTokens tokens = new RodTokens(() -> now[0]);
    for (int each = 0; each < 1024; each++) {
      assertThat(token(tokens, "host" + each / 128)).isNotNull();
    }
    assertThat(token(tokens, "another")).isNull();
    assertThat(tokens.of(engine.zero)).hasSize(1024);
    assertThat(tokens.of(engine.one)).isEmpty();

    now[0] += TimeUnit.SECONDS.toNanos(11);
    assertThat(token(tokens, "another")).isNotNull();
    assertThat(tokens.of(engine.zero)).hasSize(1);
  }

  @Test
  void oneInitiatorLeavesTokensToTheOthers() {
    RodTokens tokens = new RodTokens(System::nanoTime);
    for (int each = 0; each < 128; each++) {
      assertThat(token(tokens, "host")).isNotNull();
    }

    assertThat(token(tokens, "host")).isNull();
    assertThat(token(tokens, "another")).isNotNull();
  }

  private RodToken token(RodTokens tokens, String creator) {
    return tokens.create(creator, engine.zero, TestNexus.PORT, new long[] {0, 512}, 10);
  }

  @Test
  void oneTokenMoreThanThereMayBeIsRefusedAndToldSo() {
    for (int each = 0; each < 128; each++) {
      engine
          .zero
          .tokens()
          .create(
              engine.nexus.initiatorDevice(), engine.zero, TestNexus.PORT, new long[] {0, 512}, 10);
    }

    assertThat(populate(populateList(0, 0, 0, 1, 1)).sense())
        .isEqualTo(CopySense.INSUFFICIENT_RESOURCES_FOR_TOKEN);
    assertThat(engine.execute(INFORMATION).hex()).startsWith("00000032" + "1002");
  }

  @Test
  void theTokensOfAUnitEndWithIt() {
    byte[] token = token(0, 1);

    engine.zero.close();

    assertThat(write(0, 0, token, 0, 1).sense()).isEqualTo(CopySense.TOKEN_UNKNOWN);
  }

  // ---- writing

  @Test
  void whatATokenStandsForIsWrittenToAnotherUnit() {
    zero.fill(10, 1, 0x11);
    zero.fill(11, 1, 0x22);
    byte[] token = token(10, 2);

    assertThat(write(0, 0, token, 100, 2).status()).isEqualTo(Status.GOOD);

    assertThat(one.calls).containsExactly("write 51200+1024");
    assertThat(one.block(101)).isEqualTo(Cdbs.block(0x22));
    String done = "00000020" + "1101" + "0000" + "ffffffff" + "000000" + "f1";
    assertThat(engine.execute(1, Cdbs.hex(INFORMATION), new byte[0]).hex())
        .isEqualTo(done + "0000000000000002" + "0001" + "000000000000" + "00000000");
  }

  @Test
  void rangesAreCutWhereEitherSideHasAGap() {
    for (int each = 0; each < 6; each++) {
      zero.fill(each < 2 ? 10 + each : 48 + each, 1, each + 1);
    }
    byte[] token = token(10, 2, 7, 0, 50, 4);

    assertThat(write(0, 1, token, 200, 3, 5, 0, 300, 2).status()).isEqualTo(Status.GOOD);

    assertThat(one.calls)
        .containsExactly("write 102400+512", "write 102912+1024", "write 153600+1024");
    for (int each = 0; each < 3; each++) {
      assertThat(one.block(200 + each)).isEqualTo(Cdbs.block(each + 2));
    }
    assertThat(one.block(300)).isEqualTo(Cdbs.block(5));
    assertThat(one.block(301)).isEqualTo(Cdbs.block(6));
  }

  @Test
  void aTokenShowsWhatIsThereWhenItIsUsed() {
    byte[] token = token(10, 1);
    zero.fill(10, 1, 0x77);

    write(0, 0, token, 0, 1);

    assertThat(one.block(0)).isEqualTo(Cdbs.block(0x77));
  }

  @Test
  void theZeroTokenZeroesAndGivesStorageBackWhereItMay() {
    one.fill(0, 16, 0x11);

    assertThat(write(0, 5, ZERO_TOKEN, 2, 3, 9, 1).status()).isEqualTo(Status.GOOD);
    assertThat(one.calls).containsExactly("deallocate 1024+1536", "deallocate 4608+512");
    assertThat(one.block(1)).isEqualTo(Cdbs.block(0x11));
    assertThat(one.block(2)).isEqualTo(Cdbs.block(0));

    TestDisk thick = TestDisk.ofBlocks(64);
    CopyEngine other = new CopyEngine(Runnable::run, zero, thick);
    byte[] list = writeList(0, 0, ZERO_TOKEN, 2, 3);
    other.execute(1, tokenCommand(WRITE, LIST, list.length), list);
    assertThat(thick.calls).containsExactly("zero 1024+1536");
  }

  @Test
  void aTokenMayBeUsedAgainUnlessItIsDeleted() {
    byte[] token = token(10, 2);

    assertThat(write(0, 0, token, 0, 1).status()).isEqualTo(Status.GOOD);
    assertThat(write(DEL_TKN, 0, token, 0, 1).status()).isEqualTo(Status.GOOD);
    assertThat(write(0, 0, token, 0, 1).sense()).isEqualTo(CopySense.TOKEN_UNKNOWN);
  }

  @Test
  void whoMayNotReachTheSourceDoesNotKnowItsTokens() {
    byte[] token = token(10, 2);
    engine.reachable = List.of(engine.one);

    assertThat(write(0, 0, token, 0, 1).sense()).isEqualTo(CopySense.TOKEN_UNKNOWN);
    assertThat(one.calls).isEmpty();
  }

  @Test
  void aSourceWithoutItsMediumFails() {
    byte[] token = token(10, 2);
    engine.zero.eject(engine.nexus);

    assertThat(write(0, 0, token, 0, 1).sense()).isEqualTo(CopySense.THIRD_PARTY_DEVICE_FAILURE);
  }

  @Test
  void aFaultOfTheSourceIsThatOfAThirdPartyAndOneOfTheUnitItsOwn() {
    byte[] token = token(10, 2);

    zero.fault = new BlockDeviceException(BlockDeviceException.Kind.MEDIUM_ERROR, "for the test");
    assertThat(write(0, 0, token, 0, 1).sense()).isEqualTo(CopySense.THIRD_PARTY_DEVICE_FAILURE);
    one.fault = new BlockDeviceException(BlockDeviceException.Kind.OUT_OF_SPACE, "for the test");
    assertThat(write(0, 0, token, 0, 1).sense()).isEqualTo(Sense.SPACE_ALLOCATION_FAILED);
  }

  @Test
  void aWriteProtectedUnitIsNotWritten() {
    LogicalUnit locked = LogicalUnit.builder(one).readOnly().build();
    CopyEngine guarded = new CopyEngine(Runnable::run, LogicalUnit.of(zero), locked);
    byte[] list = writeList(0, 0, ZERO_TOKEN, 0, 1);

    assertThat(guarded.execute(1, tokenCommand(WRITE, LIST, list.length), list).sense())
        .isEqualTo(Sense.WRITE_PROTECTED);
  }

  @Test
  void anotherBlockSizeIsRefused() {
    TestDisk large = new TestDisk(Geometry.of(4096, 64), TestDisk.MEMORY);
    CopyEngine mixed = new CopyEngine(Runnable::run, zero, large);
    RodToken token =
        mixed.zero.tokens().create("host", mixed.zero, TestNexus.PORT, new long[] {0, 8192}, 10);
    byte[] list = writeList(0, 0, token.bytes(), 0, 1);

    assertThat(mixed.execute(1, tokenCommand(WRITE, LIST, list.length), list).sense())
        .isEqualTo(CopySense.INVALID_TOKEN_OPERATION);
  }

  @Test
  void aTokenGivesNoMoreThanItHas() {
    byte[] token = token(10, 2, 20, 2);

    assertThat(write(0, 3, token, 0, 1).status()).isEqualTo(Status.GOOD);
    assertThat(write(0, 3, token, 0, 2).sense()).isEqualTo(CopySense.DATA_UNDERRUN);
    for (long offset : List.of(4L, 1L << 55, -1L)) {
      assertThat(write(0, offset, token, 0, 1).sense())
          .isEqualTo(Sense.invalidFieldInParameterList(8));
    }
    assertThat(one.calls).hasSize(1);
  }

  @Test
  void aTokenOfAnotherKindIsRefused() {
    byte[] token = token(10, 2);
    byte[] pointInTime = ByteBuffer.wrap(token.clone()).putInt(0, 0x0080_0000).array();
    byte[] longer = ByteBuffer.wrap(token.clone()).putShort(6, (short) 0x01f9).array();

    assertThat(write(0, 0, pointInTime, 0, 1).sense()).isEqualTo(CopySense.UNSUPPORTED_TOKEN_TYPE);
    assertThat(write(0, 0, longer, 0, 1).sense()).isEqualTo(CopySense.INVALID_TOKEN_LENGTH);
  }

  @Test
  void anAbortEndsTheWriteBetweenTwoSteps() {
    SteppedExecutor executor = new SteppedExecutor();
    TestDisk slow =
        new TestDisk(Geometry.of(512, BLOCKS), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    CopyEngine stepped = new CopyEngine(executor, slow, one);
    RodToken token =
        stepped
            .zero
            .tokens()
            .create("host", stepped.zero, TestNexus.PORT, new long[] {0, 4 << 20}, 10);
    byte[] list = writeList(0, 0, token.bytes(), 0, 8192);
    TestTask task =
        stepped.nexus.start(Lun.encode(1), tokenCommand(WRITE, LIST, list.length), 0xffff, list);
    for (int step = 0; step < 3; step++) {
      executor.runNext();
      stepped.nexus.drain();
    }

    task.abort();
    executor.runAll();
    stepped.nexus.drain();

    assertThat(one.calls).containsExactly("write 0+1048576");
    assertThat(task.ended).isZero();
  }

  // ---- bad lists

  @Test
  void noListIsNoError() {
    for (int action : List.of(POPULATE, WRITE)) {
      assertThat(engine.execute(tokenCommand(action, LIST, 0), new byte[0]).status())
          .isEqualTo(Status.GOOD);
    }
    assertThat(engine.execute(INFORMATION).sense()).isEqualTo(Sense.invalidFieldInCdb(2));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 31, 47, 65_537, Integer.MAX_VALUE, -1})
  void aListThatEndsTooEarlyOrIsTooLongHasTheWrongLength(int length) {
    byte[] list = populateList(0, 0, 0, 1, 1, 3, 1);
    byte[] sent = Arrays.copyOf(list, 70_000);

    assertThat(engine.execute(tokenCommand(POPULATE, LIST, length), sent).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 535, 536, 551, 567, 65_537, -1})
  void aListToWriteThatEndsTooEarlyOrIsTooLongHasTheWrongLength(int length) {
    byte[] sent = Arrays.copyOf(writeList(0, 0, ZERO_TOKEN, 1, 1, 3, 1), 70_000);

    assertThat(engine.execute(tokenCommand(WRITE, LIST, length), sent).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(zero.calls).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "0, 29, 0", "14, 0, 14", "14, 15, 14", "14, 33, 14", "14, 65535, 14"})
  void lengthsThatDoNotFitArePointedAt(int at, int value, int field) {
    byte[] list = populateList(0, 0, 0, 1, 1, 3, 1);
    ByteBuffer.wrap(list).putShort(at, (short) value);

    assertThat(populate(list).sense()).isEqualTo(Sense.invalidFieldInParameterList(field));
  }

  @Test
  void aDescriptorThatTheListCutsOffIsIgnored() {
    byte[] list = populateList(0, 0, 0, 1, 1, 3, 1);
    ByteBuffer.wrap(list).putShort(14, (short) 31);

    populate(list);

    assertThat(engine.execute(INFORMATION).data()[25]).as("ranges").isEqualTo((byte) 1);
  }

  @Test
  void thereMayBeAsManyRangesAsThePageSaysAndNotOneMore() {
    long[] ranges = new long[2 * 65];
    for (int each = 0; each < 65; each++) {
      ranges[2 * each] = each;
      ranges[2 * each + 1] = 1;
    }

    assertThat(populate(populateList(0, 0, 0, Arrays.copyOf(ranges, 128))).status())
        .isEqualTo(Status.GOOD);
    assertThat(populate(populateList(0, 0, 0, ranges)).sense())
        .isEqualTo(CopySense.TOO_MANY_SEGMENT_DESCRIPTORS.withFieldPointer(false, 14, -1));
  }

  @Test
  void aTokenMayBeAsLargeAsThePageSaysAndNotABlockMore() {
    long most = (256 << 20) / 512;

    assertThat(populate(populateList(0, 0, 0, 0, most)).status()).isEqualTo(Status.GOOD);
    assertThat(populate(populateList(0, 0, 0, 0, most, most, 1)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(14));
    assertThat(write(0, 0, ZERO_TOKEN, 0, most, most, 1).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(534));
  }

  @Test
  void rangesAreOnTheMediumAndDoNotOverlap() {
    assertThat(populate(populateList(0, 0, 0, 1, 1, BLOCKS, 1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    assertThat(populate(populateList(0, 0, 0, BLOCKS - 1, 2)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(BLOCKS));
    assertThat(populate(populateList(0, 0, 0, (1L << 55) + 16, 1)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation((1L << 55) + 16));
    assertThat(populate(populateList(0, 0, 0, 10, 5, 14, 1)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(32));
    assertThat(write(0, 0, ZERO_TOKEN, 10, 5, 8, 3).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(552));
    assertThat(write(0, 0, ZERO_TOKEN, 10, 5, 12, 0, -1, 0).status()).isEqualTo(Status.GOOD);
    assertThat(one.calls).containsExactly("deallocate 5120+2560");
  }

  @Test
  void aTokenForNothingIsNotMadeAndNothingMayBeWritten() {
    assertThat(populate(populateList(0, 0, 0, 10, 0)).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(14));
    assertThat(write(0, 0, ZERO_TOKEN, 10, 0).status()).isEqualTo(Status.GOOD);
    assertThat(one.calls).isEmpty();
  }
}
