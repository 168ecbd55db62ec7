package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.scsi.Cdbs.hex;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupportedTaskManagementTest {

  private final Engine engine = Engine.over(TestDisk.thin(16));

  @Test
  void tellsWhatTheTransportDoes() {
    assertThat(engine.execute(hex("a3 0d 00 00 0000 000000ff 00 00")).hex()).isEqualTo("f8000000");
  }

  @Test
  void tellsOfTheFunctionsOfSam5WhereTheTransportTakesThem() {
    engine.nexus.queries = true;

    assertThat(engine.execute(hex("a3 0d 00 00 0000 000000ff 00 00")).hex()).isEqualTo("fc070000");
  }

  @Test
  void theExtendedFormatIndicatesNoTimeouts() {
    assertThat(engine.execute(hex("a3 0d 80 00 0000 000000ff 00 00")).hex())
        .isEqualTo("f800000c" + "00000000" + "00000000" + "00000000");
    assertThat(engine.execute(hex("a3 0d 80 00 0000 00000006 00 00")).hex())
        .isEqualTo("f800000c0000");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void lessThanTheShortFormatIsNoAnswer(int length) {
    assertThat(engine.execute(hex("a3 0d 00 00 0000 0000000" + length + " 00 00")).sense())
        .isEqualTo(Sense.invalidFieldInCdb(6));
  }
}
