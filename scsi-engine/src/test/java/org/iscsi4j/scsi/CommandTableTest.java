package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;

class CommandTableTest {

  private static final CommandHandler IDLE = (unit, task) -> {};

  private static final Command PLAIN = Command.of("PLAIN", "28 18 ffffffff 00 ffff 00", IDLE);
  private static final Command ACTION_5 =
      Command.ofAction("FIVE", 5, "a3 05 00 00 0000 ffffffff 00 00", IDLE);
  private static final Command ACTION_12 =
      Command.ofAction("TWELVE", 12, "a3 0c 00 00 0000 ffffffff 00 00", IDLE);
  private static final Command VARIABLE =
      Command.ofAction("READ(32)", 9, "7f 00 0000 0000 00 18 0009" + "ff".repeat(22), IDLE);

  private final CommandTable table =
      new CommandTable(List.of(VARIABLE, ACTION_12, PLAIN, ACTION_5));

  @Test
  void findsRowsByOperationCodeAndServiceAction() {
    assertThat(find("28 e7 00000001 1f 0001 ff")).isSameAs(PLAIN);
    assertThat(find("a3 05")).isSameAs(ACTION_5);
    assertThat(find("a3 ec")).isSameAs(ACTION_12);
    assertThat(find("7f 00 0000 0000 00 18 0009")).isSameAs(VARIABLE);
    assertThat(table.rows()).containsExactly(PLAIN, VARIABLE, ACTION_5, ACTION_12);
  }

  @Test
  void saysWhyAnythingElseIsRefused() {
    assertThat(find("29")).isNull();
    assertThat(unknown("29")).isEqualTo(Sense.INVALID_OPERATION_CODE);
    assertThat(find("a3 06")).isNull();
    assertThat(unknown("a3 06")).isEqualTo(Sense.invalidFieldInCdb(1, 4));
    assertThat(find("7f 00 0000 0000 00 18 000a")).isNull();
    assertThat(unknown("7f 00 0000 0000 00 18 000a")).isEqualTo(Sense.invalidFieldInCdb(8));
  }

  @Test
  void twoRowsMayNotClaimTheSameCdb() {
    assertThatThrownBy(() -> new CommandTable(List.of(PLAIN, PLAIN))).hasMessageContaining("PLAIN");
    assertThatThrownBy(() -> new CommandTable(List.of(ACTION_5, ACTION_5)))
        .hasMessageContaining("FIVE");
    Command wholeOpcode = Command.of("WHOLE", "a3 00 00 00 0000 ffffffff 00 00", IDLE);
    assertThatThrownBy(() -> new CommandTable(List.of(ACTION_5, wholeOpcode)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void bitsThatNobodyLooksAtMustBeZero() {
    assertThat(PLAIN.accepts(cdb("28 18 ffffffff 00 ffff 00"))).isTrue();
    assertRefused(PLAIN, "28 20 00000000 00 0000 00", 1, 5); // RDPROTECT
    assertRefused(PLAIN, "28 e0 00000000 00 0000 00", 1, 7);
    assertRefused(PLAIN, "28 00 00000000 01 0000 00", 6, 0); // GROUP NUMBER
    assertRefused(PLAIN, "28 00 00000000 00 0000 05", 9, 0); // obsolete LINK
    assertThat(PLAIN.accepts(cdb("28 00 00000000 00 0000 04"))).as("NACA").isTrue();
    assertRefused(ACTION_5, "a3 05 00 00 0000 00000000 80 00", 10, 7);
  }

  @Test
  void bytesBehindTheCdbAreNobodysBusiness() {
    assertThat(PLAIN.accepts(cdb("28 00 00000000 00 0000 00 ffffffffffff"))).isTrue();
  }

  @Test
  void everyRowOfADiskIsWellFormed() {
    for (Command row : disk(TestDisk.thin(16), true).rows()) {
      int group = row.opcode() >> 5;
      boolean variable = row.opcode() == Command.VARIABLE_LENGTH;
      int expected = variable ? 32 : group == 0 ? 6 : group <= 2 ? 10 : group == 4 ? 16 : 12;
      int control = variable ? 1 : row.length() - 1;
      assertThat(row.length()).as(row.name()).isEqualTo(expected);
      assertThat(row.usage()[0] & 0xff).as(row.name()).isEqualTo(row.opcode());
      assertThat(row.usage()[control]).as("NACA of " + row.name()).isEqualTo((byte) 4);
      if (variable) {
        assertThat(Cdb.of(row.usage()).u16(8)).as(row.name()).isEqualTo(row.serviceAction());
      } else if (row.serviceAction() != Command.NO_SERVICE_ACTION) {
        assertThat(row.usage()[1] & 0x1f).as(row.name()).isEqualTo(row.serviceAction());
      }
    }
  }

  @Test
  void aUnitHasOnlyWhatItCanHonour() {
    CommandTable thin = disk(TestDisk.thin(16), true);
    CommandTable thick = disk(TestDisk.ofBlocks(16), false);

    assertThat(thin.find(0x42, Command.NO_SERVICE_ACTION)).isNotNull();
    assertThat(thick.find(0x42, Command.NO_SERVICE_ACTION)).isNull();
    assertThat(usage(thin, 0x41)[1] & 0x08).isNotZero();
    assertThat(usage(thick, 0x41)[1] & 0x08).isZero();
    assertThat(usage(thin, 0x93)[1]).isEqualTo((byte) 0x09);
    assertThat(usage(thick, 0x93)[1]).isEqualTo((byte) 0x01);
    assertThat(usage(thin, 0x1b)[4] & 0x02).as("LOEJ of a removable unit").isNotZero();
    assertThat(usage(thick, 0x1b)[4] & 0x02).as("LOEJ of a fixed unit").isZero();
  }

  @Test
  void removableUnitsKnowNoLongCommands() {
    assertThat(disk(TestDisk.thin(16), true).rows()).allMatch(row -> row.length() <= 16);
    assertThat(disk(TestDisk.thin(16), false).rows()).anyMatch(row -> row.length() == 32);
  }

  private static CommandTable disk(TestDisk disk, boolean removable) {
    LogicalUnit.Builder unit = LogicalUnit.builder(disk);
    return new Disk((removable ? unit.removable() : unit).build()).table();
  }

  private static byte[] usage(CommandTable table, int opcode) {
    return table.find(opcode, Command.NO_SERVICE_ACTION).usage();
  }

  private static void assertRefused(Command row, String hex, int atByte, int bit) {
    assertThat(row.accepts(cdb(hex))).isFalse();
    assertThat(row.reservedBitSet(cdb(hex))).isEqualTo(Sense.invalidFieldInCdb(atByte, bit));
  }

  private Command find(String hex) {
    return table.find(cdb(hex));
  }

  private Sense unknown(String hex) {
    return table.unknown(cdb(hex));
  }

  private static Cdb cdb(String hex) {
    return Cdb.of(Cdbs.hex(hex));
  }
}
