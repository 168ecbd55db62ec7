package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.session.WriteTransfer.Verdict.ACCEPTED;
import static org.iscsi4j.target.session.WriteTransfer.Verdict.VIOLATION;
import static org.iscsi4j.target.session.WriteTransfer.Verdict.WRONG_AMOUNT;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.target.session.WriteTransfer.R2t;
import org.iscsi4j.target.session.WriteTransfer.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    begin(immediate, more, wanted, terms(r2ts, true, true, 0));
  }

  private void begin(int immediate, boolean more, int wanted, OperationalParameters terms) {
    write.begin(immediate, more, wanted, terms);
    write.want(wanted);
  }

  private static OperationalParameters terms(
      int r2ts, boolean pduInOrder, boolean sequenceInOrder, int level) {
    return terms(r2ts, pduInOrder, sequenceInOrder, level, BURST);
  }

  private static OperationalParameters terms(
      int r2ts, boolean pduInOrder, boolean sequenceInOrder, int level, int burst) {
    return new OperationalParameters(
        false,
        false,
        1,
        false,
        true,
        8192,
        8192,
        burst,
        UNSOLICITED,
        2,
        20,
        r2ts,
        pduInOrder,
        sequenceInOrder,
        level,
        "RFC3720",
        1);
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

  // ---- PDUs in any order -----------------------------------------------------------------------

  private void beginWithPdusInAnyOrder(int immediate, boolean more, int wanted) {
    begin(immediate, more, wanted, terms(2, false, true, 0));
  }

  @Test
  void pdusOfASequenceMayComeInAnyOrder() {
    beginWithPdusInAnyOrder(0, false, 2500);
    write.request(1);

    assertThat(write.dataOut(1, 0, 600, 400, false)).isEqualTo(ACCEPTED);
    assertThat(write.received()).isZero();
    assertThat(write.reach()).isEqualTo(1000);
    assertThat(write.dataOut(1, 1, 0, 300, false)).isEqualTo(ACCEPTED);
    assertThat(write.received()).isEqualTo(300);
    assertThat(write.dataOut(1, 2, 300, 300, true)).isEqualTo(ACCEPTED);

    assertThat(write.received()).isEqualTo(1000);
    assertThat(write.expectsData()).isFalse();
    assertThat(write.request(2)).isEqualTo(new R2t(2, 1, 1000, 1000));
    assertThat(write.dataOut(2, 0, 1000, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(3)).isEqualTo(new R2t(3, 2, 2000, 500));
    assertThat(write.dataOut(3, 0, 2250, 250, false)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isFalse();
    assertThat(write.dataOut(3, 1, 2000, 250, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
  }

  @Test
  void pdusMayOverlapUntilTheLastOne() {
    beginWithPdusInAnyOrder(0, false, 1000);
    write.request(1);

    assertThat(write.dataOut(1, 0, 0, 1000, false)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isFalse();
    assertThat(write.dataOut(1, 1, 200, 300, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
  }

  @ParameterizedTest(name = "tag {0}, DataSN {1}, offset {2}, {3} bytes, F {4}: {5}")
  @CsvSource({
    "1, 1, 0, 500, true, ACCEPTED",
    "1, 1, 0, 500, false, ACCEPTED",
    "1, 1, 0, 499, false, ACCEPTED",
    "1, 1, 0, 600, true, ACCEPTED", // overlap
    "1, 1, 1000, 0, false, ACCEPTED",
    "1, 1, 0, 499, true, WRONG_AMOUNT", // a hole is left
    "1, 1, 500, 500, true, WRONG_AMOUNT",
    "1, 1, 0, 1001, true, WRONG_AMOUNT", // long
    "1, 1, 1000, 1, true, WRONG_AMOUNT",
    "1, 0, 0, 500, true, VIOLATION", // DataSN again
    "1, 2, 0, 500, true, VIOLATION", // DataSN left out
    "1, -1, 0, 500, true, VIOLATION",
    "1, 1, 1001, 0, true, VIOLATION", // beyond the sequence
    "1, 1, -1, 500, true, VIOLATION",
    "1, 1, -2147483648, 500, true, VIOLATION",
    "1, 1, 2147483647, 500, true, VIOLATION",
    "2, 0, 1000, 1000, true, VIOLATION", // sequences keep their order
    "9, 1, 0, 500, true, VIOLATION",
    "-1, 1, 0, 500, true, VIOLATION"
  })
  void solicitedPduInAnyOrder(
      int tag, int dataSn, int offset, int length, boolean last, Verdict verdict) {
    beginWithPdusInAnyOrder(0, false, 2000);
    write.request(1);
    write.request(2);
    assertThat(write.dataOut(1, 0, 500, 500, false)).isEqualTo(ACCEPTED);

    assertThat(write.dataOut(tag, dataSn, offset, length, last)).isEqualTo(verdict);
  }

  @ParameterizedTest(name = "DataSN {0}, offset {1}, {2} bytes, F {3}: {4}")
  @CsvSource({
    "1, 100, 100, true, ACCEPTED",
    "1, 100, 100, false, ACCEPTED",
    "1, 300, 100, false, ACCEPTED",
    "1, 300, 100, true, WRONG_AMOUNT", // a hole is left
    "1, 300, 101, false, WRONG_AMOUNT", // beyond the limit
    "1, 99, 101, true, VIOLATION", // the command's own data again
    "2, 100, 100, true, VIOLATION"
  })
  void unsolicitedPduInAnyOrder(int dataSn, int offset, int length, boolean last, Verdict verdict) {
    beginWithPdusInAnyOrder(100, true, 4000);
    assertThat(write.dataOut(NONE, 0, 200, 100, false)).isEqualTo(ACCEPTED);

    assertThat(write.dataOut(NONE, dataSn, offset, length, last)).isEqualTo(verdict);
  }

  @Test
  void unsolicitedDataInAnyOrderMayEndEarly() {
    beginWithPdusInAnyOrder(100, true, 4000);
    write.dataOut(NONE, 0, 200, 50, false);

    assertThat(write.dataOut(NONE, 1, 100, 100, true)).isEqualTo(ACCEPTED);

    assertThat(write.request(1)).isEqualTo(new R2t(1, 0, 250, 1000));
  }

  @Test
  void holeInUnsolicitedDataThatTheCommandDoesNotNeedIsNoFault() {
    begin(100, true, 4000, terms(1, false, true, 0));
    write.want(200);
    write.dataOut(NONE, 0, 100, 100, false);

    assertThat(write.dataOut(NONE, 1, 300, 50, true)).isEqualTo(ACCEPTED);

    assertThat(write.whole()).isTrue();
    assertThat(write.mayRequest()).isFalse();
  }

  @Test
  void dataIsAwaitedWhereItHasNotCome() {
    beginWithPdusInAnyOrder(0, false, 1000);
    assertThat(write.awaits(0, 100)).isFalse(); // nobody asked
    write.request(1);
    assertThat(write.awaits(0, 100)).isTrue();
    assertThat(write.awaits(100, 100)).isFalse(); // only what comes in order, so far
    write.dataOut(1, 0, 500, 100, false);

    assertThat(write.awaits(0, 500)).isTrue();
    assertThat(write.awaits(600, 400)).isTrue();
    assertThat(write.awaits(0, 501)).isFalse();
    assertThat(write.awaits(500, 1)).isFalse();
    assertThat(write.awaits(599, 1)).isFalse();
    assertThat(write.awaits(-1, 1)).isFalse();
  }

  @Test
  void piecesAreBounded() {
    begin(0, false, 1 << 20, terms(1, false, true, 0, 1 << 20));
    write.request(1);

    for (int i = 0; i < Extents.LIMIT; i++) {
      assertThat(write.dataOut(1, i, 2 * i + 1, 1, false)).isEqualTo(ACCEPTED);
    }

    assertThat(write.dataOut(1, Extents.LIMIT, 2 * Extents.LIMIT + 1, 1, false))
        .isEqualTo(VIOLATION);
  }

  // ---- sequences in any order ------------------------------------------------------------------

  @Test
  void sequencesMayComeInAnyOrder() {
    begin(0, false, 3500, terms(3, true, false, 0));
    write.request(1);
    write.request(2);
    write.request(3);

    assertThat(write.dataOut(3, 0, 2000, 600, false)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(2, 0, 1000, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(4)).isEqualTo(new R2t(4, 3, 3000, 500));
    assertThat(write.dataOut(3, 1, 2600, 400, true)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(4, 0, 3000, 500, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isFalse();
    assertThat(write.mayRequest()).isFalse();
    assertThat(write.dataOut(1, 0, 0, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
  }

  @ParameterizedTest(name = "tag {0}, DataSN {1}, offset {2}, {3} bytes, F {4}: {5}")
  @CsvSource({
    "2, 1, 1500, 500, true, ACCEPTED",
    "2, 1, 1500, 400, false, ACCEPTED",
    "1, 1, 300, 700, true, ACCEPTED",
    "2, 1, 1500, 400, true, WRONG_AMOUNT", // short
    "2, 1, 1500, 500, false, WRONG_AMOUNT", // F is missing
    "2, 1, 1500, 501, true, WRONG_AMOUNT", // long
    "2, 1, 1400, 500, true, VIOLATION", // PDUs keep their order
    "2, 1, 1600, 400, true, VIOLATION",
    "2, 0, 1500, 500, true, VIOLATION",
    "1, 0, 300, 700, true, VIOLATION", // another sequence's DataSN
    "1, 1, 1500, 500, true, VIOLATION", // another sequence's offset
    "3, 0, 2000, 500, true, VIOLATION" // nobody asked
  })
  void pduOfSequencesInAnyOrder(
      int tag, int dataSn, int offset, int length, boolean last, Verdict verdict) {
    begin(0, false, 4000, terms(2, true, false, 0));
    write.request(1);
    write.request(2);
    write.dataOut(1, 0, 0, 300, false);
    assertThat(write.dataOut(2, 0, 1000, 500, false)).isEqualTo(ACCEPTED);

    assertThat(write.dataOut(tag, dataSn, offset, length, last)).isEqualTo(verdict);
  }

  // ---- recovery --------------------------------------------------------------------------------

  private void beginWithRecovery(int immediate, boolean more, int wanted) {
    begin(immediate, more, wanted, terms(8, true, true, 1));
  }

  @Test
  void damagedPduIsAskedForAgainWhenItsSequenceHasEnded() {
    beginWithRecovery(0, false, 1500);
    write.request(1);
    assertThat(write.mayRequest()).isFalse(); // one at a time (RFC 7143 section 13.19)

    assertThat(write.damaged(1, 0, 0, 300, false)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(1, 1, 300, 300, false)).isEqualTo(ACCEPTED);
    assertThat(write.damaged(1, 2, 600, 100, false)).isEqualTo(ACCEPTED);
    assertThat(write.damaged(1, 3, 700, 100, false)).isEqualTo(ACCEPTED);
    assertThat(write.mayRequest()).isFalse();
    assertThat(write.dataOut(1, 4, 800, 200, true)).isEqualTo(ACCEPTED);

    assertThat(write.request(2)).isEqualTo(new R2t(2, 1, 0, 300));
    assertThat(write.mayRequest()).isFalse();
    assertThat(write.dataOut(2, 0, 0, 300, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(3)).isEqualTo(new R2t(3, 2, 600, 200));
    assertThat(write.dataOut(3, 0, 600, 100, false)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(3, 1, 700, 100, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(4)).isEqualTo(new R2t(4, 3, 1000, 500));
    assertThat(write.dataOut(4, 0, 1000, 500, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
    assertThat(write.r2tCount()).isEqualTo(4);
  }

  @Test
  void damagedLastPduIsAskedForAgain() {
    beginWithRecovery(0, false, 1000);
    write.request(1);
    write.dataOut(1, 0, 0, 300, false);

    assertThat(write.damaged(1, 1, 300, 700, true)).isEqualTo(ACCEPTED);

    assertThat(write.whole()).isFalse();
    assertThat(write.request(2)).isEqualTo(new R2t(2, 1, 300, 700));
    assertThat(write.damaged(2, 0, 300, 700, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(3)).isEqualTo(new R2t(3, 2, 300, 700));
    assertThat(write.dataOut(3, 0, 300, 700, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
  }

  @Test
  void damagedPduIsAViolationWithoutRecovery() {
    begin(0, false, 1000, terms(1, false, false, 0));
    write.request(1);

    assertThat(write.damaged(1, 0, 0, 300, false)).isEqualTo(VIOLATION);
  }

  @ParameterizedTest(name = "DataSN {0}, offset {1}, {2} bytes, F {3}: {4}")
  @CsvSource({
    "1, 300, 700, true, ACCEPTED",
    "2, 500, 500, true, ACCEPTED", // one is lost
    "9, 500, 400, false, ACCEPTED", // many are
    "2, 300, 700, true, ACCEPTED", // one without data is
    "1, 300, 200, true, ACCEPTED", // the end is
    "0, 300, 700, true, VIOLATION", // again
    "-1, 300, 700, true, VIOLATION",
    "1, 500, 500, true, VIOLATION", // nothing is lost by its DataSN
    "1, 200, 500, false, VIOLATION", // overlap
    "2, 200, 500, false, VIOLATION",
    "2, 1001, 0, false, VIOLATION",
    "2, 500, 500, false, WRONG_AMOUNT", // F is missing
    "2, 500, 501, true, WRONG_AMOUNT" // long
  })
  void dataBehindLostData(int dataSn, int offset, int length, boolean last, Verdict verdict) {
    beginWithRecovery(0, false, 2000);
    write.request(1);
    write.dataOut(1, 0, 0, 300, false);

    assertThat(write.dataOut(1, dataSn, offset, length, last)).isEqualTo(verdict);
  }

  @Test
  void lostUnsolicitedDataIsAskedForFirst() {
    beginWithRecovery(100, true, 1000);

    assertThat(write.dataOut(NONE, 1, 200, 100, false)).isEqualTo(ACCEPTED);
    assertThat(write.damaged(NONE, 2, 300, 100, true)).isEqualTo(ACCEPTED);

    assertThat(write.request(1)).isEqualTo(new R2t(1, 0, 100, 100));
    assertThat(write.dataOut(1, 0, 100, 100, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(2)).isEqualTo(new R2t(2, 1, 300, 700));
    assertThat(write.dataOut(2, 0, 300, 700, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
  }

  @Test
  void lostDataThatTheCommandDoesNotNeedIsNotAskedFor() {
    write.begin(0, true, 4000, terms(1, true, true, 1));
    write.damaged(NONE, 0, 0, 100, false);
    write.dataOut(NONE, 1, 100, 100, false);
    write.damaged(NONE, 2, 200, 100, false);
    write.dataOut(NONE, 3, 300, 100, true);

    write.want(50); // it said so only when its turn came

    assertThat(write.request(1)).isEqualTo(new R2t(1, 0, 0, 50));
    assertThat(write.dataOut(1, 0, 0, 50, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
  }

  @Test
  void severalSequencesAreRecoveredWhenTheirOrderIsFree() {
    begin(0, false, 2000, terms(2, false, false, 1));
    write.request(1);
    write.request(2);

    assertThat(write.damaged(1, 0, 0, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(3)).isEqualTo(new R2t(3, 2, 0, 1000));
    assertThat(write.dataOut(2, 1, 1500, 500, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(4)).isEqualTo(new R2t(4, 3, 1000, 500));
    assertThat(write.dataOut(3, 0, 0, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isFalse();
    assertThat(write.dataOut(4, 0, 1000, 500, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
  }

  @Test
  void recoveryIsGivenUpAfterSomeTime() {
    beginWithRecovery(0, false, 1000);
    for (int i = 0; i < ScatteredData.MAX_RECOVERIES; i++) {
      write.request(i);
      assertThat(write.damaged(i, 0, 0, 1000, true)).isEqualTo(ACCEPTED);
    }
    write.request(77);

    assertThat(write.damaged(77, 0, 0, 1000, true)).isEqualTo(WRONG_AMOUNT);
  }

  @Test
  void recoveryIsGivenUpAfterSomeTimeInATransferThatIsStraightInBetween() {
    begin(0, false, 1_000_000, terms(1, true, true, 1));
    for (int i = 0; i < ScatteredData.MAX_RECOVERIES; i++) {
      write.request(1);
      assertThat(write.damaged(1, 0, i * 1000, 1000, true)).isEqualTo(ACCEPTED);
      write.request(2);
      assertThat(write.dataOut(2, 0, i * 1000, 1000, true)).isEqualTo(ACCEPTED);
      assertThat(write.received()).isEqualTo((i + 1) * 1000);
    }
    R2t next = write.request(1);

    assertThat(write.damaged(1, 0, next.offset(), 1000, true)).isEqualTo(WRONG_AMOUNT);
  }

  @Test
  void lostImmediateDataIsAskedFor() {
    write.begin(300, false, 1500, terms(1, true, true, 1));
    write.immediateLost();
    write.want(1500);

    assertThat(write.received()).isZero();
    assertThat(write.request(1)).isEqualTo(new R2t(1, 0, 0, 1000));
  }

  @Test
  void lostImmediateDataIsAskedForAfterWhatFollowsIt() {
    write.begin(300, true, 1500, terms(1, true, true, 1));
    write.immediateLost();
    write.want(1500);

    assertThat(write.mayRequest()).isFalse();
    assertThat(write.dataOut(NONE, 0, 300, 100, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(1)).isEqualTo(new R2t(1, 0, 0, 300));
    assertThat(write.dataOut(1, 0, 0, 300, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(2)).isEqualTo(new R2t(2, 1, 400, 1000));
  }

  // ---- another connection ----------------------------------------------------------------------

  @Test
  void writeThatIsReassignedAsksForWhatHasNotCome() {
    begin(0, false, 2500, terms(1, true, true, 2));
    write.request(1);
    write.dataOut(1, 0, 0, 300, false);

    write.reassigned(0);

    assertThat(write.expectsData()).isFalse();
    assertThat(write.request(2)).isEqualTo(new R2t(2, 0, 300, 1000));
    assertThat(write.dataOut(1, 1, 300, 700, true)).isEqualTo(VIOLATION);
    assertThat(write.dataOut(2, 0, 300, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(3)).isEqualTo(new R2t(3, 1, 1300, 1000));
  }

  @ParameterizedTest(name = "expects R2TSN {0}")
  @CsvSource({"0, 1", "1, 1", "2, 2", "3, 1", "-1, 1"})
  void r2tsOfAWriteThatIsReassignedHaveTheNumbersThatAreExpected(int expected, int number) {
    begin(0, false, 4000, terms(1, true, true, 2));
    write.request(1);
    write.dataOut(1, 0, 0, 1000, true);
    write.request(2);

    write.reassigned(expected);

    assertThat(write.request(3)).isEqualTo(new R2t(3, number, 1000, 1000));
  }

  @Test
  void writeThatIsReassignedAsksForEveryHole() {
    begin(0, false, 4000, terms(3, false, false, 2));
    write.request(1);
    write.request(2);
    write.request(3);
    write.dataOut(1, 0, 100, 100, false);
    write.dataOut(3, 0, 2000, 500, false);

    write.reassigned(0);

    assertThat(write.request(4)).isEqualTo(new R2t(4, 0, 0, 100));
    assertThat(write.request(5)).isEqualTo(new R2t(5, 1, 200, 1000)); // a burst
    assertThat(write.request(6)).isEqualTo(new R2t(6, 2, 1200, 800));
    assertThat(write.dataOut(5, 0, 200, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(7)).isEqualTo(new R2t(7, 3, 2500, 1000));
    assertThat(write.dataOut(6, 0, 1200, 800, true)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(4, 0, 0, 100, true)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(7, 0, 2500, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.request(8)).isEqualTo(new R2t(8, 4, 3500, 500));
    assertThat(write.dataOut(8, 0, 3500, 500, true)).isEqualTo(ACCEPTED);
    assertThat(write.whole()).isTrue();
  }

  @Test
  void unsolicitedDataOfAWriteThatIsReassignedIsAskedFor() {
    begin(100, true, 1000, terms(1, true, true, 2));
    write.dataOut(NONE, 0, 100, 100, false);

    write.reassigned(0);

    assertThat(write.dataOut(NONE, 1, 200, 100, true)).isEqualTo(VIOLATION);
    assertThat(write.request(1)).isEqualTo(new R2t(1, 0, 200, 800));
  }

  @Test
  void writeThatHasAllAndIsReassignedIsWhole() {
    begin(100, true, 200, terms(1, true, true, 2));
    write.dataOut(NONE, 0, 100, 100, false);

    write.reassigned(0);

    assertThat(write.whole()).isTrue();
    assertThat(write.mayRequest()).isFalse();
  }

  @Test
  void writeThatFailedAndIsReassignedWaitsForNothing() {
    begin(0, false, 4000, terms(1, true, true, 2));
    write.request(1);
    write.drain(1, 0, 100, false);

    write.reassigned(0);

    assertThat(write.expectsData()).isFalse();
    assertThat(write.mayRequest()).isFalse();
  }

  // ---- everything at once ----------------------------------------------------------------------

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void everyByteComesInTheEndWhateverIsLost(long seed) {
    Random random = new Random(seed);
    boolean pduInOrder = random.nextBoolean();
    boolean sequenceInOrder = random.nextBoolean();
    boolean more = random.nextBoolean();
    int immediate = random.nextInt(200);
    int wanted = 1 + random.nextInt(8000);
    begin(immediate, more, wanted, terms(4, pduInOrder, sequenceInOrder, 2));
    BitSet came = new BitSet();
    came.set(0, immediate);
    if (more) {
      int end = immediate + random.nextInt(UNSOLICITED - immediate);
      play(random, came, new R2t(NONE, 0, immediate, end - immediate), pduInOrder);
    }
    List<R2t> open = new ArrayList<>();
    for (int tag = 0; !write.whole(); tag++) {
      while (write.mayRequest()) {
        R2t r2t = write.request(tag++);
        assertThat(r2t.length()).isBetween(1, BURST);
        assertThat(came.get(r2t.offset(), r2t.offset() + r2t.length()).isEmpty()).isTrue();
        assertThat(r2t.offset() + r2t.length()).isLessThanOrEqualTo(wanted);
        open.add(r2t);
      }
      assertThat(open).isNotEmpty();
      if (random.nextInt(20) == 0) {
        write.reassigned(0);
        open.clear();
      } else {
        R2t next = open.remove(sequenceInOrder ? 0 : random.nextInt(open.size()));
        play(random, came, next, pduInOrder);
      }
    }

    assertThat(came.nextClearBit(0)).isGreaterThanOrEqualTo(wanted);
    assertThat(write.received()).isGreaterThanOrEqualTo(wanted);
    assertThat(write.expectsData()).isFalse();
    assertThat(write.mayRequest()).isFalse();
  }

  /** Sends a sequence, of which some may be lost, damaged or out of order. */
  private void play(Random random, BitSet came, R2t sequence, boolean pduInOrder) {
    int end = sequence.offset() + sequence.length();
    List<int[]> pieces = new ArrayList<>();
    for (int at = sequence.offset(); at < end; ) {
      int length = Math.min(end - at, 100 + random.nextInt(300));
      pieces.add(new int[] {at, length});
      at += length;
    }
    if (pieces.isEmpty()) {
      pieces.add(new int[] {sequence.offset(), 0});
    }
    if (!pduInOrder) {
      Collections.shuffle(pieces, random);
    }
    for (int i = 0; i < pieces.size(); i++) {
      int offset = pieces.get(i)[0];
      int length = pieces.get(i)[1];
      boolean last = i == pieces.size() - 1;
      int fate = random.nextInt(20);
      if (fate == 0) {
        assertThat(write.damaged(sequence.tag(), i, offset, length, last)).isEqualTo(ACCEPTED);
      } else if (fate > 1 || last) {
        assertThat(write.dataOut(sequence.tag(), i, offset, length, last)).isEqualTo(ACCEPTED);
        came.set(offset, offset + length);
      }
    }
  }

  // ---- the end ---------------------------------------------------------------------------------

  @Test
  void writeThatFailedAsksForNothingMoreAndWaitsForWhatItAskedFor() {
    begin(0, false, 4000, 2);
    write.request(1);
    write.request(2);

    write.drain(1, 77, 100, false);

    assertThat(write.mayRequest()).isFalse();
    // what is on its way is taken in whatever shape it comes
    assertThat(write.dataOut(2, 9, 77, 100, false)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(1, 0, 0, 5000, true)).isEqualTo(ACCEPTED);
    assertThat(write.expectsData()).isTrue();
    assertThat(write.dataOut(7, 0, 0, 100, true)).isEqualTo(ACCEPTED);
    assertThat(write.damaged(NONE, 0, 0, 100, true)).isEqualTo(ACCEPTED);
    assertThat(write.expectsData()).isTrue();
    assertThat(write.damaged(2, 3, 1500, 100, true)).isEqualTo(ACCEPTED);
    assertThat(write.expectsData()).isFalse();
    assertThat(write.mayRequest()).isFalse();
  }

  @ParameterizedTest(name = "offset {0}, {1} bytes: {2}")
  @CsvSource({
    "0, 1000, false",
    "500, 500, false",
    "0, 1001, false",
    "1000, 0, false",
    "0, 999, true",
    "1001, 1000, true", // not of this sequence
    "-1, 1001, true",
    "-2147483648, 16777215, true"
  })
  void sequenceOfAWriteThatFailedEndsWithItsLastByteToo(int offset, int length, boolean expects) {
    begin(0, false, 1000, 1);
    write.request(1);

    write.drain(1, offset, length, false);

    assertThat(write.expectsData()).isEqualTo(expects);
  }

  @Test
  void writeThatFailedWaitsForTheEndOfUnsolicitedData() {
    begin(0, true, 4000);

    write.drain(NONE, 0, 5, false);

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

    write.drain(NONE, 0, 5, true);

    assertThat(write.expectsData()).isFalse();
    assertThat(write.mayRequest()).isFalse();
  }

  @Test
  void objectIsAsNewForTheNextCommand() {
    begin(100, true, 4000, 2);
    write.dataOut(NONE, 0, 100, 100, true);
    write.request(5);
    write.drain(5, 200, 1, false);

    begin(0, false, 1500, 1);

    assertThat(write.received()).isZero();
    assertThat(write.r2tCount()).isZero();
    assertThat(write.expectsData()).isFalse();
    assertThat(write.request(6)).isEqualTo(new R2t(6, 0, 0, 1000));
    assertThat(write.dataOut(6, 0, 0, 1000, true)).isEqualTo(ACCEPTED);
    assertThat(write.dataOut(5, 0, 1000, 500, true)).isEqualTo(VIOLATION);
  }
}
