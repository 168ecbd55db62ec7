package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.CopyEngine.DC;
import static org.iscsi4j.scsi.CopyEngine.DISCARD;
import static org.iscsi4j.scsi.CopyEngine.HOLD;
import static org.iscsi4j.scsi.CopyEngine.NO_LIST;
import static org.iscsi4j.scsi.CopyEngine.RESERVED_USAGE;
import static org.iscsi4j.scsi.CopyEngine.across;
import static org.iscsi4j.scsi.CopyEngine.cscd;
import static org.iscsi4j.scsi.CopyEngine.extendedCopy;
import static org.iscsi4j.scsi.CopyEngine.list;
import static org.iscsi4j.scsi.CopyEngine.segment;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.Space;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExtendedCopyTest {

  private static final int BLOCKS = 8192;
  private static final int THIS = 0xffff;

  private final TestDisk zero = TestDisk.ofBlocks(BLOCKS);
  private final TestDisk one = TestDisk.ofBlocks(BLOCKS);
  private final CopyEngine engine = new CopyEngine(Runnable::run, zero, one);

  // ---- what is copied

  @Test
  void blocksGoFromOneUnitToAnotherAndNoFurther() {
    zero.fill(10, 1, 0x11);
    zero.fill(11, 1, 0x22);
    zero.fill(12, 1, 0x33);

    assertThat(engine.copy(engine.list(across(2, 10, 100))).status()).isEqualTo(Status.GOOD);

    assertThat(one.calls).containsExactly("write 51200+1024");
    assertThat(one.block(100)).isEqualTo(Cdbs.block(0x11));
    assertThat(one.block(101)).isEqualTo(Cdbs.block(0x22));
    assertThat(zero.calls).isEmpty();
  }

  @Test
  void aLongSegmentIsCopiedByTheBuffer() {
    zero.fill(0, 5000, 0x5a);

    assertThat(engine.copy(engine.list(across(5000, 0, 8))).status()).isEqualTo(Status.GOOD);

    assertThat(one.calls)
        .containsExactly("write 4096+1048576", "write 1052672+1048576", "write 2101248+462848");
    assertThat(one.block(7)).isEqualTo(Cdbs.block(0));
    assertThat(one.block(5007)).isEqualTo(Cdbs.block(0x5a));
  }

  @ParameterizedTest
  @ValueSource(ints = {-2500, -1, 0, 1, 2500})
  void anOverlappingSegmentMovesWhatWasThere(int distance) {
    int from = 2550;
    for (int each = 0; each < 3000; each++) {
      zero.fill(from + each, 1, each);
    }

    byte[] list = engine.list(segment(0, THIS, THIS, 3000, from, from + distance));
    assertThat(engine.copy(list).status()).isEqualTo(Status.GOOD);

    for (int each = 0; each < 3000; each++) {
      assertThat(zero.block(from + distance + each)).isEqualTo(Cdbs.block(each));
    }
  }

  @Test
  void segmentsAreCopiedInTheirOrder() {
    zero.fill(0, 1, 0x11);

    byte[] list = engine.list(across(1, 0, 5), segment(0, 1, 0, 1, 5, 9), across(1, 9, 6));
    assertThat(engine.copy(list).status()).isEqualTo(Status.GOOD);

    assertThat(zero.block(9)).isEqualTo(Cdbs.block(0x11));
    assertThat(one.block(6)).isEqualTo(Cdbs.block(0x11));
  }

  @Test
  void aSegmentOfNoBlocksMayPointAnywhere() {
    assertThat(engine.copy(engine.list(across(0, -1, Long.MAX_VALUE))).status())
        .isEqualTo(Status.GOOD);
    assertThat(one.calls).isEmpty();
  }

  @Test
  void blocksAreCountedInThoseOfTheDestinationWhenDcIsSet() {
    TestDisk large = new TestDisk(Geometry.of(4096, 64), TestDisk.MEMORY);
    CopyEngine mixed = new CopyEngine(Runnable::run, zero, large);
    zero.fill(0, 64, 0x5a);

    assertThat(mixed.copy(mixed.list(segment(DC, 0, 1, 2, 0, 3))).status()).isEqualTo(Status.GOOD);
    assertThat(large.calls).containsExactly("write 12288+8192");

    assertThat(mixed.copy(mixed.list(segment(0, 0, 1, 8, 0, 9))).status()).isEqualTo(Status.GOOD);
    assertThat(large.calls).endsWith("write 36864+4096");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void dataThatAreNoWholeBlocksOfTheDestinationAreRefused(int cat) {
    TestDisk large = new TestDisk(Geometry.of(4096, 64), TestDisk.MEMORY);
    CopyEngine mixed = new CopyEngine(Runnable::run, zero, large);

    assertThat(mixed.copy(mixed.list(segment(cat, 0, 1, 9, 0, 3))).sense())
        .isEqualTo(inSegment(CopySense.UNEXPECTED_INEXACT_SEGMENT, 0, 10));
    assertThat(large.calls).isEmpty();
  }

  // ---- what ends a copy

  private static Sense inSegment(Sense why, int segment, int field) {
    return CopySense.inSegment(why.withSegmentPointer(field), segment);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 8191, 0, 12",
    "8191, 0, 0, 12",
    "-1, 0, 0, 12",
    "36028797018963984, 0, 0, 12",
    "0, 0, 8191, 20",
    "0, 0, 8192, 20",
    "0, 0, 36028797018963984, 20",
    "0, 0, -9223372036854775808, 20"
  })
  void aRangeBeyondTheMediumEndsTheCopyThere(long from, long more, long to, int field) {
    zero.fill(0, 1, 0x11);

    byte[] list = engine.list(across(1, 0, 0), across(2, from + more, to));
    ScsiResult result = engine.copy(list);

    assertThat(result.sense()).isEqualTo(inSegment(CopySense.ABORTED, 1, field));
    assertThat(one.calls).as("segments before it are copied").containsExactly("write 0+512");
  }

  @Test
  void theSenseDataNameTheSegment() {
    Sense sense = engine.copy(engine.list(across(1, 0, 0), across(1, 9000, 0))).sense();

    assertThat(HexFormat.of().formatHex(sense.toBytes(false)))
        .isEqualTo("70000a000000000a" + "00010000" + "0000" + "00" + "a0000c");
    assertThat(HexFormat.of().formatHex(sense.toBytes(true)))
        .isEqualTo(
            "720a000000000014" + "010a0000" + "0000000000010000" + "02060000" + "a0000c" + "00");
  }

  @Test
  void aUnitThatTheInitiatorMayNotReachIsNotTheMoreThereForIt() {
    List<byte[]> cscds = List.of(cscd(engine.zero), cscd(engine.elsewhere), cscd(0x123, 512));

    for (int other = 1; other < 4; other++) {
      byte[] from = list(HOLD, cscds, List.of(segment(0, other, 0, 1, 0, 0)));
      byte[] to = list(HOLD, cscds, List.of(segment(0, 0, other, 1, 0, 0)));
      assertThat(engine.copy(from).sense())
          .isEqualTo(inSegment(CopySense.DEVICE_NOT_REACHABLE, 0, 4));
      assertThat(engine.copy(to).sense())
          .isEqualTo(inSegment(CopySense.DEVICE_NOT_REACHABLE, 0, 6));
    }

    engine.reachable = List.of(engine.zero, engine.elsewhere);
    byte[] list = list(HOLD, cscds, List.of(segment(0, 0, 1, 1, 0, 0)));
    assertThat(engine.copy(list).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aRightThatIsTakenAwayEndsTheCopyAtTheNextSegment() {
    one.onCall = () -> engine.reachable = List.of(engine.zero);

    assertThat(engine.copy(engine.list(across(1, 0, 0), across(1, 0, 1))).sense())
        .isEqualTo(inSegment(CopySense.DEVICE_NOT_REACHABLE, 1, 6));
  }

  @Test
  void aDescriptorThatSaysTooMuchOrTheWrongThingNamesNoUnit() {
    byte[] vendor = cscd(engine.one);
    vendor[5] = 0x01;
    byte[] port = cscd(engine.one);
    port[5] = 0x13;
    byte[] longer = cscd(engine.one);
    longer[7] = 9;
    for (byte[] wrong : List.of(vendor, port, longer)) {
      byte[] list =
          list(HOLD, List.of(cscd(engine.zero), wrong), List.of(segment(0, 0, 1, 1, 0, 0)));
      assertThat(engine.copy(list).sense())
          .isEqualTo(inSegment(CopySense.DEVICE_NOT_REACHABLE, 0, 6));
    }
  }

  @Test
  void anotherDeviceTypeOrBlockLengthIsNotThatOfTheUnit() {
    byte[] tape = cscd(engine.one);
    tape[1] = 0x01;
    byte[] large = cscd(engine.one.identity().deviceId(), 4096);

    assertThat(copyTo(tape).sense()).isEqualTo(inSegment(CopySense.INCORRECT_DEVICE_TYPE, 0, 6));
    assertThat(copyTo(large).sense()).isEqualTo(inSegment(CopySense.WRONG_BLOCK_LENGTH, 0, 6));
    assertThat(one.calls).isEmpty();
  }

  private ScsiResult copyTo(byte[] cscd) {
    return engine.copy(
        list(HOLD, List.of(cscd(engine.zero), cscd), List.of(segment(0, 0, 1, 1, 0, 0))));
  }

  @Test
  void theLuIdTypeIsIgnored() {
    byte[] cscd = cscd(engine.one);
    cscd[1] = (byte) 0xc0;

    assertThat(copyTo(cscd).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aNullDeviceIsNoUnitWhateverItsDesignatorSays() {
    byte[] nothing = cscd(engine.one);
    nothing[1] = 0x20; // NUL

    assertThat(copyTo(nothing).sense()).isEqualTo(inSegment(CopySense.DEVICE_NOT_REACHABLE, 0, 6));
    assertThat(one.calls).isEmpty();
  }

  @Test
  void withTheCacheOfTheDestinationOffWhatIsCopiedIsDurable() {
    byte[] cacheOff = Cdbs.hex("00000000" + "0812" + "00".repeat(18));
    engine.execute(1, Cdbs.hex("15 10 0000 18 00"), cacheOff);
    one.calls.clear();

    assertThat(engine.copy(engine.list(across(1, 0, 7))).status()).isEqualTo(Status.GOOD);

    assertThat(one.calls).containsExactly("writeThrough 3584+512");
  }

  @Test
  void aDestinationThatIsAlmostFullThenWarns() {
    SpaceDisk thin = new SpaceDisk(new Space(0, 500 * 512, false));
    CopyEngine over = new CopyEngine(Runnable::run, zero, thin);
    thin.onCall = () -> thin.space = new Space(490 * 512, 10 * 512, false);

    assertThat(over.copy(over.list(across(1, 0, 7))).status()).isEqualTo(Status.GOOD);

    assertThat(over.execute(1, Cdbs.TEST_UNIT_READY, new byte[0]).sense())
        .isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x38, 0x07).withInformation(16));
  }

  @Test
  void aWriteProtectedUnitIsASourceOnly() {
    LogicalUnit locked = LogicalUnit.builder(one).readOnly().build();
    CopyEngine guarded = new CopyEngine(Runnable::run, LogicalUnit.of(zero), locked);

    assertThat(guarded.copy(guarded.list(segment(0, 1, 0, 1, 0, 0))).status())
        .isEqualTo(Status.GOOD);
    assertThat(guarded.copy(guarded.list(across(1, 0, 0))).sense())
        .isEqualTo(inSegment(CopySense.THIRD_PARTY_DEVICE_FAILURE, 0, 6));
    assertThat(one.calls).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1, true", "3, false"})
  void aPersistentReservationOfAnotherNexusHoldsForCopiesToo(int type, boolean readable) {
    TestNexus other = engine.nexus("iqn.2026-11.org.example:other,i,0x000000000001");
    reserve(other, 0, 0, ByteBuffer.allocate(24).putLong(8, 0x55).array());
    reserve(other, 1, type, ByteBuffer.allocate(24).putLong(0, 0x55).array());

    Sense from = engine.copy(engine.list(segment(0, 1, 0, 1, 0, 0))).sense();
    Sense to = engine.copy(engine.list(across(1, 0, 0))).sense();

    Sense conflict = CopySense.THIRD_PARTY_DEVICE_FAILURE;
    assertThat(from).isEqualTo(readable ? Sense.NONE : inSegment(conflict, 0, 4));
    assertThat(to).isEqualTo(inSegment(conflict, 0, 6));
    assertThat(one.calls).isEmpty();
  }

  /** PERSISTENT RESERVE OUT to LUN 1. */
  private static void reserve(TestNexus nexus, int action, int type, byte[] list) {
    byte[] cdb = {0x5f, (byte) action, (byte) type, 0, 0, 0, 0, 0, 24, 0};
    TestTask task = nexus.start(Lun.encode(1), cdb, 0, list);
    nexus.drain();
    assertThat(task.status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aReserveOfAnotherNexusHoldsForCopiesToo() {
    TestNexus other = engine.nexus("iqn.2026-11.org.example:other,i,0x000000000001");
    other.start(Lun.encode(1), Cdbs.hex("16 00 0000 00 00"), 0, new byte[0]);
    other.drain();

    assertThat(engine.copy(engine.list(segment(0, 1, 0, 1, 0, 0))).sense())
        .isEqualTo(inSegment(CopySense.THIRD_PARTY_DEVICE_FAILURE, 0, 4));

    other.close();
    assertThat(engine.copy(engine.list(segment(0, 1, 0, 1, 0, 0))).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aUnitWithoutItsMediumIsNeither() {
    engine.one.eject(engine.nexus);

    assertThat(engine.copy(engine.list(segment(0, 1, 0, 1, 0, 0))).sense())
        .isEqualTo(inSegment(CopySense.THIRD_PARTY_DEVICE_FAILURE, 0, 4));
    assertThat(engine.copy(engine.list(across(1, 0, 0))).sense())
        .isEqualTo(inSegment(CopySense.THIRD_PARTY_DEVICE_FAILURE, 0, 6));
  }

  @Test
  void aFaultOfADeviceIsThatOfAThirdParty() {
    zero.fault = new BlockDeviceException(BlockDeviceException.Kind.MEDIUM_ERROR, "for the test");
    assertThat(engine.copy(engine.list(across(0, 0, 0), across(1, 0, 0))).sense())
        .isEqualTo(CopySense.inSegment(CopySense.THIRD_PARTY_DEVICE_FAILURE, 1));

    one.fault = new BlockDeviceException(BlockDeviceException.Kind.BUSY, "for the test");
    assertThat(engine.copy(engine.list(across(1, 0, 0))).sense())
        .isEqualTo(CopySense.inSegment(CopySense.THIRD_PARTY_DEVICE_FAILURE, 0));
  }

  @Test
  void aFullDestinationIsToldAsItIs() {
    one.fault = new BlockDeviceException(BlockDeviceException.Kind.OUT_OF_SPACE, "for the test");

    assertThat(engine.copy(engine.list(across(1, 0, 0))).sense())
        .isEqualTo(CopySense.inSegment(Sense.SPACE_ALLOCATION_FAILED, 0));
  }

  @Test
  void aDeviceThatShrinksMeanwhileIsNotCalledBeyondItsEnd() {
    one.onCall =
        () -> {
          one.geometry(Geometry.of(512, 3000));
          engine.one.geometryChanged();
        };

    assertThat(engine.copy(engine.list(across(5000, 0, 0))).sense().key())
        .isEqualTo(SenseKey.COPY_ABORTED);
    assertThat(one.offences).isEmpty();
    assertThat(one.calls).containsExactly("write 0+1048576");
  }

  // ---- bad lists

  @Test
  void noListIsNoError() {
    assertThat(engine.execute(extendedCopy(0, 0), new byte[0]).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(extendedCopy(1, 0), new byte[0]).status()).isEqualTo(Status.GOOD);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 17, 47, 79, 80, 107, 65_537, Integer.MAX_VALUE, -1})
  void aListThatEndsTooEarlyOrIsTooLongHasTheWrongLength(int length) {
    byte[] list = Arrays.copyOf(engine.list(across(1, 0, 0)), 70_000);

    assertThat(engine.execute(extendedCopy(0, length), list).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(one.calls).isEmpty();
  }

  @Test
  void anInitiatorThatSendsLessThanItAnnouncesHasSentNoList() {
    byte[] list = engine.list(across(1, 0, 0));

    byte[] half = Arrays.copyOf(list, list.length - 1);
    assertThat(engine.execute(extendedCopy(0, list.length), half).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(engine.execute(extendedCopy(0, list.length), new byte[0]).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
  }

  @Test
  void aListMayBeLongerThanItsDescriptors() {
    assertThat(engine.copy(Arrays.copyOf(engine.list(across(1, 0, 0)), 65_536)).status())
        .isEqualTo(Status.GOOD);
  }

  @ParameterizedTest
  @CsvSource({
    "0003, 00000000", // CSCD descriptors end in the middle of one
    "0040, 0000001b", // so do the segments
    "0040, ffffffff",
    "fffe, 0000001c",
    "0000, 7fffffff"
  })
  void lengthsThatDoNotFitAreRefused(String cscds, String segments) {
    byte[] list = engine.list(across(1, 0, 0));
    ByteBuffer.wrap(list).putShort(2, (short) Integer.parseInt(cscds, 16));
    ByteBuffer.wrap(list).putInt(8, Integer.parseUnsignedInt(segments, 16));

    assertThat(engine.copy(list).sense()).isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    assertThat(one.calls).isEmpty();
  }

  @Test
  void thereMayBeAsManyDescriptorsAsThePageSaysAndNotOneMore() {
    List<byte[]> sixteen = Collections.nCopies(16, cscd(engine.zero));
    List<byte[]> segments = Collections.nCopies(256, segment(0, 15, 15, 1, 0, 1));
    assertThat(engine.copy(list(HOLD, sixteen, segments)).status()).isEqualTo(Status.GOOD);

    List<byte[]> seventeen = Collections.nCopies(17, cscd(engine.zero));
    assertThat(engine.copy(list(HOLD, seventeen, List.of(across(1, 0, 0)))).sense())
        .isEqualTo(CopySense.TOO_MANY_CSCD_DESCRIPTORS.withFieldPointer(false, 2, -1));
    List<byte[]> more = Collections.nCopies(257, across(1, 0, 0));
    assertThat(engine.copy(list(HOLD, List.of(cscd(engine.zero)), more)).sense())
        .isEqualTo(CopySense.TOO_MANY_SEGMENT_DESCRIPTORS);
    assertThat(engine.copy(list(HOLD, sixteen, more)).sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
  }

  @Test
  void otherDescriptorsAreNotSupported() {
    byte[] fibreChannel = engine.list(across(1, 0, 0));
    fibreChannel[48] = (byte) 0xe0;
    byte[] stream = engine.list(across(1, 0, 0));
    stream[80] = 0x03;

    assertThat(engine.copy(fibreChannel).sense())
        .isEqualTo(CopySense.UNSUPPORTED_CSCD_DESCRIPTOR.withFieldPointer(false, 48, -1));
    assertThat(engine.copy(stream).sense())
        .isEqualTo(CopySense.UNSUPPORTED_SEGMENT_DESCRIPTOR.withFieldPointer(false, 80, -1));
  }

  @ParameterizedTest
  @CsvSource({"23, 15, 23, -1", "83, 17, 82, -1", "81, 04, 81, 2", "1, 08, 1, 4"})
  void aWrongFieldIsPointedAt(int at, String value, int field, int bit) {
    byte[] list = engine.list(across(1, 0, 0));
    list[at] = (byte) Integer.parseInt(value, 16);

    assertThat(engine.copy(list).sense()).isEqualTo(Sense.invalidFieldInParameterList(field, bit));
    assertThat(one.calls).isEmpty();
  }

  @Test
  void inlineDataAreNotTaken() {
    byte[] list = Arrays.copyOf(engine.list(across(1, 0, 0)), 109);
    list[15] = 1;

    assertThat(engine.copy(list).sense()).isEqualTo(CopySense.INLINE_DATA_LENGTH_EXCEEDED);
  }

  @Test
  void hintsAreTaken() {
    byte[] list = engine.list(across(1, 0, 0));
    list[1] = 0x27; // STR, PRIORITY

    assertThat(engine.copy(list).status()).isEqualTo(Status.GOOD);
  }

  // ---- the long list

  @Test
  void aListWithFourBytesOfIdentifierCopiesTheSame() {
    zero.fill(3, 1, 0x11);
    byte[] list = engine.longList(HOLD, 0, across(1, 3, 4));

    assertThat(engine.execute(extendedCopy(1, list.length), list).status()).isEqualTo(Status.GOOD);

    assertThat(one.block(4)).isEqualTo(Cdbs.block(0x11));
  }

  @ParameterizedTest
  @CsvSource({"0, 00, 0, -1", "3, 00, 2, -1", "15, 02, 15, 1", "16, e4, 16, -1"})
  void aWrongHeaderIsPointedAt(int at, String value, int field, int bit) {
    byte[] list = engine.longList(HOLD, 0, across(1, 3, 4));
    list[at] = (byte) Integer.parseInt(value, 16);

    assertThat(engine.execute(extendedCopy(1, list.length), list).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(field, bit));
  }

  @Test
  void aLongListThatEndsTooEarlyHasTheWrongLength() {
    byte[] list = engine.longList(HOLD, 0, across(1, 3, 4));
    for (int length = 1; length < list.length; length++) {
      assertThat(engine.execute(extendedCopy(1, length), list).sense())
          .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    }
  }

  @Test
  void aCopyInTheBackgroundNeedsAListIdentifier() {
    byte[] list = engine.longList(NO_LIST, 1, across(1, 3, 4));

    assertThat(engine.execute(extendedCopy(1, list.length), list).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(1, 4));
  }

  // ---- list identifiers

  @Test
  void theResultIsHeldUnlessTheListSaysOtherwise() {
    String status = "84 00 07 00000000000000 000000ff 00 00";
    Sense unknown = Sense.invalidFieldInCdb(2);
    List<byte[]> cscds = List.of(cscd(engine.zero), cscd(engine.one));

    assertThat(engine.execute(status).sense()).isEqualTo(unknown);
    engine.copy(list(DISCARD, cscds, List.of(across(1, 0, 0))));
    assertThat(engine.execute(status).sense()).isEqualTo(unknown);
    engine.copy(list(NO_LIST, cscds, List.of(across(1, 0, 0))));
    assertThat(engine.execute(status).sense()).isEqualTo(unknown);
    engine.copy(list(HOLD, cscds, List.of(across(1, 0, 0))));
    assertThat(engine.execute(status).status()).isEqualTo(Status.GOOD);
    assertThat(engine.copy(list(RESERVED_USAGE, cscds, List.of())).sense())
        .isEqualTo(Sense.invalidFieldInParameterList(1, 4));
  }
}
