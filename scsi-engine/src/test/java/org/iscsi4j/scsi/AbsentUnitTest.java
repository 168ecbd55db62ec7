package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** LUNs without a unit, in a target with units and in an empty one. */
class AbsentUnitTest {

  private static final long NOT_THERE = Lun.encode(5);
  private static final byte[] REPORT_LUNS = Cdbs.hex("a0 00 00 000000 00000400 00 00");

  private final Engine engine = Engine.over(TestDisk.ofBlocks(16));

  @Test
  void inquirySaysThatNothingIsThere() {
    ScsiResult standard = execute(NOT_THERE, Cdbs.inquiry(255));

    assertThat(standard.status()).isEqualTo(Status.GOOD);
    assertThat(standard.data()).hasSize(96);
    assertThat(standard.hex()).startsWith("7f0006325b");
  }

  @Test
  void theOnlyPageIsTheListOfPages() {
    assertThat(execute(NOT_THERE, Cdbs.vpd(0x00, 255)).hex()).isEqualTo("7f00000100");
    assertThat(execute(NOT_THERE, Cdbs.vpd(0x83, 255)).sense())
        .isEqualTo(Sense.invalidFieldInCdb(2));
    assertThat(execute(NOT_THERE, Cdbs.hex("12 00 83 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(2));
    assertThat(execute(NOT_THERE, Cdbs.hex("12 02 00 00ff 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 1));
  }

  @Test
  void requestSenseTellsTheReasonWithGood() {
    ScsiResult told = execute(NOT_THERE, Cdbs.hex("03 01 0000 ff 00"));

    assertThat(told.status()).isEqualTo(Status.GOOD);
    assertThat(told.hex()).isEqualTo("7205250000000000");
  }

  @Test
  void reportLunsAnswersAtAnyLun() {
    assertThat(execute(NOT_THERE, REPORT_LUNS).hex())
        .isEqualTo("0000000800000000" + "0".repeat(16));
    assertThat(execute(-1, REPORT_LUNS).hex()).isEqualTo("0000000800000000" + "0".repeat(16));
  }

  @Test
  void anythingElseIsRefused() {
    for (byte[] cdb :
        new byte[][] {Cdbs.TEST_UNIT_READY, Cdbs.read10(0, 1), Cdbs.hex("ff"), Cdbs.hex("a3 0c")}) {
      ScsiResult refused = execute(NOT_THERE, cdb);
      assertThat(refused.status()).isEqualTo(Status.CHECK_CONDITION);
      assertThat(refused.sense()).isEqualTo(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x25, 0x00));
    }
    assertThat(execute(Lun.encode(300), Cdbs.TEST_UNIT_READY).sense())
        .isEqualTo(Sense.LOGICAL_UNIT_NOT_SUPPORTED);
  }

  @Test
  void anEmptyTargetAnswersAtLunZero() {
    TestNexus nexus = new TestNexus("host", new TaskRouter(Map.of()));

    assertThat(ScsiResult.of(nexus.start(0, REPORT_LUNS, 1024, new byte[0])).hex())
        .isEqualTo("0000000000000000");
    assertThat(ScsiResult.of(nexus.start(0, Cdbs.inquiry(36), 36, new byte[0])).hex())
        .startsWith("7f");
  }

  private ScsiResult execute(long lun, byte[] cdb) {
    return ScsiResult.of(engine.nexus.start(lun, cdb, 1024, new byte[0]));
  }
}
