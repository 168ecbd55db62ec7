package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.TEST_UNIT_READY;
import static org.iscsi4j.scsi.Cdbs.hex;
import static org.iscsi4j.scsi.Cdbs.startStop;

import java.util.List;
import org.iscsi4j.api.Drive;
import org.junit.jupiter.api.Test;

class DvdMediumTest {

  private static final byte[] EJECT = startStop(0x02);
  private static final byte[] LOAD = startStop(0x03);
  private static final byte[] PREVENT = hex("1e 0000 00 01 00");
  private static final byte[] ALLOW = hex("1e 0000 00 00 00");

  private static final Sense CLOSED_AND_EMPTY = Sense.of(SenseKey.NOT_READY, 0x3a, 0x01);
  private static final Sense OPEN = Sense.of(SenseKey.NOT_READY, 0x3a, 0x02);
  private static final Sense CHANGED = Sense.of(SenseKey.UNIT_ATTENTION, 0x28, 0x00);

  private final Drive drive = Drive.empty(2048);
  private final Engine engine = Discs.drive(drive);
  private final TestNexus other = engine.nexus("other");

  private void insert(TestDisk disc) {
    drive.insert(disc);
    engine.unit.load();
    engine.execute(TEST_UNIT_READY);
    engine.execute(other, TEST_UNIT_READY);
  }

  @Test
  void anEmptyDriveIsThereAndNotReady() {
    assertThat(engine.execute(Cdbs.inquiry(36)).hex()).startsWith("0580");
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(CLOSED_AND_EMPTY);
    assertThat(engine.execute(hex("03 00 0000 ff 00")).hex()).startsWith("700002");
    for (byte[] cdb :
        List.of(
            Cdbs.READ_CAPACITY_10,
            Cdbs.read10(0, 1),
            Cdbs.twelve(0xa8, 0, 0, 1),
            Cdbs.ten(0x35, 0, 0, 0),
            hex("43 00 00 000000 00 00ff 00"),
            hex("51 00 0000000000 00ff 00"),
            hex("52 00 00000000 00 00ff 00"),
            hex("ad 00 00000000 00 00 00ff 00 00"),
            hex("ac 10 00000000 0000 0001 00 00"),
            hex("be 00 00000000 000001 10 00 00"))) {
      assertThat(engine.execute(cdb).sense()).isEqualTo(CLOSED_AND_EMPTY);
    }
  }

  @Test
  void theTrayOfAnEmptyDriveMovesToo() {
    assertThat(engine.execute(EJECT).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(OPEN);

    assertThat(engine.execute(LOAD).sense()).isEqualTo(CLOSED_AND_EMPTY);
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(CLOSED_AND_EMPTY);
  }

  @Test
  void everybodyLearnsOfAMediumThatTheHostLoads() {
    drive.insert(Discs.cd());
    assertThat(engine.execute(TEST_UNIT_READY).sense()).as("inserted").isEqualTo(CLOSED_AND_EMPTY);

    engine.unit.load();

    for (TestNexus each : List.of(engine.nexus, other)) {
      assertThat(engine.execute(each, TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
      assertThat(engine.execute(each, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
      assertThat(engine.execute(each, Cdbs.READ_CAPACITY_10).hex()).isEqualTo("0000000f00000800");
    }
  }

  @Test
  void anInitiatorMayLoadWhatTheHostInserted() {
    drive.insert(Discs.cd());

    assertThat(engine.execute(LOAD).status()).isEqualTo(Status.GOOD);

    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(other, TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
  }

  @Test
  void loadBringsBackWhatEjectTookOut() {
    TestDisk disc = Discs.cd();
    disc.fill(0, 1, 7);
    insert(disc);

    assertThat(engine.execute(EJECT).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(OPEN);
    assertThat(engine.execute(other, Cdbs.read10(0, 1)).sense()).isEqualTo(OPEN);

    assertThat(engine.execute(LOAD).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.read10(0, 1)).hex()).isEqualTo("07".repeat(2048));
    assertThat(engine.execute(other, TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
    assertThat(engine.execute(other, TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void theHostChangesTheMedium() {
    insert(Discs.cd());

    assertThat(engine.unit.eject(false)).isTrue();
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(OPEN);
    assertThat(drive.remove()).isPresent();
    assertThat(engine.execute(LOAD).sense()).isEqualTo(CLOSED_AND_EMPTY);
    drive.insert(Discs.dvd());
    engine.unit.load();

    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
    assertThat(engine.execute(TEST_UNIT_READY).status())
        .as("a new medium says all about its capacity")
        .isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.READ_CAPACITY_10).hex()).isEqualTo("00057e40" + "00000800");
  }

  @Test
  void aMediumThatTheHostPullsOutIsGone() {
    insert(Discs.cd());
    engine.execute(PREVENT);

    drive.remove();
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(OPEN);
    drive.insert(Discs.dvd());
    assertThat(engine.execute(TEST_UNIT_READY).sense()).as("not loaded").isEqualTo(OPEN);
    engine.unit.load();

    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(CHANGED);
    assertThat(engine.execute(Cdbs.READ_CAPACITY_10).hex()).isEqualTo("00057e40" + "00000800");
  }

  @Test
  void aLockedMediumStays() {
    insert(Discs.cd());
    engine.execute(PREVENT);
    Sense prevented = Sense.of(SenseKey.ILLEGAL_REQUEST, 0x53, 0x02);

    assertThat(engine.execute(EJECT).sense()).isEqualTo(prevented);
    assertThat(engine.execute(other, EJECT).sense()).isEqualTo(prevented);
    assertThat(engine.unit.eject(false)).isFalse();
    assertThat(engine.execute(TEST_UNIT_READY).status()).isEqualTo(Status.GOOD);

    engine.execute(ALLOW);
    assertThat(engine.execute(other, EJECT).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(OPEN);
  }

  @Test
  void theHostMayForceALockedMediumOut() {
    insert(Discs.cd());
    engine.execute(PREVENT);

    assertThat(engine.unit.eject(true)).isTrue();
    assertThat(engine.execute(TEST_UNIT_READY).sense()).isEqualTo(OPEN);
  }
}
