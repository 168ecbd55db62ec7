package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.iscsi4j.protocol.Opcode;
import org.iscsi4j.scsi.Sense;
import org.iscsi4j.target.limit.Pool;
import org.iscsi4j.target.limit.Share;
import org.junit.jupiter.api.Test;

class HeldCommandsTest {

  private static final int HEADER = 48;
  private static final long LIMIT = 1 << 20;

  private final Pool pool = new Pool(2 * LIMIT);
  private final HeldCommands held = new HeldCommands(LIMIT, new Share(pool, 0, 1));
  private final CommandWindow window = new CommandWindow(64, 10);

  /** Holds a request of a header and some data, which stands in the middle of a buffer. */
  private void hold(int cmdSn, int dataLength) {
    ByteBuffer in = ByteBuffer.allocate(7 + HEADER + dataLength + 9);
    in.put(7, (byte) cmdSn);
    for (int i = 0; i < dataLength; i++) {
      in.put(7 + HEADER + i, (byte) (cmdSn + i));
    }
    held.hold(null, cmdSn, in, 7, 7 + HEADER, dataLength, Sense.NONE);
    in.put(7, (byte) 0); // the buffer is used for something else now
  }

  private void holdCommand(HeldCommands where, int cmdSn, int dataLength) {
    ByteBuffer in = ByteBuffer.allocate(HEADER + dataLength);
    in.put(0, (byte) Opcode.SCSI_COMMAND).putInt(16, cmdSn);
    where.hold(null, cmdSn, in, 0, HEADER, dataLength, Sense.NONE);
  }

  @Test
  void commandThatThereIsNoRoomForHasItsTurnAllTheSame() {
    pool.limit(1000);
    HeldCommands others = new HeldCommands(LIMIT, new Share(pool, 0, 1));
    holdCommand(others, 50, 880 - HEADER);
    holdCommand(held, 10, 100);
    holdCommand(held, 11, 20);

    HeldCommands.Held refused = held.take(window);

    assertThat(refused.damage()).isSameAs(HeldCommands.NO_ROOM);
    assertThat(refused.pdu().capacity()).isEqualTo(HEADER);
    assertThat(refused.dataLength()).isZero();
    window.arrived(10);
    assertThat(held.take(window).damage()).isSameAs(Sense.NONE);
    others.clear();
    assertThat(pool.used()).isZero();
  }

  @Test
  void commandWhoseFurtherDataFindsNoRoomLosesAllOfIt() {
    holdCommand(held, 10, 100);
    pool.limit(200);
    ByteBuffer data = ByteBuffer.allocate(HEADER + 100);
    held.holdData(10, data, 0, HEADER, 100);
    held.holdData(10, ByteBuffer.allocate(HEADER).put(1, (byte) 0x80), 0, HEADER, 0);

    HeldCommands.Held refused = held.take(window);

    assertThat(refused.damage()).isSameAs(HeldCommands.NO_ROOM);
    assertThat(refused.dataOut()).isEmpty();
    assertThat(refused.pdu().get(1)).isEqualTo((byte) 0x80); // nothing more comes for it
    assertThat(pool.used()).isZero();
  }

  @Test
  void nothingIsTakenBeforeItsTurn() {
    hold(11, 0);

    assertThat(held.take(window)).isNull();
    window.arrived(10);
    assertThat(held.take(window).pdu().get(0)).isEqualTo((byte) 11);
    assertThat(held.take(window)).isNull();
  }

  @Test
  void copyHoldsHeaderAndData() {
    hold(10, 20);

    HeldCommands.Held taken = held.take(window);

    assertThat(taken.dataAt()).isEqualTo(HEADER);
    assertThat(taken.dataLength()).isEqualTo(20);
    assertThat(taken.pdu().capacity()).isEqualTo(HEADER + 20);
    assertThat(taken.pdu().get(HEADER + 19)).isEqualTo((byte) 29);
  }

  @Test
  void theFirstOfTwoIsKept() {
    hold(10, 4);
    hold(10, 8);

    assertThat(held.take(window).dataLength()).isEqualTo(4);
    assertThat(held.take(window)).isNull();
  }

  @Test
  void skippedCommandsAreSteppedOver() {
    held.skip(10);
    held.skip(11);
    hold(12, 0);

    assertThat(held.take(window).pdu().get(0)).isEqualTo((byte) 12);
    assertThat(window.expCmdSn()).isEqualTo(12);
  }

  @Test
  void skippedCommandIsDropped() {
    hold(10, 0);
    held.skip(10);

    assertThat(held.take(window)).isNull();
    assertThat(window.expCmdSn()).isEqualTo(11);
  }

  @Test
  void bytesAreBounded() {
    int large = (int) (LIMIT / 2);
    hold(11, large);
    hold(12, large);
    hold(13, 100);
    window.arrived(10);

    assertThat(held.take(window).dataLength()).isEqualTo(large);
    window.arrived(11);
    // the second did not fit, so it has to come again
    assertThat(held.take(window)).isNull();
    hold(12, large);
    assertThat(held.take(window).dataLength()).isEqualTo(large);
    window.arrived(12);
    assertThat(held.take(window).dataLength()).isEqualTo(100);
  }

  @Test
  void whatIsDroppedMakesRoom() {
    int large = (int) LIMIT - HEADER;
    hold(11, large);
    held.skip(11);
    hold(12, large);
    held.clear();
    hold(10, large);

    assertThat(held.take(window).dataLength()).isEqualTo(large);
  }

  /** Holds a SCSI command for a unit. */
  private void holdCommand(int cmdSn, int tag, long lun) {
    ByteBuffer in = ByteBuffer.allocate(HEADER);
    in.put(0, (byte) Opcode.SCSI_COMMAND).putLong(8, lun).putInt(16, tag);
    held.hold(null, cmdSn, in, 0, HEADER, 0, Sense.NONE);
  }

  @Test
  void aCommandIsFoundByItsTag() {
    holdCommand(12, 0x77, 5L << 48);

    assertThat(held.cmdSnOf(0x77)).hasValue(12);
    assertThat(held.lunOf(12)).isEqualTo(5L << 48);
    assertThat(held.cmdSnOf(0x78)).isEmpty();
  }

  @Test
  void whatIsTakenAsReceivedIsHeldNoMore() {
    holdCommand(12, 0x77, 0);
    assertThat(held.holds(12)).isTrue();

    held.skip(12);

    assertThat(held.holds(12)).isFalse();
    assertThat(held.cmdSnOf(0x77)).isEmpty();
  }

  @Test
  void aPlugTakesCommandsAsReceivedAndLeavesOtherRequests() {
    holdCommand(11, 0x77, 0);
    hold(12, 0); // of another kind
    holdCommand(14, 0x78, 0);

    assertThat(held.plug(10, 14)).containsExactly(0x77);

    assertThat(held.take(window).pdu().get(0))
        .as("10 and 11 are stepped over")
        .isEqualTo((byte) 12);
    window.arrived(12);
    assertThat(held.take(window).pdu().getInt(16)).as("13 too").isEqualTo(0x78);
  }
}
