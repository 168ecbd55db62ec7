package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.iscsi4j.api.Geometry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks of every size, disks beyond 2 TiB, and addresses at the edges of their fields. */
class BlockEdgesTest {

  private static final long TWO_TO_32 = 1L << 32;
  private static final long WRAPS_64_BITS = (1L << 55) + 16;

  /** A command for a range, as it is named by 16 or 32 bytes. */
  private static final Map<String, Integer> SIXTEEN =
      Map.of(
          "READ", 0x88,
          "WRITE", 0x8a,
          "WRITE AND VERIFY", 0x8e,
          "VERIFY", 0x8f,
          "COMPARE AND WRITE", 0x89,
          "ORWRITE", 0x8b,
          "PRE-FETCH", 0x90,
          "SYNCHRONIZE CACHE", 0x91,
          "WRITE SAME", 0x93,
          "WRITE ATOMIC", 0x9c);

  private static final List<Integer> THIRTY_TWO = List.of(0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e);
  private static final List<Integer> TEN = List.of(0x28, 0x2a, 0x2e, 0x2f, 0x34, 0x35, 0x41);
  private static final List<Integer> TWELVE = List.of(0xa8, 0xaa, 0xae, 0xaf);

  private static TestDisk disk(int blockSize, long count) {
    return new TestDisk(Geometry.of(blockSize, count), TestDisk.THIN);
  }

  private static byte[] filled(int length, int value) {
    byte[] data = new byte[length];
    Arrays.fill(data, (byte) value);
    return data;
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 2048, 4096, 65_536})
  void blocksOfEverySizeDoAll(int size) {
    TestDisk disk = disk(size, 64);
    Engine engine = Engine.over(disk);

    assertGood(engine.execute(Cdbs.write10(7, 2), filled(2 * size, 0x0f)));
    assertGood(engine.execute(Cdbs.sixteen(0x8e, 0x02, 9, 2), filled(2 * size, 0x0f)));
    assertGood(engine.execute(Cdbs.thirtyTwo(0x0b, 0, 11, 2), filled(2 * size, 0x0f)));
    assertGood(engine.execute(Cdbs.sixteen(0x9c, 0, 13, 1), filled(size, 0x0f)));
    assertGood(engine.execute(Cdbs.ten(0x2f, 0x06, 7, 7), filled(size, 0x0f)));
    assertGood(engine.execute(Cdbs.sixteen(0x8b, 0, 7, 7), filled(7 * size, 0xf0)));
    byte[] both = new byte[2 * size];
    Arrays.fill(both, 0, size, (byte) 0xff);
    assertGood(engine.execute(Cdbs.sixteen(0x89, 0, 8, 1), both));
    assertGood(engine.execute(Cdbs.writeSame10(0, 60, 0), filled(size, 0x3c)));
    assertGood(engine.execute(Cdbs.thirtyTwo(0x0d, Cdbs.NDOB, 62, 1)));

    byte[] last = filled(size, 0xff);
    assertThat(disk.block(6)).isEqualTo(new byte[size]);
    assertThat(disk.block(7)).isEqualTo(last);
    assertThat(disk.block(8)).isEqualTo(new byte[size]);
    assertThat(disk.block(13)).isEqualTo(last);
    assertThat(disk.block(14)).isEqualTo(new byte[size]);
    assertThat(disk.block(61)).isEqualTo(filled(size, 0x3c));
    assertThat(disk.block(62)).isEqualTo(new byte[size]);
    assertThat(disk.block(63)).isEqualTo(filled(size, 0x3c));
    assertThat(engine.execute(Cdbs.thirtyTwo(0x09, 0, 13, 2)).data())
        .startsWith(last)
        .hasSize(2 * size);
    assertThat(disk.offences).isEmpty();
  }

  private static void assertGood(ScsiResult result) {
    assertThat(result.sense()).isEqualTo(Sense.NONE);
    assertThat(result.status()).isEqualTo(Status.GOOD);
  }

  @Test
  void aDiskBeyondTwoTebibytesIsReachedToItsLastBlock() {
    long count = 3 * TWO_TO_32 + 5;
    TestDisk disk = disk(512, count);
    Engine engine = Engine.over(disk);

    assertThat(engine.execute(Cdbs.READ_CAPACITY_10).hex()).isEqualTo("ffffffff" + "00000200");
    assertGood(engine.execute(Cdbs.write16(count - 1, 1), Cdbs.block(1)));
    assertGood(engine.execute(Cdbs.thirtyTwo(0x0b, 0, count - 2, 1), Cdbs.block(2)));
    assertGood(engine.execute(Cdbs.sixteen(0x8f, 0x02, count - 1, 1), Cdbs.block(1)));
    assertGood(engine.execute(Cdbs.writeSame16(0, count - 4, 2), Cdbs.block(3)));

    assertThat(disk.block(count - 1)).isEqualTo(Cdbs.block(1));
    assertThat(disk.block(count - 2)).isEqualTo(Cdbs.block(2));
    assertThat(disk.block(count - 4)).isEqualTo(Cdbs.block(3));
    assertThat(disk.block(count - 1 & 0xffff_ffffL)).as("32 bits of it").isEqualTo(new byte[512]);
    assertThat(disk.offences).isEmpty();
  }

  @Test
  void tenAndTwelveBytesReachBlockFfffffff() {
    TestDisk disk = disk(512, TWO_TO_32 + 1);
    Engine engine = Engine.over(disk);

    assertGood(engine.execute(Cdbs.write10(0xffff_ffffL, 2), Cdbs.blocks(2)));
    assertGood(engine.execute(Cdbs.twelve(0xaf, 0x02, 0xffff_ffffL, 2), Cdbs.blocks(2)));
    assertThat(engine.execute(Cdbs.read10(0xffff_ffffL, 2)).data()).isEqualTo(Cdbs.blocks(2));
    assertThat(engine.execute(Cdbs.write10(0xffff_ffffL, 3), Cdbs.blocks(3)).sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(TWO_TO_32 + 1));
    assertThat(disk.block(0)).isEqualTo(new byte[512]);
  }

  @Test
  void addressesOf32BitsThatAreTooLargeAreRefused() {
    TestDisk disk = disk(512, 1000);
    Engine engine = Engine.over(disk);
    Sense outside = Sense.LBA_OUT_OF_RANGE.withInformation(0xffff_ffffL);

    for (int blocks = 0; blocks < 2; blocks++) {
      for (int opcode : TEN) {
        byte[] cdb = Cdbs.ten(opcode, 0, 0xffff_ffffL, blocks);
        assertThat(engine.execute(cdb, Cdbs.block(1)).sense()).isEqualTo(outside);
      }
      for (int opcode : TWELVE) {
        byte[] cdb = Cdbs.twelve(opcode, 0, 0xffff_ffffL, blocks);
        assertThat(engine.execute(cdb, Cdbs.block(1)).sense()).isEqualTo(outside);
      }
    }
    assertThat(disk.calls).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {WRAPS_64_BITS, 1L << 32, 1L << 54, 1L << 62, Long.MAX_VALUE, -1, -16})
  void addressesOf64BitsThatAreTooLargeAreRefused(long lba) {
    TestDisk disk = disk(512, 1000);
    Engine engine = Engine.over(disk);
    Sense outside = Sense.LBA_OUT_OF_RANGE.withInformation(lba);

    for (int blocks = 0; blocks < 2; blocks++) {
      for (Map.Entry<String, Integer> each : SIXTEEN.entrySet()) {
        byte[] cdb = Cdbs.sixteen(each.getValue(), 0, lba, blocks);
        assertThat(engine.execute(cdb, Cdbs.blocks(2)).sense())
            .as(each.getKey())
            .isEqualTo(outside);
      }
      for (int action : THIRTY_TWO) {
        byte[] cdb = Cdbs.thirtyTwo(action, 0, lba, blocks);
        assertThat(engine.execute(cdb, Cdbs.block(1)).sense()).isEqualTo(outside);
      }
    }
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void theLongestLengthsNeverWrap() {
    TestDisk disk = disk(512, 1000);
    Engine engine = Engine.over(disk);
    Sense outside = Sense.LBA_OUT_OF_RANGE.withInformation(1000);

    for (int opcode : List.of(0x88, 0x8a, 0x8b, 0x8e, 0x8f, 0x90, 0x91, 0x93)) {
      assertThat(engine.execute(Cdbs.sixteen(opcode, 0, 999, -1), Cdbs.block(1)).sense())
          .isEqualTo(outside);
    }
    for (int action : THIRTY_TWO) {
      assertThat(engine.execute(Cdbs.thirtyTwo(action, 0, 999, -1), Cdbs.block(1)).sense())
          .isEqualTo(outside);
    }
    for (int opcode : TWELVE) {
      assertThat(engine.execute(Cdbs.twelve(opcode, 0, 999, -1), Cdbs.block(1)).sense())
          .isEqualTo(outside);
    }
    assertThat(disk.calls).isEmpty();
  }

  /** A length that is within the medium and beyond what one command moves. */
  @Test
  void lengthsThatFitTheMediumAndNotTheCommandAreRefused() {
    TestDisk disk = disk(512, TWO_TO_32 * 2);
    Engine engine = Engine.over(disk);

    for (int opcode : List.of(0x88, 0x8a, 0x8b, 0x8e)) {
      assertThat(engine.execute(Cdbs.sixteen(opcode, 0, 0, 0xffff_ffffL), Cdbs.block(1)).sense())
          .isEqualTo(Sense.invalidFieldInCdb(10));
    }
    for (int action : List.of(0x09, 0x0b, 0x0c, 0x0e)) {
      assertThat(engine.execute(Cdbs.thirtyTwo(action, 0, 0, 65_537), Cdbs.block(1)).sense())
          .isEqualTo(Sense.invalidFieldInCdb(28));
    }
    assertThat(disk.calls).isEmpty();
  }

  @Test
  void withoutProtectionInformationTagsAreIgnored() {
    Engine engine = Engine.over(disk(512, 1000));

    for (int action : List.of(0x09, 0x0a, 0x0b, 0x0c, 0x0d)) {
      byte[] cdb = Cdbs.thirtyTwo(action, 0, 0, 1);
      Arrays.fill(cdb, 20, 28, (byte) 0xff);
      assertGood(engine.execute(cdb, Cdbs.block(1)));
      assertThat(engine.execute(Cdbs.thirtyTwo(action, 0x20, 0, 1), Cdbs.block(1)).sense())
          .as("RDPROTECT and its like")
          .isEqualTo(Sense.invalidFieldInCdb(10, 5));
    }
  }

  @Test
  void aCdbThatIsCutOffIsRefused() {
    Engine engine = Engine.over(disk(512, 1000));
    byte[] cut = Arrays.copyOf(Cdbs.thirtyTwo(0x09, 0, 0, 1), 24);
    byte[] lies = Cdbs.thirtyTwo(0x09, 0, 0, 1);
    lies[7] = 0x10;

    assertThat(engine.execute(cut).sense().key()).isEqualTo(SenseKey.ILLEGAL_REQUEST);
    assertThat(engine.execute(lies).sense()).isEqualTo(Sense.invalidFieldInCdb(7));
  }
}
