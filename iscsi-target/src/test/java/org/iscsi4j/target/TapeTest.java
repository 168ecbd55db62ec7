package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.FileDevice;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.PeripheralDeviceType;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup program's way with a tape, over the wire. */
class TapeTest {

  private static final int LUN = 5;
  private static final int SIZE = 16 << 20;
  private static final String GOOD = "GOOD";

  private static byte[] data(int value, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static String length(int value) {
    return String.format(" %06x 00", value);
  }

  private static Exchange run(ScriptedInitiator initiator, String cdb) {
    return initiator.command(hex(cdb)).lun(LUN).await();
  }

  private static Exchange read(ScriptedInitiator from, String flags, int length, int bytes) {
    return from.command(hex("08" + flags + length(length))).lun(LUN).read(bytes).await();
  }

  private static Exchange write(ScriptedInitiator to, String flags, int length, byte[] data) {
    return to.command(hex("0a" + flags + length(length))).lun(LUN).write(data).await();
  }

  private static void check(Exchange done, String outcome, byte[] data) {
    assertThat(done.outcome()).isEqualTo(outcome);
    assertThat(done.data()).isEqualTo(data);
  }

  @Test
  void recordsAndFilemarksGoToATapeAndComeBack(@TempDir Path directory) throws Exception {
    BlockDevice file = FileDevice.builder(directory.resolve("tape")).size(SIZE).open();
    LogicalUnit unit =
        LogicalUnit.builder(file).type(PeripheralDeviceType.SEQUENTIAL_ACCESS).build();
    try (TestServer test = TestServer.start()) {
      test.server().addLun(IscsiName.of(TestServer.TARGET), LUN, unit);
      try (ScriptedInitiator host = test.login().clearUnitAttentions(LUN)) {
        variableBlocks(host);
        fixedBlocks(host);
        manyAtOnce(host);
        theEnd(host);
      }
    }
    file.close();
  }

  private static void variableBlocks(ScriptedInitiator host) {
    assertThat(write(host, "00", 1_000_000, data(1, 1_000_000)).outcome()).isEqualTo(GOOD);
    assertThat(write(host, "00", 777, data(2, 777)).outcome()).isEqualTo(GOOD);
    assertThat(run(host, "10 00 000001 00").outcome()).isEqualTo(GOOD);
    assertThat(run(host, "01 00 000000 00").outcome()).isEqualTo(GOOD);

    check(read(host, "00", 1_000_000, 1_000_000), GOOD, data(1, 1_000_000));
    Exchange shorter = read(host, "00", 1000, 1000);
    check(shorter, "CHECK CONDITION 0/00/00", data(2, 777));
    assertThat(shorter.residual()).isEqualTo("underflow 223");
    check(read(host, "00", 1000, 1000), "CHECK CONDITION 0/00/01", data(0, 0));
    check(read(host, "00", 1000, 1000), "CHECK CONDITION 8/00/05", data(0, 0));
    assertThat(run(host, "11 00 ffffff 00").outcome()).isEqualTo("CHECK CONDITION 0/00/01");
    assertThat(run(host, "11 00 fffffe 00").outcome()).isEqualTo(GOOD);
    check(read(host, "00", 5000, 5000), "CHECK CONDITION 0/00/00", data(1, 5000));
    Exchange suppressed = read(host, "02", 1000, 1000);
    check(suppressed, GOOD, data(2, 777));
    assertThat(suppressed.residual()).isEqualTo("underflow 223");
  }

  private static void fixedBlocks(ScriptedInitiator host) {
    byte[] select = hex("00001008 00000000 00000400");
    assertThat(host.command(hex("15 10 0000 0c 00")).lun(LUN).write(select).await().outcome())
        .isEqualTo(GOOD);
    assertThat(run(host, "11 01 000001 00").outcome()).isEqualTo(GOOD);
    assertThat(write(host, "01", 300, data(3, 300 << 10)).outcome()).isEqualTo(GOOD);
    assertThat(write(host, "01", 5, data(3, 5 << 10)).outcome()).isEqualTo(GOOD);
    assertThat(run(host, "10 00 000002 00").outcome()).isEqualTo(GOOD);
    assertThat(run(host, "2b 00 00 00000003 00 00 00").outcome()).isEqualTo(GOOD);

    Exchange all = read(host, "01", 1000, 1000 << 10);
    check(all, "CHECK CONDITION 0/00/01", data(3, 305 << 10));
    assertThat(all.residual()).isEqualTo("underflow " + (695 << 10));
    byte[] position =
        host.command(hex("34 06 0000000000 0000 00")).lun(LUN).read(32).await().data();
    assertThat(HexFormat.of().formatHex(position, 8, 24))
        .isEqualTo(String.format("%016x%016x", 309, 2));
  }

  /** Commands that come before the others have ended are done in their order. */
  private static void manyAtOnce(ScriptedInitiator host) {
    assertThat(run(host, "01 00 000000 00").outcome()).isEqualTo(GOOD);
    Exchange[] sent = new Exchange[8];
    for (int each = 0; each < sent.length; each++) {
      byte[] cdb = hex("0a 00" + length(100_000 + each));
      sent[each] = host.command(cdb).lun(LUN).write(data(each, 100_000 + each)).send();
    }
    Exchange rewind = host.command(hex("01 00 000000 00")).lun(LUN).send();
    for (Exchange each : sent) {
      assertThat(each.await().outcome()).isEqualTo(GOOD);
    }
    assertThat(rewind.await().outcome()).isEqualTo(GOOD);
    for (int each = 0; each < sent.length; each++) {
      check(read(host, "00", 100_000 + each, 100_000 + each), GOOD, data(each, 100_000 + each));
    }
  }

  private static void theEnd(ScriptedInitiator host) {
    String outcome = GOOD;
    for (int each = 0; outcome.equals(GOOD) && each < SIZE >> 18; each++) {
      outcome = write(host, "00", 1 << 18, data(4, 1 << 18)).outcome();
    }
    assertThat(outcome).isEqualTo("CHECK CONDITION 0/00/02");
    for (int each = 0; outcome.startsWith("CHECK CONDITION 0") && each < 4; each++) {
      outcome = write(host, "00", 1 << 18, data(5, 1 << 18)).outcome();
    }
    assertThat(outcome).isEqualTo("CHECK CONDITION d/00/02");
    assertThat(run(host, "10 00 000001 00").outcome()).isEqualTo("CHECK CONDITION 0/00/02");
    assertThat(run(host, "1b 00 0000 00 00").outcome()).isEqualTo(GOOD);
    assertThat(run(host, "00 00 000000 00").outcome()).isEqualTo("CHECK CONDITION 2/3a/00");
    assertThat(run(host, "1b 00 0000 01 00").outcome()).isEqualTo(GOOD);
    check(read(host, "00", 100_000, 100_000), GOOD, data(0, 100_000));
  }
}
