package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.iscsi4j.api.Drive;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.PeripheralDeviceType;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A CD drive whose discs the host and two initiators put in and take out. */
class DvdDriveTest {

  private static final int LUN = 5;
  private static final int BLOCK = 2048;
  private static final int BLOCKS = 16;

  private static final String EMPTY = "0006047e00000000";
  private static final String NEW_MEDIA = "0006047e02020000";
  private static final String MEDIA_PRESENT = "0006047e00020000";
  private static final String EJECT_REQUEST = "0006047e01020000";
  private static final String MEDIA_REMOVAL = "0006047e03010000";

  private final Drive drive = Drive.empty(BLOCK);
  private final LogicalUnit unit =
      LogicalUnit.builder(drive).type(PeripheralDeviceType.CD_DVD).build();
  private final TestServer test = TestServer.start();
  private final IscsiServer server = test.server();

  @AfterEach
  void stop() {
    test.close();
  }

  private ScriptedInitiator login(long isid) {
    ScriptedInitiator initiator = test.login(script -> script.isid(isid));
    assertThat(ready(initiator)).as("power on").isEqualTo("CHECK CONDITION 6/29/00");
    return initiator;
  }

  private static Exchange read(ScriptedInitiator initiator, String cdb, int bytes) {
    byte[] parsed = HexFormat.of().parseHex(cdb.replace(" ", ""));
    return initiator.command(parsed).lun(LUN).read(bytes).await();
  }

  private static String outcome(ScriptedInitiator initiator, String cdb) {
    byte[] parsed = HexFormat.of().parseHex(cdb.replace(" ", ""));
    return initiator.command(parsed).lun(LUN).await().outcome();
  }

  private static String ready(ScriptedInitiator initiator) {
    return outcome(initiator, "00 00 00 00 00 00");
  }

  private static String event(ScriptedInitiator initiator) {
    Exchange polled = read(initiator, "4a 01 0000 10 0000 0008 00", 8);
    return HexFormat.of().formatHex(polled.data());
  }

  private static MemoryDevice disc(int value) throws IOException {
    MemoryDevice disc = MemoryDevice.of(Geometry.of(BLOCK, BLOCKS));
    disc.write(BLOCK, ByteBuffer.wrap(block(value)));
    return disc;
  }

  private static byte[] block(int value) {
    byte[] block = new byte[BLOCK];
    Arrays.fill(block, (byte) value);
    return block;
  }

  @Test
  void discsComeAndGo() throws IOException {
    server.addLun(IscsiName.of(TestServer.TARGET), LUN, unit);
    try (ScriptedInitiator initiator = login(0x8000_0000_0001L);
        ScriptedInitiator other = login(0x8000_0000_0002L)) {
      whoItIs(initiator);
      theDriveIsEmpty(initiator);
      theHostInserts(initiator, other);
      itReads(initiator);
      theLockHolds(initiator, other);
      anInitiatorEjectsAndLoads(initiator, other);
      theHostChanges(initiator);
    }
  }

  private static void whoItIs(ScriptedInitiator initiator) {
    byte[] inquiry = initiator.command(Cdbs.inquiry(36)).lun(LUN).read(36).await().data();

    assertThat(inquiry[0]).as("CD/DVD").isEqualTo((byte) 0x05);
    assertThat(inquiry[1]).as("RMB").isEqualTo((byte) 0x80);
    assertThat(new String(inquiry, 8, 24, StandardCharsets.US_ASCII))
        .isEqualTo("ISCSI4J VIRTUAL-DVD     ");
  }

  private static void theDriveIsEmpty(ScriptedInitiator initiator) {
    assertThat(ready(initiator)).isEqualTo("CHECK CONDITION 2/3a/01");
    assertThat(event(initiator)).isEqualTo(EMPTY);
    assertThat(outcome(initiator, "1b 00 00 00 03 00"))
        .as("there is nothing to load")
        .isEqualTo("CHECK CONDITION 2/3a/01");
  }

  private void theHostInserts(ScriptedInitiator initiator, ScriptedInitiator other)
      throws IOException {
    drive.insert(disc(0x11));
    server.load(unit);

    for (ScriptedInitiator each : new ScriptedInitiator[] {initiator, other}) {
      assertThat(event(each)).isEqualTo(NEW_MEDIA);
      assertThat(event(each)).isEqualTo(MEDIA_PRESENT);
      assertThat(ready(each)).isEqualTo("CHECK CONDITION 6/28/00");
      assertThat(ready(each)).isEqualTo("GOOD");
    }
  }

  private static void itReads(ScriptedInitiator initiator) {
    assertThat(read(initiator, "25 00 00000000 0000 00 00", 8).data())
        .isEqualTo(new byte[] {0, 0, 0, BLOCKS - 1, 0, 0, 8, 0});
    assertThat(read(initiator, "28 00 00000001 00 0001 00", BLOCK).data()).isEqualTo(block(0x11));
    assertThat(read(initiator, "a8 00 00000001 00000001 00 00", BLOCK).data())
        .isEqualTo(block(0x11));
    assertThat(read(initiator, "be 00 00000001 000001 10 00 00", BLOCK).data())
        .isEqualTo(block(0x11));
    assertThat(initiator.command(Cdbs.write10(0, 1)).lun(LUN).write(block(1)).await().outcome())
        .isEqualTo("CHECK CONDITION 5/20/00");
  }

  private void theLockHolds(ScriptedInitiator initiator, ScriptedInitiator other) {
    assertThat(outcome(initiator, "1e 0000 00 01 00")).isEqualTo("GOOD");

    assertThat(outcome(other, "1b 00 00 00 02 00")).isEqualTo("CHECK CONDITION 5/53/02");
    assertThat(server.eject(unit, false)).isFalse();
    assertThat(event(initiator)).isEqualTo(EJECT_REQUEST);
    assertThat(ready(initiator)).isEqualTo("GOOD");

    assertThat(outcome(initiator, "1e 0000 00 00 00")).isEqualTo("GOOD");
  }

  private static void anInitiatorEjectsAndLoads(
      ScriptedInitiator initiator, ScriptedInitiator other) {
    assertThat(outcome(initiator, "1b 00 00 00 02 00")).isEqualTo("GOOD");
    assertThat(event(initiator)).isEqualTo(MEDIA_REMOVAL);
    assertThat(ready(other)).isEqualTo("CHECK CONDITION 2/3a/02");

    assertThat(outcome(initiator, "1b 00 00 00 03 00")).isEqualTo("GOOD");
    assertThat(event(initiator)).isEqualTo(NEW_MEDIA);
    assertThat(read(initiator, "28 00 00000001 00 0001 00", BLOCK).data()).isEqualTo(block(0x11));
    assertThat(ready(other)).isEqualTo("CHECK CONDITION 6/28/00");
    assertThat(ready(other)).isEqualTo("GOOD");
  }

  private void theHostChanges(ScriptedInitiator initiator) throws IOException {
    assertThat(server.eject(unit, false)).isTrue();
    assertThat(drive.remove()).isPresent();
    drive.insert(disc(0x22));
    server.load(unit);

    assertThat(event(initiator)).isEqualTo(NEW_MEDIA);
    assertThat(ready(initiator)).isEqualTo("CHECK CONDITION 6/28/00");
    assertThat(read(initiator, "28 00 00000001 00 0001 00", BLOCK).data()).isEqualTo(block(0x22));
  }
}
