package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;
import static org.iscsi4j.scsi.Cdbs.startStop;

import org.iscsi4j.api.Drive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GetEventStatusNotificationTest {

  private static final int OPERATIONAL_CHANGE = 0x02;
  private static final int MEDIA = 0x10;

  private static final String NEW_MEDIA = "0006047e" + "02020000";
  private static final String MEDIA_REMOVAL_TRAY_OPEN = "0006047e" + "03010000";
  private static final String EJECT_REQUEST = "0006047e" + "01020000";
  private static final String PRESENT = "0006047e" + "00020000";
  private static final String TRAY_OPEN = "0006047e" + "00010000";
  private static final String EMPTY = "0006047e" + "00000000";
  private static final String FEATURE_CHANGE = "0006017e" + "02000001";
  private static final String NO_CHANGE = "0006017e" + "00000000";

  private final Drive drive = Drive.empty(2048);
  private final Engine engine = Discs.drive(drive);
  private final TestNexus other = engine.nexus("other");

  private static byte[] poll(int classes, int allocationLength) {
    byte[] cdb = hex("4a 01 0000 00 0000 0000 00");
    cdb[4] = (byte) classes;
    cdb[8] = (byte) allocationLength;
    return cdb;
  }

  private String media(TestNexus nexus) {
    return engine.execute(nexus, poll(MEDIA, 8)).hex();
  }

  private String media() {
    return media(engine.nexus);
  }

  private void load(TestDisk disc) {
    drive.insert(disc);
    engine.unit.load();
  }

  @Test
  void anEmptyDriveHasNoEvents() {
    assertThat(media()).isEqualTo(EMPTY);
  }

  @Test
  void whoAsksForTheFirstTimeLearnsOfTheMediumThatIsIn() {
    Engine full = Discs.drive(Discs.cd());

    assertThat(full.execute(poll(MEDIA, 8)).hex()).isEqualTo(NEW_MEDIA);
    assertThat(full.execute(poll(MEDIA, 8)).hex()).isEqualTo(PRESENT);
  }

  @Test
  void eachNexusLearnsOfEachMediumOnce() {
    media();
    media(other);
    load(Discs.cd());

    assertThat(media()).isEqualTo(NEW_MEDIA);
    assertThat(media()).isEqualTo(PRESENT);
    assertThat(media(other)).isEqualTo(NEW_MEDIA);
    assertThat(media(other)).isEqualTo(PRESENT);
  }

  @Test
  void aMediumThatWentIsTold() {
    load(Discs.cd());
    media();
    engine.unit.eject(false);

    assertThat(media()).isEqualTo(MEDIA_REMOVAL_TRAY_OPEN);
    assertThat(media()).isEqualTo(TRAY_OPEN);
  }

  @Test
  void whoLooksAwayLearnsOfTheLastChange() {
    load(Discs.cd());
    media();
    engine.unit.eject(false);
    drive.remove();
    load(Discs.dvd());

    assertThat(media()).isEqualTo(NEW_MEDIA);
    assertThat(media()).isEqualTo(PRESENT);
  }

  @Test
  void whoLoadsTheMediumLearnsOfItToo() {
    load(Discs.cd());
    media();
    engine.execute(Cdbs.TEST_UNIT_READY);
    engine.execute(startStop(0x02));
    engine.execute(startStop(0x03));

    assertThat(media()).isEqualTo(NEW_MEDIA);
  }

  @Test
  void anEjectThatIsPreventedAsksForIt() {
    load(Discs.cd());
    media();
    engine.execute(Cdbs.TEST_UNIT_READY);
    engine.execute(hex("1e 0000 00 01 00"));
    engine.unit.eject(false);

    assertThat(media()).isEqualTo(EJECT_REQUEST);
    assertThat(media()).isEqualTo(PRESENT);
  }

  @Test
  void aForcedEjectLeavesNothingToAskFor() {
    load(Discs.cd());
    media();
    engine.execute(Cdbs.TEST_UNIT_READY);
    engine.execute(hex("1e 0000 00 01 00"));
    engine.unit.eject(false);
    engine.unit.eject(true);

    assertThat(media()).isEqualTo(MEDIA_REMOVAL_TRAY_OPEN);
    assertThat(media()).isEqualTo(TRAY_OPEN);
  }

  @Test
  void anotherMediumChangesTheFeatures() {
    int both = OPERATIONAL_CHANGE | MEDIA;
    engine.execute(poll(both, 8));
    load(Discs.cd());

    assertThat(engine.execute(poll(both, 8)).hex()).isEqualTo(FEATURE_CHANGE);
    assertThat(engine.execute(poll(both, 8)).hex()).as("then media").isEqualTo(NEW_MEDIA);
    assertThat(engine.execute(poll(both, 8)).hex()).as("nothing left").isEqualTo(NO_CHANGE);
  }

  @Test
  void askingForOneClassLeavesTheOther() {
    engine.execute(poll(OPERATIONAL_CHANGE, 8));
    load(Discs.cd());
    media();

    assertThat(engine.execute(poll(OPERATIONAL_CHANGE, 8)).hex()).isEqualTo(FEATURE_CHANGE);
  }

  @Test
  void theHeaderAloneForgetsNothing() {
    load(Discs.cd());

    assertThat(engine.execute(poll(MEDIA, 4)).hex()).isEqualTo("0006047e");
    assertThat(media()).isEqualTo(NEW_MEDIA);
  }

  @ParameterizedTest(name = "class {0}")
  @CsvSource({
    "04, 0006027e00010000", // power management: active
    "08, 0006037e00000000", // external request: ready
    "20, 0006057e00000000", // multi-initiator: ready
    "40, 0006067e00000000", // device busy: not busy
    "81, 0002807e" // neither of the two
  })
  void otherClassesHaveAStatusOnly(String classes, String answer) {
    assertThat(engine.execute(poll(Integer.parseInt(classes, 16), 8)).hex()).isEqualTo(answer);
  }

  @Test
  void whatAnotherInitiatorPreventsIsTold() {
    engine.execute(other, hex("1e 0000 00 01 00"));

    assertThat(engine.execute(poll(0x20, 8)).hex()).isEqualTo("0006057e" + "00010000");
    assertThat(engine.execute(other, poll(0x20, 8)).hex()).isEqualTo("0006057e" + "00000000");
  }

  @Test
  void aUnitAttentionNeitherStopsItNorIsTaken() {
    load(Discs.cd());

    assertThat(media()).isEqualTo(NEW_MEDIA);
    assertThat(engine.execute(Cdbs.TEST_UNIT_READY).sense())
        .isEqualTo(Sense.of(SenseKey.UNIT_ATTENTION, 0x28, 0x00));
  }

  @Test
  void nothingIsToldLater() {
    assertThat(engine.execute(hex("4a 00 0000 10 0000 0008 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(1, 0));
  }
}
