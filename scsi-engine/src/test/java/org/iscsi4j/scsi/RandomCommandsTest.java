package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.iscsi4j.api.AccessState;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.junit.jupiter.api.Test;

/**
 * 100,000 commands that no initiator would send: every one ends exactly once, none makes the engine
 * or the device stumble, and no call leaves the device.
 */
class RandomCommandsTest {

  private static final int COMMANDS = 100_000;
  private static final long SEED = 20_261_122;
  private static final int BLOCKS = 2048;
  private static final int FORMAT_UNIT = 0x04;
  private static final int UNMAP = 0x42;
  private static final int SANITIZE = 0x48;

  /** Of 0 blocks, they reach to the end; the last stands for all commands of 32 bytes. */
  private static final Set<Integer> WRITE_SAMES = Set.of(0x41, 0x93, 0x7f);

  private static final int COPY = 0x83;

  private final Random random = new Random(SEED);

  @Test
  void noCommandDoesHarm() {
    run(COMMANDS / 2, TestDisk.thin(BLOCKS));
  }

  @Test
  void noCommandDoesHarmToADeviceThatIsCalledElsewhere() {
    run(
        COMMANDS / 2,
        new TestDisk(Geometry.of(512, BLOCKS), TestDisk.THIN.withBlocking(Blocking.LONG)));
  }

  private void run(int commands, TestDisk disk) {
    Engine engine = Engine.over(LogicalUnit.builder(disk).removable().build());
    int changes = 0;
    int good = 0;
    for (int command = 0; command < commands; command++) {
      byte[] cdb = cdb(engine.unit.table().rows());
      TestTask task = engine.nexus.start(lun(), cdb, length(), dataOut());
      engine.nexus.drain();

      assertThat(task.ended).as("%s, command %d", task, command).isEqualTo(1);
      assertThat(disk.offences).as("%s, command %d", task, command).isEmpty();
      assertThat(task.sense().key())
          .as("%s, command %d", task, command)
          .isNotIn(SenseKey.HARDWARE_ERROR, SenseKey.ABORTED_COMMAND, SenseKey.MEDIUM_ERROR);
      assertThat(task.status() == Status.CHECK_CONDITION).isEqualTo(!task.sense().isNone());
      assertThat(disk.calls)
          .as("%s, command %d", task, command)
          .allMatch(call -> named(call, task.cdb()));
      good += task.status() == Status.GOOD ? 1 : 0;
      changes += disk.calls.size();
      disk.calls.clear();
      engine.unit.allegiance().clearAll(); // NACA may have been set
      engine.nexus.drain();
      engine.unit.groups().change(TestNexus.PORT.group(), AccessState.ACTIVE_OPTIMIZED);
      if (!engine.unit.condition().ready()) {
        engine.execute(Cdbs.startStop(0x03));
      }
    }
    // else the test tries nothing
    assertThat(good).isGreaterThan(commands / 10);
    assertThat(changes).isGreaterThan(commands / 100);
  }

  /** Whether a change of the device lies in the range that the CDB names. */
  private static boolean named(String call, Cdb cdb) {
    boolean wholeMedium = cdb.opcode() == FORMAT_UNIT || cdb.opcode() == SANITIZE;
    // the ranges of the others stand in the parameter list
    boolean anywhere = wholeMedium || cdb.opcode() == UNMAP || cdb.opcode() == COPY;
    if (call.equals("flush") || anywhere) {
      return true;
    }
    BlockCdb layout =
        switch (cdb.opcode() >> 5) {
          case 0 -> BlockCdb.SIX;
          case 3 -> BlockCdb.THIRTY_TWO;
          case 4 -> BlockCdb.SIXTEEN;
          case 5 -> BlockCdb.TWELVE;
          default -> BlockCdb.TEN;
        };
    String[] range = call.substring(call.indexOf(' ') + 1).split("\\+");
    long offset = Long.parseLong(range[0]);
    long end = offset + Long.parseLong(range[1]);
    boolean toTheEnd = layout.blocks(cdb) == 0 && WRITE_SAMES.contains(cdb.opcode());
    long last = toTheEnd ? BLOCKS : layout.lba(cdb) + layout.blocks(cdb);
    return offset >= layout.lba(cdb) * 512 && end <= last * 512;
  }

  /** Mostly a command that is known, with bits that it may set; sometimes just anything. */
  private byte[] cdb(List<Command> rows) {
    Command row = rows.get(random.nextInt(rows.size()));
    byte[] usage = row.usage();
    byte[] cdb = new byte[Math.max(16, usage.length)];
    random.nextBytes(cdb);
    if (random.nextInt(8) == 0) {
      return cdb;
    }
    boolean sparse = random.nextBoolean();
    boolean wrongBit = random.nextInt(8) == 0;
    for (int at = 1; at < usage.length; at++) {
      cdb[at] &= usage[at];
      // small numbers: the high bytes of wide fields are mostly zero
      boolean highByte = at + 1 < usage.length && usage[at + 1] == -1;
      if (sparse && highByte) {
        cdb[at] = 0;
      }
    }
    if (wrongBit) {
      cdb[1 + random.nextInt(usage.length - 1)] ^= (byte) (1 << random.nextInt(8));
    }
    cdb[0] = usage[0];
    if (row.opcode() == Command.VARIABLE_LENGTH) {
      System.arraycopy(usage, 7, cdb, 7, 3);
    } else if (row.serviceAction() != Command.NO_SERVICE_ACTION) {
      cdb[1] = (byte) (cdb[1] & 0xe0 | row.serviceAction());
    }
    return cdb;
  }

  private long lun() {
    return random.nextInt(32) == 0 ? random.nextLong() : 0;
  }

  private long length() {
    return random.nextInt(4) == 0 ? random.nextInt(4096) : 0xffff_ffffL;
  }

  /** None, a byte, an odd number, a block or blocks, or a list that promises more than it holds. */
  private byte[] dataOut() {
    return switch (random.nextInt(8)) {
      case 0 -> new byte[0];
      case 1 -> bytes(1 + random.nextInt(40));
      case 2, 3 -> Cdbs.block(random.nextInt(2));
      case 4 -> bytes(512 * (1 + random.nextInt(64)));
      case 5 -> bytes(65_535);
      default -> unmapList();
    };
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] unmapList() {
    long[] ranges = new long[2 * random.nextInt(20)];
    for (int each = 0; each < ranges.length; each += 2) {
      ranges[each] = random.nextInt(16) == 0 ? random.nextLong() : random.nextInt(BLOCKS);
      ranges[each + 1] = random.nextInt(16) == 0 ? random.nextInt() : random.nextInt(32);
    }
    byte[] list = Cdbs.unmapList(ranges);
    if (random.nextInt(4) == 0) {
      list[2 + random.nextInt(2)] = (byte) random.nextInt();
    }
    // long enough for most of the list lengths that a CDB may name
    return Arrays.copyOf(list, random.nextBoolean() ? 65_536 : list.length);
  }
}
