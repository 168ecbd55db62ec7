package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import org.iscsi4j.api.Geometry;
import org.junit.jupiter.api.Test;

class TrafficTest {

  private static final Geometry DISK = Geometry.of(4096, 1 << 20);

  private static long bytes(byte[] cdb) {
    Cdb parsed = Cdb.of(cdb);
    int action = parsed.opcode() == Command.VARIABLE_LENGTH ? parsed.u16(8) : -1;
    return Traffic.of(parsed.opcode(), action).bytes(parsed, DISK);
  }

  @Test
  void countsTheBlocksOfTheCdb() {
    assertThat(bytes(Cdbs.six(0x08, 1, 0))).isEqualTo(256 * 4096);
    assertThat(bytes(Cdbs.write10(1, 2))).isEqualTo(2 * 4096);
    assertThat(bytes(Cdbs.twelve(0xaf, 0, 1, 3))).isEqualTo(3 * 4096);
    assertThat(bytes(Cdbs.read16(1, 4))).isEqualTo(4 * 4096);
    assertThat(bytes(Cdbs.thirtyTwo(0x0b, 0, 1, 5))).isEqualTo(5 * 4096);
    assertThat(bytes(Cdbs.writeSame16(0, 1, 6))).isEqualTo(6 * 4096);
    assertThat(bytes(Cdbs.hex("89 00 0000000000000001 000000 07 00 00"))).isEqualTo(7 * 4096);
    assertThat(bytes(Cdbs.hex("9c 00 0000000000000001 0000 0008 00 00"))).isEqualTo(8 * 4096);
    assertThat(bytes(Cdbs.hex("42 00 00000000 00 0018 00"))).as("UNMAP").isZero();
  }

  @Test
  void countsNoMoreThanOneTransferMayMove() {
    assertThat(bytes(Cdbs.sixteen(0x8f, 0, 0, 1 << 20))).isEqualTo(Limits.TRANSFER_BYTES);
    assertThat(bytes(Cdbs.writeSame10(0, 0, 0))).isEqualTo(Limits.TRANSFER_BYTES);
    assertThat(bytes(Cdbs.writeSame10(0, (1 << 20) - 3, 0))).isEqualTo(3 * 4096);
    assertThat(bytes(Cdbs.read10(0, 0))).isZero();
  }

  @Test
  void countsNoBytesThatAreNotOnTheMedium() {
    assertThat(bytes(Cdbs.read16(1 << 20, 1))).isZero();
    assertThat(bytes(Cdbs.read16(1, 1 << 20))).isZero();
    assertThat(bytes(Cdbs.read16(-1, 0xffff_ffffL))).isZero();
  }
}
