package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.session.WriteTransfer.Verdict.ACCEPTED;
import static org.iscsi4j.target.session.WriteTransfer.Verdict.VIOLATION;

import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.target.session.WriteTransfer.R2t;
import org.iscsi4j.target.session.WriteTransfer.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules for the data of one write. Bursts are 1000 bytes, unsolicited data at most 400. */
class WriteTransferTest {

  private static final int BURST = 1000;
  private static final int UNSOLICITED = 400;
  private static final int NONE = Pdu.RESERVED_TAG;

  private final WriteTransfer write = new WriteTransfer();

  private void begin(int immediate, boolean more, int wanted) {
    begin(immediate, more, wanted, 1);
  }

  private void begin(int immediate, boolean more, int wanted, int r2ts) {
    write.begin(immediate, more, UNSOLICITED, BURST, r2ts);
    write.want(wanted);
  }

  // ---- unsolicited -----------------------------------------------------------------------------

  @Test
  void immediateDataMayBeAll() {
    begin(300, false, 300);

    assertThat(write.whole()).isTrue();
    assertThat(write.mayRequest()).isFalse();
    assertThat(write.expectsData()).isFalse();
  }

  @Test
  void immediateDataMayBeMoreThanTheCommandNeeds() {
    begin(300, false, 200);

    assertThat(write.whole()).isTrue();
    assertThat(write.mayRequest()).isFalse();
  }

  @Test
  void unsolicitedDataFollowsImmediateData() {
    begin(100, true, 400);

    assertThat(write.whole()).isFalse();
    assertThat(write.expectsData()).isTrue();
    assertThat(write.dataOut(NONE, 0, 100, 200, false)).isEqualTo(ACCEPTED);
    assertThat(write.received()).isEqualTo(300);
    assertThat(write.dataOut(NONE, 1, 300, 100, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
    assertThat(write.expectsData()).isFalse();
  }

  @Test
  void nothingIsAskedForWhileUnsolicitedDataIsOnItsWay() {
    begin(100, true, 5000);

    assertThat(write.mayRequest()).isFalse();
    write.dataOut(NONE, 0, 100, 50, true);
    assertThat(write.mayRequest()).isTrue();
    assertThat(write.request(7)).isEqualTo(new R2t(7, 0, 150, BURST));
  }

  @Test
  void writeIsNotWholeBeforeTheLastUnsolicitedPdu() {
    begin(400, true, 400);

    assertThat(write.whole()).isFalse();
    assertThat(write.dataOut(NONE, 0, 400, 0, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
  }

  @ParameterizedTest(name = "tag {0}, DataSN {1}, offset {2}, {3} bytes, F {4}: {5}")
  @CsvSource({
    "-1, 0, 100, 300, true, ACCEPTED",
    "-1, 0, 100, 300, false, ACCEPTED",
    "-1, 0, 100, 301, true, WRONG_AMOUNT", // beyond the limit
    "-1, 0, 100, 70000, false, WRONG_AMOUNT",
    "-1, 1, 100, 100, true, VIOLATION", // not the first
    "-1, -1, 100, 100, true, VIOLATION",
    "-1, 0, 0, 100, true, VIOLATION", // again
    "-1, 0, 101, 100, true, VIOLATION", // a gap
    "-1, 0, -100, 100, true, VIOLATION",
    "5, 0, 100, 100, true, VIOLATION" // nobody asked
  })
  void unsolicitedData(int tag, int dataSn, int offset, int length, boolean last, Verdict verdict) {
    begin(100, true, 4000);

    assertThat(write.dataOut(tag, dataSn, offset, length, last)).isEqualTo(verdict);
  }

  @Test
  void unsolicitedDataAfterTheLastOneIsAViolation() {
    begin(0, true, 4000);
    write.dataOut(NONE, 0, 0, 100, true);

    assertThat(write.dataOut(NONE, 1, 100, 100, true)).isEqualTo(VIOLATION);
    assertThat(write.dataOut(NONE, 0, 100, 100, true)).isEqualTo(VIOLATION);
  }

  @Test
  void unsolicitedDataThatWasNotAnnouncedIsAViolation() {
    begin(0, false, 400);

    assertThat(write.dataOut(NONE, 0, 0, 400, true)).isEqualTo(VIOLATION);
  }

  // ---- solicited -------------------------------------------------------------------------------

  @Test
  void everythingIsAskedForBurstByBurst() {
    begin(0, false, 2500);

    assertThat(write.request(1)).isEqualTo(new R2t(1, 0, 0, 1000));
    assertThat(write.mayRequest()).isFalse();
    assertThat(write.dataOut(1, 0, 0, 600, false)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(1, 1, 600, 400, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(2)).isEqualTo(new R2t(2, 1, 1000, 1000));
    assertThat(write.dataOut(2, 0, 1000, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(3)).isEqualTo(new R2t(3, 2, 2000, 500));
    assertThat(write.whole()).isFalse();
    assertThat(write.dataOut(3, 0, 2000, 500, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
    assertThat(write.mayRequest()).isFalse();
    assertThat(write.r2tCount()).isEqualTo(3);
  }

  @Test
  void severalBurstsMayBeOpen() {
    begin(0, false, 3500, 3);

    for (int tag = 1; tag <= 3; tag++) {
      assertThat(write.mayRequest()).isTrue();
      write.request(tag);
    }
    assertThat(write.mayRequest()).isFalse();
    assertThat(write.dataOut(1, 0, 0, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.mayRequest()).isTrue();
    assertThat(write.request(4)).isEqualTo(new R2t(4, 3, 3000, 500));
    assertThat(write.dataOut(2, 0, 1000, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(3, 0, 2000, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(4, 0, 3000, 500, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
  }

  @ParameterizedTest(name = "tag {0}, DataSN {1}, offset {2}, {3} bytes, F {4}: {5}")
  @CsvSource({
    "1, 1, 500, 500, true, ACCEPTED",
    "1, 1, 500, 200, false, ACCEPTED",
    "1, 1, 500, 0, false, ACCEPTED",
    "1, 1, 500, 499, true, WRONG_AMOUNT", // short
    "1, 1, 500, 500, false, WRONG_AMOUNT", // F is missing
    "1, 1, 500, 501, true, WRONG_AMOUNT", // long
    "1, 1, 500, 501, false, WRONG_AMOUNT",
    "1, 1, 500, 16777215, true, WRONG_AMOUNT",
    "1, 0, 500, 500, true, VIOLATION", // DataSN again
    "1, 2, 500, 500, true, VIOLATION", // DataSN left out
    "1, 1, 400, 500, true, VIOLATION", // overlap
    "1, 1, 600, 400, true, VIOLATION", // gap
    "2, 0, 1000, 1000, true, VIOLATION", // the second sequence before the first has ended
    "9, 1, 500, 500, true, VIOLATION", // no such sequence
    "-1, 1, 500, 500, true, VIOLATION" // unsolicited
  })
  void solicitedData(int tag, int dataSn, int offset, int length, boolean last, Verdict verdict) {
    begin(0, false, 2000, 2);
    write.request(1);
    write.request(2);
    write.dataOut(1, 0, 0, 500, false);

    assertThat(write.dataOut(tag, dataSn, offset, length, last)).isEqualTo(verdict);
  }

  @Test
  void dataOfASequenceThatHasEndedIsAViolation() {
    begin(0, false, 2000, 2);
    write.request(1);
    write.request(2);
    write.dataOut(1, 0, 0, 1000, true);

    assertThat(write.dataOut(1, 0, 1000, 1000, true)).isEqualTo(VIOLATION);
    assertThat(write.dataOut(1, 1, 1000, 1000, true)).isEqualTo(VIOLATION);
  }

  // ---- the end ---------------------------------------------------------------------------------

  @Test
  void writeThatFailedAsksForNothingMore() {
    begin(0, false, 4000, 2);
    write.request(1);
    write.request(2);

    write.drain(false);

    assertThat(write.mayRequest()).isFalse();
    assertThat(write.expectsData()).isFalse();
    // what is on its way is taken in whatever shape it comes
    assertThat(write.dataOut(2, 9, 77, 100, false)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(1, 0, 0, 5000, true)).isEqualTo(ACCEPTED);
    assertThat(write.mayRequest()).isFalse();
  }

  @Test
  void writeThatFailedWaitsForTheEndOfUnsolicitedData() {
    begin(0, true, 4000);

    write.drain(false);

    assertThat(write.expectsData()).isTrue();
    assertThat(write.dataOut(NONE, 5, 5, 5, false)).isEqualTo(ACCEPTED);
    assertThat(write.expectsData()).isTrue();
    assertThat(write.dataOut(NONE, 6, 5, 5, true)).isEqualTo(ACCEPTED);
    assertThat(write.expectsData()).isFalse();
    assertThat(write.mayRequest()).isFalse();
  }

  @Test
  void writeThatFailedWithTheLastUnsolicitedPduExpectsNothing() {
    begin(0, true, 4000);

    write.drain(true);

    assertThat(write.expectsData()).isFalse();
    assertThat(write.mayRequest()).isFalse();
  }

  @Test
  void objectIsAsNewForTheNextCommand() {
    begin(100, true, 4000, 2);
    write.dataOut(NONE, 0, 100, 100, true);
    write.request(5);
    write.drain(false);

    begin(0, false, 1500, 1);

    assertThat(write.received()).isZero();
    assertThat(write.r2tCount()).isZero();
    assertThat(write.expectsData()).isFalse();
    assertThat(write.request(6)).isEqualTo(new R2t(6, 0, 0, 1000));
    assertThat(write.dataOut(6, 0, 0, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(5, 0, 1000, 500, true)).isEqualTo(VIOLATION);
  }
}
