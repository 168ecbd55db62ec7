package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class CdbTest {

  private static final byte[] SIXTEEN = Cdbs.hex("88 1a f102030405060708 f20b0c0d 0e 0f");

  @Test
  void fieldsAreReadBigEndianAndUnsigned() {
    Cdb cdb = Cdb.of(SIXTEEN);

    assertThat(cdb.opcode()).isEqualTo(0x88);
    assertThat(cdb.u8(2)).isEqualTo(0xf1);
    assertThat(cdb.u16(10)).isEqualTo(0xf20b);
    assertThat(cdb.u24(10)).isEqualTo(0xf20b0c);
    assertThat(cdb.u32(10)).isEqualTo(0xf20b0c0dL);
    assertThat(cdb.i64(2)).isEqualTo(0xf102030405060708L).isNegative();
    assertThat(cdb.bit(1, 4)).isTrue();
    assertThat(cdb.bit(1, 2)).isFalse();
    assertThat(cdb.toString()).isEqualTo("881af102030405060708f20b0c0d0e0f");
  }

  @Test
  void bothWaysToFillItGiveTheSame() {
    Cdb cdb = new Cdb();

    cdb.set(0x881af10203040506L, 0x0708f20b0c0d0e0fL);

    assertThat(cdb.toString()).isEqualTo(Cdb.of(SIXTEEN).toString());
  }

  @Test
  void aShortCdbLeavesNothingOfTheLongOneBefore() {
    Cdb cdb = Cdb.of(new byte[Cdb.MAX_LENGTH]);
    cdb.set(ByteBuffer.wrap(SIXTEEN));

    cdb.set(ByteBuffer.wrap(Cdbs.hex("00 01 02 03 04 05")));

    assertThat(cdb.length()).isEqualTo(16);
    assertThat(cdb.toString()).isEqualTo("000102030405" + "00".repeat(10));
  }

  @Test
  void aLongCdbIsTakenWhole() {
    byte[] longest = new byte[260];
    longest[0] = 0x7f;
    longest[255] = 0x2a;

    Cdb cdb = Cdb.of(longest);

    assertThat(cdb.length()).isEqualTo(260);
    assertThat(cdb.u8(255)).isEqualTo(0x2a);
    assertThatThrownBy(() -> Cdb.of(new byte[261]))
        .hasMessageContaining("261")
        .hasMessageContaining("260");
  }
}
