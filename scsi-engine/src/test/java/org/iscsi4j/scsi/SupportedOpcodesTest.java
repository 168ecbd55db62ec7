package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupportedOpcodesTest {

  private static final String TIMEOUTS = "000a0000" + "00000000" + "00000000";

  private final Engine engine = Engine.over(TestDisk.thin(16));

  @Test
  void allCommands() {
    assertThat(report(0, 0, 0).hex())
        .isEqualTo(
            "000002e0"
                + "0000000000000006" // TEST UNIT READY
                + "0300000000000006" // REQUEST SENSE
                + "0400000000000006" // FORMAT UNIT
                + "0700000000000006" // REASSIGN BLOCKS
                + "0800000000000006" // READ(6)
                + "0a00000000000006" // WRITE(6)
                + "1200000000000006" // INQUIRY
                + "1500000000000006" // MODE SELECT(6)
                + "1600000000000006" // RESERVE(6)
                + "1700000000000006" // RELEASE(6)
                + "1a00000000000006" // MODE SENSE(6)
                + "1b00000000000006" // START STOP UNIT
                + "1c00000000000006" // RECEIVE DIAGNOSTIC RESULTS
                + "1d00000000000006" // SEND DIAGNOSTIC
                + "250000000000000a" // READ CAPACITY(10)
                + "280000000000000a" // READ(10)
                + "2a0000000000000a" // WRITE(10)
                + "2e0000000000000a" // WRITE AND VERIFY(10)
                + "2f0000000000000a" // VERIFY(10)
                + "340000000000000a" // PRE-FETCH(10)
                + "350000000000000a" // SYNCHRONIZE CACHE(10)
                + "370000000000000a" // READ DEFECT DATA(10)
                + "3b0000000000000a" // WRITE BUFFER
                + "3c0000000000000a" // READ BUFFER(10)
                + "410000000000000a" // WRITE SAME(10)
                + "420000000000000a" // UNMAP
                + "480000010001000a" // SANITIZE OVERWRITE
                + "480000020001000a" // SANITIZE BLOCK ERASE
                + "480000030001000a" // SANITIZE CRYPTOGRAPHIC ERASE
                + "4800001f0001000a" // SANITIZE EXIT FAILURE MODE
                + "4c0000000000000a" // LOG SELECT
                + "4d0000000000000a" // LOG SENSE
                + "550000000000000a" // MODE SELECT(10)
                + "560000000000000a" // RESERVE(10)
                + "570000000000000a" // RELEASE(10)
                + "5a0000000000000a" // MODE SENSE(10)
                + "5e0000000001000a" // PERSISTENT RESERVE IN
                + "5e0000010001000a"
                + "5e0000020001000a"
                + "5e0000030001000a"
                + "5f0000000001000a" // PERSISTENT RESERVE OUT
                + "5f0000010001000a"
                + "5f0000020001000a"
                + "5f0000030001000a"
                + "5f0000040001000a"
                + "5f0000050001000a"
                + "5f0000060001000a"
                + "5f0000070001000a"
                + "7f00000900010020" // READ(32)
                + "7f00000a00010020" // VERIFY(32)
                + "7f00000b00010020" // WRITE(32)
                + "7f00000c00010020" // WRITE AND VERIFY(32)
                + "7f00000d00010020" // WRITE SAME(32)
                + "7f00000e00010020" // ORWRITE(32)
                + "7f00001200010020" // GET LBA STATUS(32)
                + "8300000000010010" // EXTENDED COPY(LID1)
                + "8300000100010010" // EXTENDED COPY(LID4)
                + "8300001000010010" // POPULATE TOKEN
                + "8300001100010010" // WRITE USING TOKEN
                + "8300001c00010010" // COPY OPERATION ABORT
                + "8400000000010010" // RECEIVE COPY STATUS(LID1)
                + "8400000300010010" // RECEIVE COPY OPERATING PARAMETERS
                + "8400000400010010" // RECEIVE COPY FAILURE DETAILS(LID1)
                + "8400000500010010" // RECEIVE COPY STATUS(LID4)
                + "8400000700010010" // RECEIVE ROD TOKEN INFORMATION
                + "8400000800010010" // REPORT ALL ROD TOKENS
                + "8800000000000010" // READ(16)
                + "8900000000000010" // COMPARE AND WRITE
                + "8a00000000000010" // WRITE(16)
                + "8b00000000000010" // ORWRITE(16)
                + "8e00000000000010" // WRITE AND VERIFY(16)
                + "8f00000000000010" // VERIFY(16)
                + "9000000000000010" // PRE-FETCH(16)
                + "9100000000000010" // SYNCHRONIZE CACHE(16)
                + "9300000000000010" // WRITE SAME(16)
                + "9c00000000000010" // WRITE ATOMIC(16)
                + "9e00001000010010" // READ CAPACITY(16)
                + "9e00001200010010" // GET LBA STATUS(16)
                + "a00000000000000c" // REPORT LUNS
                + "a30000050001000c" // REPORT IDENTIFYING INFORMATION
                + "a300000a0001000c" // REPORT TARGET PORT GROUPS
                + "a300000c0001000c" // REPORT SUPPORTED OPERATION CODES
                + "a300000d0001000c" // REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS
                + "a300000f0001000c" // REPORT TIMESTAMP
                + "a40000060001000c" // SET IDENTIFYING INFORMATION
                + "a400000a0001000c" // SET TARGET PORT GROUPS
                + "a400000f0001000c" // SET TIMESTAMP
                + "a80000000000000c" // READ(12)
                + "aa0000000000000c" // WRITE(12)
                + "ae0000000000000c" // WRITE AND VERIFY(12)
                + "af0000000000000c" // VERIFY(12)
                + "b70000000000000c"); // READ DEFECT DATA(12)
  }

  @Test
  void allCommandsWithTimeouts() {
    String plain = report(0, 0, 0).hex().substring(8);
    ScsiResult result = report(0x80, 0, 0);

    int rows = plain.length() / 16;
    assertThat(ByteBuffer.wrap(result.data()).getInt()).isEqualTo(rows * 20);
    String first = plain.substring(0, 10) + "02" + plain.substring(12, 16) + TIMEOUTS;
    assertThat(result.hex().substring(8)).startsWith(first).hasSize(rows * 40);
  }

  @Test
  void oneCommandShowsWhichBitsCount() {
    assertThat(report(1, 0x28, 0).hex()).isEqualTo("0003000a" + "2818ffffffff00ffff04");
    assertThat(report(1, 0x12, 0xffff).hex()).isEqualTo("00030006" + "1201ffffff04");
    assertThat(report(2, 0xa3, 0x0c).hex()).isEqualTo("0003000c" + "a30c87ffffffffffffff0004");
    assertThat(report(2, 0x9e, 0x10).hex())
        .isEqualTo("00030010" + "9e10" + "00".repeat(8) + "ffffffff" + "0004");
    assertThat(report(0x81, 0x28, 0).hex())
        .isEqualTo("0083000a" + "2818ffffffff00ffff04" + TIMEOUTS);
  }

  @Test
  void whatIsNotInTheTableIsNotSupported() {
    assertThat(report(1, 0xff, 0).hex()).isEqualTo("00010000");
    assertThat(report(0x81, 0xff, 0).hex()).isEqualTo("00010000");
    assertThat(report(2, 0xff, 3).hex()).isEqualTo("00010000");
    assertThat(report(2, 0x9e, 0x1f).hex()).isEqualTo("00010000");
    assertThat(report(3, 0x9e, 0x1f).hex()).isEqualTo("00010000");
    assertThat(report(3, 0x28, 0x01).hex()).isEqualTo("00010000");
    assertThat(report(3, 0x9e, 0x00).hex()).isEqualTo("00010000");
  }

  @Test
  void optionThreeTakesBothKinds() {
    assertThat(report(3, 0x28, 0).hex()).startsWith("0003000a" + "28");
    assertThat(report(3, 0x9e, 0x10).hex()).startsWith("00030010" + "9e10");
  }

  @Test
  void theOptionMustFitTheCommand() {
    assertThat(report(1, 0x9e, 0x10).sense()).isEqualTo(Sense.invalidFieldInCdb(3));
    assertThat(report(2, 0x28, 0x00).sense()).isEqualTo(Sense.invalidFieldInCdb(3));
    assertThat(report(4, 0x28, 0x00).sense()).isEqualTo(Sense.invalidFieldInCdb(2, 2));
    assertThat(report(7, 0x28, 0x00).sense()).isEqualTo(Sense.invalidFieldInCdb(2, 2));
  }

  @Test
  void aThickDiskReportsNoUnmap() {
    Engine thick = Engine.over(TestDisk.ofBlocks(16));

    assertThat(thick.execute(cdb(1, 0x42, 0, 64)).hex()).isEqualTo("00010000");
    assertThat(thick.execute(cdb(1, 0x93, 0, 64)).hex()).startsWith("00030010" + "9301");
    assertThat(engine.execute(cdb(1, 0x93, 0, 64)).hex()).startsWith("00030010" + "9309");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 13, 14, 15})
  void allocationLengthCutsTheData(int length) {
    assertThat(engine.execute(cdb(1, 0x28, 0, length)).data()).hasSize(Math.min(length, 14));
  }

  /**
   * Any bit that is not reported as looked at is refused with a pointer to it, but for the tags of
   * protection information, which are ignored.
   */
  @Test
  void usageDataTellsTheTruth() {
    for (Command row : engine.unit.table().rows()) {
      byte[] usage = row.usage();
      boolean variable = row.opcode() == Command.VARIABLE_LENGTH;
      boolean action = row.serviceAction() != Command.NO_SERVICE_ACTION && !variable;
      for (int bit = action ? 13 : 8; bit < usage.length * 8; bit++) {
        if (variable && bit / 8 >= 7 && bit / 8 <= 9) {
          continue; // the length and the service action itself
        }
        byte[] cdb =
            variable ? Cdbs.thirtyTwo(row.serviceAction(), 0, 0, 0) : new byte[usage.length];
        cdb[0] = usage[0];
        cdb[1] = (byte) (action ? row.serviceAction() : 0);
        cdb[bit / 8] |= (byte) (1 << bit % 8);
        boolean tag = variable && usage[9] >= 0x09 && usage[9] <= 0x0d && bit >= 160 && bit < 224;
        if ((usage[bit / 8] >> bit % 8 & 1) == 0 && !tag) {
          assertThat(engine.execute(cdb, Cdbs.block(0)).sense())
              .as("%s with %s", row, HexFormat.of().formatHex(cdb))
              .isEqualTo(Sense.invalidFieldInCdb(bit / 8, bit % 8));
        } else {
          assertThat(row.accepts(Cdb.of(cdb))).isTrue();
        }
      }
    }
  }

  private ScsiResult report(int options, int opcode, int serviceAction) {
    return engine.execute(cdb(options, opcode, serviceAction, 65_536));
  }

  private static byte[] cdb(int options, int opcode, int serviceAction, int allocationLength) {
    return ByteBuffer.allocate(12)
        .put((byte) 0xa3)
        .put((byte) 0x0c)
        .put((byte) options)
        .put((byte) opcode)
        .putShort((short) serviceAction)
        .putInt(allocationLength)
        .array();
  }
}
