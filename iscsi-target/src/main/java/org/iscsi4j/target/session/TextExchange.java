package org.iscsi4j.target.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
import org.iscsi4j.target.loop.EventLoop;

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

  /** What came of the request so far. */
  private TextAccumulator request;

  /** Bytes that further requests may have. */
  private int room;

  /** What is left of the answer. */
  private ByteBuffer answer;

  /** The tag of the exchange under way, or the reserved one. */
  private int transferTag;

  /** Whether SendTargets was asked in this exchange. */
  private boolean targetsAsked;

  /** Whether the host looks for the answer to a request. */
  private boolean lookingUp;

  TextExchange(SessionConnection connection, SendTargets sendTargets) {
    this.connection = connection;
    this.sendTargets = sendTargets;
    session = connection.session();
    reset();
  }

  private void reset() {
    negotiation = OperationalNegotiation.fullFeature(session.parameters());
    request = new TextAccumulator(MAX_TEXT);
    room = MAX_TEXT;
    answer = NOTHING;
    transferTag = Pdu.RESERVED_TAG;
    targetsAsked = false;
  }

  /**
   * Takes a request.
   *
   * @throws ProtocolException when it is refused; the exchange is over then, unless it waits for
   *     its answer
   */
  void request(TextRequestPdu pdu, ByteBuffer data) throws ProtocolException {
    if (lookingUp) { // one at a time may be outstanding (RFC 7143 section 11.10)
      throw new ProtocolException(
          RejectReason.PROTOCOL_ERROR, "a text request comes before the last one is answered");
    }
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
    } else if (answer.hasRemaining()) {
      sendPart(pdu);
    } else {
      answer(pdu, wholeText());
    }
  }

  private List<KeyValue> wholeText() throws ProtocolException {
    room -= request.size();
    List<KeyValue> pairs = request.finish();
    request = new TextAccumulator(room);
    return pairs;
  }

  private void answer(TextRequestPdu pdu, List<KeyValue> pairs) throws ProtocolException {
    Optional<String> wanted = sendTargets(pairs);
    List<KeyValue> agreed = negotiation.answerAll(offers(pairs));
    if (wanted.isEmpty()) {
      send(pdu, agreed);
      return;
    }
    EventLoop loop = connection.transport().loop();
    lookingUp = true;
    TargetLookup.await(
        sendTargets.answer(
            wanted.get(), session.info(), connection.transport().local().getAddress()),
        loop,
        (delay, task) -> loop.after(delay, task)::cancel,
        found -> found(pdu, found, agreed));
  }

  private Optional<String> sendTargets(List<KeyValue> pairs) throws ProtocolException {
    Optional<String> wanted = Optional.empty();
    for (KeyValue pair : pairs) {
      if (isSendTargets(pair)) {
        if (targetsAsked) {
          throw new ProtocolException(
              RejectReason.PROTOCOL_ERROR, "SendTargets comes twice in one negotiation");
        }
        targetsAsked = true;
        wanted = Optional.of(pair.value());
      }
    }
    return wanted;
  }

  private static List<KeyValue> offers(List<KeyValue> pairs) {
    return pairs.stream().filter(pair -> !isSendTargets(pair)).toList();
  }

  private static boolean isSendTargets(KeyValue pair) {
    return pair.key().equals(Key.SEND_TARGETS.name());
  }

  /** Targets were found: now, or after a while in which the connection may have ended. */
  private void found(TextRequestPdu pdu, List<KeyValue> targets, List<KeyValue> agreed) {
    lookingUp = false;
    if (!connection.ending()) {
      List<KeyValue> answers = new ArrayList<>(targets);
      answers.addAll(agreed);
      send(pdu, answers);
    }
  }

  private void send(TextRequestPdu pdu, List<KeyValue> answers) {
    answer = ByteBuffer.wrap(TextCodec.encode(answers));
    sendPart(pdu);
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
