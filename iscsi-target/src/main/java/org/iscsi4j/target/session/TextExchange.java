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
 * Text requests in full feature phase (RFC 7143 sections 6.4, 7.12, 11.10, 11.11): one exchange at
 * a time, whose requests and answers may take several PDUs. What it agrees to holds when its last
 * response is sent; an exchange that fails leaves everything as it was.
 */
final class TextExchange {

  /** Text of one exchange, however many requests it takes. */
  private static final int MAX_TEXT = 64 * 1024;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Session session;
  private final SessionConnection connection;
  private final SendTargets sendTargets;

  private OperationalNegotiation negotiation;
  private boolean targetsSent;

  /** What came of the request so far. */
  private TextAccumulator request;

  /** Bytes that further requests may have. */
  private int room;

  /** What is left of the answer. */
  private ByteBuffer answer;

  /** The tag of the exchange under way, or the reserved one. */
  private int transferTag;

  TextExchange(SessionConnection connection, SendTargets sendTargets) {
    this.connection = connection;
    this.sendTargets = sendTargets;
    session = connection.session();
    reset();
  }

  private void reset() {
    negotiation = OperationalNegotiation.fullFeature(session.parameters());
    targetsSent = false;
    request = new TextAccumulator(MAX_TEXT);
    room = MAX_TEXT;
    answer = NOTHING;
    transferTag = Pdu.RESERVED_TAG;
  }

  /**
   * Takes a request.
   *
   * @throws ProtocolException when it is refused; the exchange is over then
   */
  void request(TextRequestPdu pdu, ByteBuffer data) throws ProtocolException {
    try {
      if (pdu.targetTransferTag() == Pdu.RESERVED_TAG) {
        reset();
      }
      check(pdu, data);
      take(pdu, data);
    } catch (ProtocolException e) {
      reset();
      throw e;
    }
  }

  private void check(TextRequestPdu pdu, ByteBuffer data) throws ProtocolException {
    if (pdu.targetTransferTag() != transferTag) {
      throw new ProtocolException(
          RejectReason.INVALID_PDU_FIELD,
          "no text exchange has Target Transfer Tag " + pdu.targetTransferTag());
    }
    if (pdu.last() && pdu.continued()) {
      throw new ProtocolException(RejectReason.INVALID_PDU_FIELD, "F and C are both set");
    }
    if (answer.hasRemaining() && (data.hasRemaining() || pdu.continued())) {
      throw new ProtocolException(
          RejectReason.PROTOCOL_ERROR, "a text request has text before the answer has its end");
    }
  }

  private void take(TextRequestPdu pdu, ByteBuffer data) throws ProtocolException {
    request.append(data);
    if (pdu.continued()) {
      respond(pdu, false, false, NOTHING);
      return;
    }
    if (!answer.hasRemaining()) {
      answer = ByteBuffer.wrap(TextCodec.encode(answers(wholeText())));
    }
    sendPart(pdu);
  }

  private List<KeyValue> wholeText() throws ProtocolException {
    room -= request.size();
    List<KeyValue> pairs = request.finish();
    request = new TextAccumulator(room);
    return pairs;
  }

  private List<KeyValue> answers(List<KeyValue> pairs) throws ProtocolException {
    List<KeyValue> answers = new ArrayList<>();
    List<KeyValue> offers = new ArrayList<>();
    for (KeyValue pair : pairs) {
      if (pair.key().equals(Key.SEND_TARGETS.name())) {
        answers.addAll(targets(pair.value()));
      } else {
        offers.add(pair);
      }
    }
    answers.addAll(negotiation.answerAll(offers));
    return answers;
  }

  private List<KeyValue> targets(String value) throws ProtocolException {
    if (targetsSent) {
      throw new ProtocolException(
          RejectReason.PROTOCOL_ERROR, "SendTargets comes twice in one negotiation");
    }
    targetsSent = true;
    return sendTargets.answer(value, session.info(), connection.transport());
  }

  private void sendPart(TextRequestPdu pdu) {
    int length = Math.min(answer.remaining(), connection.maxDataIn());
    ByteBuffer part = answer.slice(answer.position(), length);
    answer.position(answer.position() + length);
    boolean more = answer.hasRemaining();
    boolean last = !more && pdu.last();
    respond(pdu, last, more, part);
    if (last && !negotiation.failed()) {
      negotiation.agreed(Key.MAX_RECV_DATA_SEGMENT_LENGTH).ifPresent(connection::maxDataIn);
    }
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
                0, // LUN
                pdu.initiatorTaskTag(),
                transferTag,
                connection.nextStatSn(),
                session.expCmdSn(),
                session.maxCmdSn()),
            part);
    connection.flushLater();
  }
}
