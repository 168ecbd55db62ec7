package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.protocol.Key;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.OperationalNegotiation;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.TextAccumulator;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.protocol.TextRequestPdu;
import org.iscsi4j.protocol.TextResponsePdu;

/**
 * Text requests in full feature phase (RFC 7143 sections 6.4, 11.10, 11.11): one exchange at a
 * time, whose requests and answers may take several PDUs.
 */
final class TextExchange {

  private static final int MAX_TEXT = 64 * 1024;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Session session;
  private final SessionConnection connection;
  private final SendTargets sendTargets;

  /** What came of the request so far. */
  private TextAccumulator request = new TextAccumulator(MAX_TEXT);

  /** What is left of the answer. */
  private ByteBuffer answer = NOTHING;

  /** A MaxRecvDataSegmentLength that the initiator declared in this exchange, or 0. */
  private int declared;

  /** The tag of the exchange under way, or the reserved one. */
  private int transferTag = Pdu.RESERVED_TAG;

  TextExchange(SessionConnection connection, SendTargets sendTargets) {
    this.connection = connection;
    this.sendTargets = sendTargets;
    session = connection.session();
  }

  /**
   * Takes a request.
   *
   * @throws ProtocolException when it is refused; the exchange is over then
   */
  void request(TextRequestPdu pdu, ByteBuffer data) throws ProtocolException {
    boolean first = pdu.targetTransferTag() == Pdu.RESERVED_TAG;
    if (!first && pdu.targetTransferTag() != transferTag) {
      throw new ProtocolException(
          RejectReason.INVALID_PDU_FIELD,
          "no text exchange has Target Transfer Tag " + pdu.targetTransferTag());
    }
    if (pdu.last() && pdu.continued()) {
      reset();
      throw new ProtocolException(RejectReason.INVALID_PDU_FIELD, "F and C are both set");
    }
    if (first) {
      reset();
    }
    if (answer.hasRemaining()) {
      sendPart(pdu);
      return;
    }
    append(data);
    if (pdu.continued()) {
      respond(pdu, false, false, NOTHING);
    } else {
      answer = ByteBuffer.wrap(TextCodec.encode(answers()));
      sendPart(pdu);
    }
  }

  private void append(ByteBuffer data) throws ProtocolException {
    try {
      request.append(data);
    } catch (ProtocolException e) {
      reset();
      throw e;
    }
  }

  private void reset() {
    request = new TextAccumulator(MAX_TEXT);
    answer = NOTHING;
    transferTag = Pdu.RESERVED_TAG;
    declared = 0;
  }

  private List<KeyValue> answers() throws ProtocolException {
    List<KeyValue> answers = new ArrayList<>();
    List<KeyValue> offers = new ArrayList<>();
    boolean asked = false;
    for (KeyValue pair : request.finish()) {
      if (pair.key().equals(Key.SEND_TARGETS.name())) {
        if (asked) {
          throw new ProtocolException(
              RejectReason.PROTOCOL_ERROR, "SendTargets comes twice in one text");
        }
        asked = true;
        answers.addAll(sendTargets.answer(pair.value(), session.info(), connection.transport()));
      } else {
        offers.add(pair);
      }
    }
    OperationalNegotiation negotiation = OperationalNegotiation.fullFeature(session.parameters());
    answers.addAll(negotiation.answerAll(offers));
    if (!negotiation.failed()) {
      offers.stream()
          .filter(pair -> pair.key().equals(Key.MAX_RECV_DATA_SEGMENT_LENGTH.name()))
          .forEach(any -> declared = negotiation.result().initiatorMaxRecvDataSegmentLength());
    }
    return answers;
  }

  private void sendPart(TextRequestPdu pdu) {
    int length = Math.min(answer.remaining(), connection.maxDataIn());
    ByteBuffer part = answer.slice(answer.position(), length);
    answer.position(answer.position() + length);
    boolean more = answer.hasRemaining();
    respond(pdu, !more && pdu.last(), more, part);
  }

  private void respond(TextRequestPdu pdu, boolean last, boolean continued, ByteBuffer part) {
    transferTag = last ? Pdu.RESERVED_TAG : session.nextTransferTag();
    connection
        .writer()
        .send(
            new TextResponsePdu(
                last,
                continued,
                part.remaining(),
                pdu.lun(),
                pdu.initiatorTaskTag(),
                transferTag,
                connection.nextStatSn(),
                session.expCmdSn(),
                session.maxCmdSn()),
            part);
    connection.flushLater();
    if (last && declared > 0) {
      connection.maxDataIn(declared); // holds from the next PDU on (RFC 7143 section 6.4)
      declared = 0;
    }
  }
}
