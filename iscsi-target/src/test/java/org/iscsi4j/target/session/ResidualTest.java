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
    assertThat(Residual.readFlags(expected, moved)).isEqualTo(flags << 2);
    assertThat(Residual.count(expected, moved)).isEqualTo(count);
  }

  @ParameterizedTest(name = "bidirectional {0}: {1} in and {2} out expected, {3} out moved")
  @CsvSource({
    "false, 512, 0, 0, false",
    "false, 512, 0, 512, false", // it writes, and the initiator is ready to read
    "false, 0, 512, 512, true",
    "false, 0, 512, 0, true", // it reads, and the initiator is ready to write
    "false, 0, 0, 512, true",
    "false, 0, 0, 0, false",
    "true, 0, 0, 0, true",
    "true, 512, 0, 0, true",
    "true, 512, 512, 0, true",
    "true, 0, 512, 0, true"
  })
  void whoseResidualItIs(
      boolean both, long expectedIn, long expectedOut, long movedOut, boolean ofWrite) {
    assertThat(Residual.isOfWrite(both, expectedIn, expectedOut, movedOut)).isEqualTo(ofWrite);
  }

  @Test
  void flagsAreTheSameInBothPdus() {
    assertThat(DataInPdu.OVERFLOW).isEqualTo(ScsiResponsePdu.OVERFLOW);
    assertThat(DataInPdu.UNDERFLOW).isEqualTo(ScsiResponsePdu.UNDERFLOW);
    assertThat(ScsiResponsePdu.BIDI_OVERFLOW).isEqualTo(ScsiResponsePdu.OVERFLOW << 2);
    assertThat(ScsiResponsePdu.BIDI_UNDERFLOW).isEqualTo(ScsiResponsePdu.UNDERFLOW << 2);
  }
}
