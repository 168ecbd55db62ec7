package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.CopyEngine.extendedCopy;
import static org.iscsi4j.scsi.CopyEngine.segment;
import static org.iscsi4j.scsi.CopyEngine.tokenCommand;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Parameter lists of copy commands with a few bytes wrong: every command ends exactly once, and no
 * call leaves the devices.
 */
class RandomCopyListsTest {

  private static final int COMMANDS = 20_000;
  private static final long SEED = 20_261_122;
  private static final int BLOCKS = 64;

  private final Random random = new Random(SEED);
  private final TestDisk zero = TestDisk.thin(BLOCKS);
  private final TestDisk one = TestDisk.thin(BLOCKS);
  private final CopyEngine engine = new CopyEngine(Runnable::run, zero, one);
  private final byte[] token =
      engine
          .zero
          .tokens()
          .create("host", engine.zero, TestNexus.PORT, new long[] {0, 8192}, 3600)
          .bytes();

  @Test
  void noListDoesHarm() {
    int good = 0;
    for (int command = 0; command < COMMANDS; command++) {
      boolean ofToken = random.nextBoolean();
      byte[] list = ofToken ? tokenList() : copyList();
      int action = ofToken ? (list.length > 500 ? 0x11 : 0x10) : (list[0] == 1 ? 1 : 0);
      spoil(list);
      int length = random.nextInt(4) == 0 ? random.nextInt(list.length + 64) : list.length;
      byte[] cdb = ofToken ? tokenCommand(action, command, length) : extendedCopy(action, length);

      ScsiResult result = engine.execute(cdb, Arrays.copyOf(list, list.length + 64));

      assertThat(zero.offences).isEmpty();
      assertThat(one.offences).isEmpty();
      assertThat(result.sense().key())
          .as("command %d", command)
          .isIn(SenseKey.NO_SENSE, SenseKey.ILLEGAL_REQUEST, SenseKey.COPY_ABORTED);
      good += result.status() == Status.GOOD ? 1 : 0;
      zero.calls.clear();
      one.calls.clear();
    }
    // else the test tries nothing
    assertThat(good).isBetween(COMMANDS / 10, COMMANDS * 9 / 10);
  }

  private byte[] copyList() {
    byte[][] segments = new byte[random.nextInt(4)][];
    for (int each = 0; each < segments.length; each++) {
      segments[each] =
          segment(
              random.nextInt(4),
              random.nextInt(2),
              random.nextInt(2),
              random.nextInt(8),
              random.nextInt(BLOCKS),
              random.nextInt(BLOCKS));
    }
    return random.nextBoolean()
        ? engine.list(segments)
        : engine.longList(CopyEngine.HOLD, random.nextInt(2), segments);
  }

  private byte[] tokenList() {
    long[] ranges = new long[2 + 2 * random.nextInt(4)];
    for (int each = 0; each < ranges.length; each += 2) {
      ranges[each] = each * 8L;
      ranges[each + 1] = random.nextInt(4);
    }
    return random.nextBoolean()
        ? CopyEngine.populateList(random.nextInt(2), 1, 0x0001_0000, ranges)
        : CopyEngine.writeList(random.nextInt(2), random.nextInt(4), token, ranges);
  }

  /** A few bytes that are not what they should be, mostly small numbers. */
  private void spoil(byte[] list) {
    for (int wrong = random.nextInt(3); wrong > 0; wrong--) {
      int value = random.nextBoolean() ? random.nextInt(40) : random.nextInt();
      list[random.nextInt(list.length)] = (byte) value;
    }
  }
}
