package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import java.nio.ByteBuffer;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** READ DEFECT DATA and REASSIGN BLOCKS. */
class DefectsTest {

  private static final int LONGLBA = 0x02;
  private static final int LONGLIST = 0x01;

  private final TestDisk disk = TestDisk.ofBlocks(16);
  private final Engine engine = Engine.over(disk);

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x08, 0x10, 0x18, 0x1b, 0x1d})
  void bothListsAreEmptyInTheFormatAskedFor(int flags) {
    String told = String.format("%02x", flags);

    assertThat(engine.execute(hex("37 00" + told + "00000000 ffff 00")).hex())
        .isEqualTo("00" + told + "0000");
    assertThat(engine.execute(hex("b7" + told + "00000000 0000ffff 00 00")).hex())
        .isEqualTo("00" + told + "0000" + "00000000");
    assertThat(engine.execute(hex("b7" + told + "ffffffff 0000ffff 00 00")).hex())
        .isEqualTo("00" + told + "0000" + "00000000");
  }

  @Test
  void otherFormatsAreRefused() {
    for (String format : new String[] {"1e", "1f"}) {
      assertThat(engine.execute(hex("37 00" + format + "00000000 ffff 00")).sense())
          .isEqualTo(Sense.invalidFieldInCdb(2, 2));
      assertThat(engine.execute(hex("b7" + format + "00000000 0000ffff 00 00")).sense())
          .isEqualTo(Sense.invalidFieldInCdb(1, 2));
    }
  }

  @Test
  void allocationLengthsCutTheLists() {
    assertThat(engine.execute(hex("37 00 18 00000000 0000 00")).data()).isEmpty();
    assertThat(engine.execute(hex("37 00 18 00000000 0002 00")).hex()).isEqualTo("0018");
    assertThat(engine.execute(hex("b7 18 00000000 00000007 00 00")).data()).hasSize(7);
  }

  private ScsiResult reassign(int flags, String list) {
    return engine.execute(new byte[] {0x07, (byte) flags, 0, 0, 0, 0}, hex(list));
  }

  @Test
  void blocksThatCanBeReadStayWhereTheyAre() {
    disk.fill(3, 1, 0x33);

    assertThat(reassign(0, "0000 0008 00000003 0000000f").status()).isEqualTo(Status.GOOD);
    assertThat(reassign(LONGLIST, "00000004 00000003").status()).isEqualTo(Status.GOOD);
    assertThat(reassign(LONGLBA, "0000 0010 0000000000000003 000000000000000f").status())
        .isEqualTo(Status.GOOD);
    assertThat(reassign(LONGLBA | LONGLIST, "00000008 0000000000000003").status())
        .isEqualTo(Status.GOOD);
    assertThat(reassign(0, "0000 0000").status()).isEqualTo(Status.GOOD);

    assertThat(disk.calls).isEmpty();
    assertThat(disk.block(3)).isEqualTo(Cdbs.block(0x33));
  }

  @Test
  void aBlockThatCannotBeReadHasNoOtherPlace() {
    disk.fault = new BlockDeviceException(BlockDeviceException.Kind.MEDIUM_ERROR, "scratch");

    assertThat(reassign(0, "0000 0008 00000003 00000004").sense())
        .isEqualTo(Sense.of(SenseKey.MEDIUM_ERROR, 0x32, 0x00).withInformation(3));
    disk.fault = new BlockDeviceException(BlockDeviceException.Kind.NOT_READY, "asleep");
    assertThat(reassign(0, "0000 0008 00000003 00000004").sense())
        .isEqualTo(Sense.NOT_READY_CAUSE_NOT_REPORTABLE);
  }

  @Test
  void everyAddressMustLieOnTheMedium() {
    assertThat(reassign(0, "0000 0008 00000003 00000010").sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(16));
    assertThat(reassign(0, "0000 0004 ffffffff").sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(0xffff_ffffL));
    assertThat(reassign(LONGLBA, "0000 0008 0080000000000010").sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation((1L << 55) + 16));
    assertThat(reassign(LONGLBA, "0000 0008 ffffffffffffffff").sense())
        .isEqualTo(Sense.LBA_OUT_OF_RANGE.withInformation(-1));
  }

  @Test
  void listsThatEndEarlyAreRefused() {
    for (String list :
        new String[] {"", "00", "000000", "0000 0004", "0000 0004 000000", "0000 0003 00000000"}) {
      assertThat(reassign(0, list).sense()).as(list).isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
    }
    assertThat(reassign(LONGLBA, "0000 0004 00000003").sense())
        .isEqualTo(Sense.PARAMETER_LIST_LENGTH_ERROR);
  }

  @Test
  void listsThatAreTooLongAreRefused() {
    assertThat(reassign(LONGLIST, "ffffffff 00000003").sense())
        .isEqualTo(Sense.invalidFieldInParameterList(0));
    assertThat(reassign(0, "0000 fffc 00000003").sense())
        .isEqualTo(Sense.invalidFieldInParameterList(2));
    assertThat(reassign(0, "0001 0004 00000003").sense())
        .as("reserved")
        .isEqualTo(Sense.invalidFieldInParameterList(0));
  }

  @Test
  void theLongestListIsTakenAndMoreIsLeft() {
    int count = 2048;
    byte[] list = new byte[4 + count * 4 + 100];
    ByteBuffer.wrap(list).putInt(0, count * 4);

    ScsiResult result = engine.execute(new byte[] {0x07, LONGLIST, 0, 0, 0, 0}, list);

    assertThat(result.status()).isEqualTo(Status.GOOD);
    assertThat(result.dataOutLength()).isEqualTo(4 + count * 4);
  }

  @Test
  void aLongListGoesStepByStep() {
    SteppedExecutor executor = new SteppedExecutor();
    TestDisk slow = new TestDisk(Geometry.of(512, 16), TestDisk.MEMORY.withBlocking(Blocking.LONG));
    Engine slowEngine = Engine.over(LogicalUnit.of(slow), executor);
    byte[] list = new byte[4 + 100 * 4];
    ByteBuffer.wrap(list).putInt(0, 400);

    TestTask task = slowEngine.start(new byte[] {0x07, LONGLIST, 0, 0, 0, 0}, list);
    executor.runNext();
    slowEngine.nexus.drain();
    assertThat(task.ended).isZero();
    executor.runNext();
    slowEngine.nexus.drain();
    assertThat(task.status()).isEqualTo(Status.GOOD);
  }
}
