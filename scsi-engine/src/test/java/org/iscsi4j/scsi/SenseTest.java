package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SenseTest {

  private static final Sense LOST_BLOCK =
      Sense.of(SenseKey.MEDIUM_ERROR, 0x11, 0x04).withInformation(0x12345678L);

  @Test
  void fixedFormat() {
    assertThat(fixed(Sense.NONE)).isEqualTo("70000000000000" + "0a" + "00".repeat(10));
    assertThat(fixed(LOST_BLOCK))
        .isEqualTo("f0000312345678" + "0a" + "00000000" + "1104" + "00000000");
  }

  @Test
  void fixedFormatLeavesOutInformationBeyond32Bits() {
    assertThat(fixed(LOST_BLOCK.withInformation(0x1_0000_0000L)))
        .isEqualTo("70000300000000" + "0a" + "00000000" + "1104" + "00000000");
  }

  @Test
  void fieldPointers() {
    assertThat(fixed(Sense.invalidFieldInCdb(2, 5))).endsWith("2400" + "00" + "cd0002");
    assertThat(fixed(Sense.invalidFieldInCdb(10))).endsWith("2400" + "00" + "c0000a");
    assertThat(fixed(Sense.invalidFieldInParameterList(0x0123))).endsWith("2600" + "00" + "800123");
  }

  @Test
  void descriptorFormat() {
    assertThat(descriptors(Sense.MEDIUM_NOT_PRESENT)).isEqualTo("72023a0000000000");
    assertThat(descriptors(LOST_BLOCK.withInformation(0x1234567890L)))
        .isEqualTo("720311040000000c" + "000a8000" + "0000001234567890");
    assertThat(descriptors(Sense.invalidFieldInCdb(2, 5)))
        .isEqualTo("7205240000000008" + "02060000" + "cd000200");
  }

  @Test
  void bothDescriptorsStandInOrder() {
    Sense both = Sense.invalidFieldInCdb(2, 5).withInformation(0x12345678L);

    assertThat(descriptors(both))
        .isEqualTo("7205240000000014" + "000a8000" + "0000000012345678" + "02060000" + "cd000200");
    assertThat(both.length(true)).isEqualTo(28);
    assertThat(both.length(false)).isEqualTo(18);
  }

  @Test
  void equalByValue() {
    assertThat(Sense.of(SenseKey.NO_SENSE, 0, 0)).isEqualTo(Sense.NONE);
    assertThat(Sense.of(SenseKey.NO_SENSE, 0, 0).isNone()).isTrue();
    assertThat(Sense.invalidFieldInCdb(1)).isNotEqualTo(Sense.invalidFieldInCdb(2));
    assertThat(LOST_BLOCK)
        .isNotEqualTo(LOST_BLOCK.withInformation(1))
        .hasSameHashCodeAs(LOST_BLOCK.withInformation(1));
    assertThat(Sense.INVALID_OPERATION_CODE).hasToString("ILLEGAL_REQUEST 20h/00h");
  }

  private static String fixed(Sense sense) {
    return HexFormat.of().formatHex(sense.toBytes(false));
  }

  private static String descriptors(Sense sense) {
    return HexFormat.of().formatHex(sense.toBytes(true));
  }
}
