package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.iscsi4j.protocol.DataInPdu;
import org.iscsi4j.protocol.ScsiResponsePdu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResidualTest {

  @ParameterizedTest(name = "{0} expected, {1} moved")
  @CsvSource({
    "512, 512, 0, 0",
    "512, 0, 2, 512",
    "1024, 1023, 2, 1",
    "0, 512, 4, 512",
    "512, 513, 4, 1",
    "0, 0, 0, 0",
    "4294967295, 0, 2, -1", // unsigned 32 bits
    "4294967295, 4294967294, 2, 1",
    "4294967295, 16777216, 2, -16777217"
  })
  void whatIsLeftOver(long expected, long moved, int flags, int count) {
    assertThat(Residual.flags(expected, moved)).isEqualTo(flags);
    assertThat(Residual.count(expected, moved)).isEqualTo(count);
  }

  @Test
  void flagsAreTheSameInBothPdus() {
    assertThat(DataInPdu.OVERFLOW).isEqualTo(ScsiResponsePdu.OVERFLOW);
    assertThat(DataInPdu.UNDERFLOW).isEqualTo(ScsiResponsePdu.UNDERFLOW);
    assertThat(ScsiResponsePdu.BIDI_OVERFLOW).isEqualTo(ScsiResponsePdu.OVERFLOW << 2);
    assertThat(ScsiResponsePdu.BIDI_UNDERFLOW).isEqualTo(ScsiResponsePdu.UNDERFLOW << 2);
  }
}
