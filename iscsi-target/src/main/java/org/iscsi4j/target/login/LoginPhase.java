package org.iscsi4j.target.login;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.Redirect;
import org.iscsi4j.api.SessionSettings;
import org.iscsi4j.api.monitor.EndReason;
import org.iscsi4j.protocol.Isid;
import org.iscsi4j.protocol.Key;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.protocol.LoginResponsePdu;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.Opcode;
import org.iscsi4j.protocol.OperationalParameters;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ProtocolException;
import org.iscsi4j.protocol.RejectReason;
import org.iscsi4j.protocol.TextAccumulator;
import org.iscsi4j.protocol.TextCodec;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.connection.Phase;
import org.iscsi4j.target.loop.Timers;

/**
 * A connection during login (RFC 7143 sections 6.3, 11.12, 11.13): joins requests that are
 * continued, cuts long answers, watches the bounds, and hands over to the full feature phase.
 */
public final class LoginPhase implements Phase {

  /** Text of one request, joined; the RFC asks for at least 8,192 bytes. */
  private static final int MAX_TEXT = 16 * 1024;

  /** Login PDUs hold no more, whatever is negotiated (RFC 7143 section 13.12). */
  private static final int MAX_DATA = 8192;

  private static final EndReason FAILED =
      new EndReason(EndReason.Kind.INTERNAL_ERROR, "internal error at the end of the login");

  private final Logins logins;
  private final Connection connection;
  private final LoginNegotiation negotiation;
  private final Redirection redirection;
  private final SessionOpener opener;
  private final long began = System.nanoTime();
  private Timers.Timer deadline;
  private final TextAccumulator text = new TextAccumulator(MAX_TEXT);

  private final LoginSequence sequence = new LoginSequence();

  /** Whether the login has its last answer. */
  private boolean over;

  /** Whether somebody makes a session of the login. */
  private boolean opening;

  /** The step whose answer is being sent, and what is left of it. */
  private LoginNegotiation.Step step;

  private ByteBuffer answer = ByteBuffer.allocate(0);

  /** What the host has to find before a request can be answered. */
  private Optional<Search> search = Optional.empty();

  private record Search(LoginRequestPdu request, Awaited<?> result) {}

  /** A phase that waits for the first login request. */
  LoginPhase(Logins logins, Connection connection, int portalGroupTag, SessionOpener opener) {
    this.logins = logins;
    this.connection = connection;
    this.opener = opener;
    negotiation =
        new LoginNegotiation(
            logins.policy(),
            logins.chap(),
            connection.remote(),
            connection.local(),
            portalGroupTag);
    redirection = new Redirection(logins.policy().redirect());
    deadline = connection.loop().after(logins.limit(), this::late);
  }

  @Override
  public void pdu(ByteBuffer in, int bhsAt, int dataAt, int dataLength) throws ProtocolException {
    if (Pdu.opcode(in, bhsAt) != Opcode.LOGIN_REQUEST) {
      notALogin(Opcode.name(Pdu.opcode(in, bhsAt)));
      return;
    }
    LoginRequestPdu pdu = LoginRequestPdu.decode(in, bhsAt);
    attempt(pdu, () -> request(pdu, in.limit(dataAt + dataLength).position(dataAt)));
  }

  /** Something that a login may fail at. */
  @FunctionalInterface
  private interface Attempt {
    void run() throws LoginException, ProtocolException;
  }

  private void attempt(LoginRequestPdu pdu, Attempt attempt) {
    try {
      attempt.run();
    } catch (LoginException e) {
      refuse(pdu, e);
    } catch (ProtocolException e) {
      refuse(pdu, new LoginException(LoginStatus.INITIATOR_ERROR, e.getMessage()));
    } catch (RuntimeException e) {
      if (over) {
        connection.failed(e); // nobody else might: this may run by itself on the loop
        return;
      }
      LoginException internal = new LoginException(LoginStatus.TARGET_ERROR, "internal error");
      internal.initCause(e);
      refuse(pdu, internal);
    }
  }

  /** Another protocol, such as TLS, has in the place of a length more than ever comes. */
  @Override
  public void incomplete(ByteBuffer in, int bhsAt) throws ProtocolException {
    int opcode = Pdu.opcode(in, bhsAt);
    if (opcode != Opcode.LOGIN_REQUEST && sequence.first().isEmpty()) {
      throw new ProtocolException(
          RejectReason.PROTOCOL_ERROR,
          "first PDU is " + Opcode.name(opcode) + ", not a Login Request");
    }
  }

  private void notALogin(String opcode) {
    sequence
        .first()
        .ifPresentOrElse(
            first ->
                refuse(
                    first,
                    new LoginException(LoginStatus.INVALID_DURING_LOGIN, opcode + " during login")),
            () ->
                connection.close(
                    new EndReason(
                        EndReason.Kind.PROTOCOL_ERROR,
                        "first PDU is " + opcode + ", not a Login Request")));
  }

  private void request(LoginRequestPdu pdu, ByteBuffer data)
      throws LoginException, ProtocolException {
    sequence.next(pdu);
    if (answer.hasRemaining()) {
      checkAsksForMore(pdu);
      sendPart(pdu);
      return;
    }
    text.append(data);
    if (pdu.continued()) {
      respond(pdu, false, false, ByteBuffer.allocate(0));
      return;
    }
    proceed(pdu, negotiation.step(pdu, text.finish()));
  }

  private void proceed(LoginRequestPdu pdu, LoginNegotiation.Outcome outcome) {
    if (outcome instanceof Lookup<?> lookup) {
      await(pdu, lookup);
    } else if (outcome instanceof LoginNegotiation.Step next) {
      answer(pdu, next);
    }
  }

  private void answer(LoginRequestPdu pdu, LoginNegotiation.Step next) {
    step = next;
    Optional<Redirect> elsewhere = redirection.after(step, negotiation, pdu);
    if (elsewhere.isPresent()) {
      redirect(pdu, elsewhere.get());
      return;
    }
    answer = ByteBuffer.wrap(TextCodec.encode(step.answers()));
    sendPart(pdu);
  }

  /** While an answer has parts left, all that may come is an empty request (section 11.12.2). */
  private void checkAsksForMore(LoginRequestPdu pdu) throws LoginException {
    negotiation.checkStage(pdu);
    if (pdu.dataSegmentLength() > 0 || pdu.continued()) {
      throw new LoginException(
          LoginStatus.INITIATOR_ERROR, "text comes before the answer has come wholly");
    }
  }

  // ---- what the host has to find

  /** Reads nothing more until it is found, unless that is at once. */
  private <T> void await(LoginRequestPdu pdu, Lookup<T> lookup) {
    Awaited<T> result =
        new Awaited<>(
            connection.loop(),
            lookup.unwanted(),
            (value, failure) -> found(pdu, lookup, value, failure));
    search = Optional.of(new Search(pdu, result));
    if (!result.on(lookup.stage())) {
      connection.pause();
    }
  }

  private <T> void found(LoginRequestPdu pdu, Lookup<T> lookup, T value, Throwable failure) {
    search = Optional.empty();
    attempt(pdu, () -> proceed(pdu, lookup.goOn(value, failure)));
    if (search.isEmpty() && !over && !opening) {
      connection.resume(); // unless it was found at once
    }
  }

  private void late() {
    String why = "login took longer than " + logins.limit().toMillis() + " ms";
    EndReason late = new EndReason(EndReason.Kind.TIMED_OUT, why);
    if (search.isEmpty()) {
      connection.close(late);
      return;
    }
    LoginRequestPdu unanswered = search.get().request();
    cancelSearch();
    refuse(unanswered, new LoginException(LoginStatus.SERVICE_UNAVAILABLE, why));
  }

  private void cancelSearch() {
    search.ifPresent(waiting -> waiting.result().cancel());
    search = Optional.empty();
  }

  // ---- answers

  private void sendPart(LoginRequestPdu pdu) {
    int length = Math.min(answer.remaining(), MAX_DATA);
    ByteBuffer part = answer.slice(answer.position(), length);
    answer.position(answer.position() + length);
    if (answer.hasRemaining()) {
      if (step.transit()) {
        // the initiator asks for the rest with T=0, and for the transit again when it has all of it
        negotiation.stay();
        step = step.withoutTransit();
      }
      respond(pdu, false, true, part);
    } else if (step.finished()) {
      finish(pdu, part);
    } else {
      respond(pdu, step.transit(), false, part);
    }
  }

  private void finish(LoginRequestPdu pdu, ByteBuffer part) {
    LoginResult result =
        new LoginResult(
            negotiation.initiator().orElseThrow(),
            negotiation.admission(),
            negotiation.terms(),
            pdu.isid(),
            pdu.cid(),
            pdu.tsih(),
            pdu.cmdSn(),
            sequence.first().orElse(pdu).expStatSn(),
            negotiation.parameters());
    opening = true;
    connection.pause();
    deadline.cancel(); // what is left to wait for has bounds of its own, perhaps on another loop
    opener.open(
        connection,
        result,
        new SessionOpener.Waiting() {
          @Override
          public void opened(SessionOpener.Opened opened) {
            attempt(pdu, () -> enterFullFeature(pdu, part, result.parameters(), opened));
          }

          @Override
          public void refused(LoginException why) {
            refuse(pdu, why);
          }
        });
  }

  private void enterFullFeature(
      LoginRequestPdu pdu,
      ByteBuffer part,
      OperationalParameters agreed,
      SessionOpener.Opened opened) {
    over = true;
    try {
      begin(pdu, part, agreed, opened);
    } catch (RuntimeException | Error e) {
      connection.failed(e);
      opened.giveUp().accept(FAILED);
      return;
    }
    connection.resume();
  }

  private void begin(
      LoginRequestPdu pdu,
      ByteBuffer part,
      OperationalParameters agreed,
      SessionOpener.Opened opened) {
    decided(opened.tsih(), LoginStatus.SUCCESS, "");
    send(
        pdu,
        true,
        false,
        part,
        opened.tsih(),
        opened.expCmdSn(),
        opened.maxCmdSn(),
        LoginStatus.SUCCESS);
    connection.fullFeature(
        agreed.headerDigest(), agreed.dataDigest(), agreed.targetMaxRecvDataSegmentLength());
    connection.phase(opened.start().get());
  }

  private void respond(LoginRequestPdu pdu, boolean transit, boolean continued, ByteBuffer part) {
    send(pdu, transit, continued, part, LoginStatus.SUCCESS);
  }

  private void redirect(LoginRequestPdu pdu, Redirect to) {
    // without a portal group tag, which the initiator learns there (RFC 7143 section 13.8)
    KeyValue address = Key.TARGET_ADDRESS.pair(to.address());
    LoginStatus status =
        to.permanent()
            ? LoginStatus.TARGET_MOVED_PERMANENTLY
            : LoginStatus.TARGET_MOVED_TEMPORARILY;
    refuse(
        pdu,
        new LoginException(status, "redirected to " + to.address()),
        ByteBuffer.wrap(TextCodec.encode(List.of(address))));
  }

  private void refuse(LoginRequestPdu pdu, LoginException why) {
    refuse(pdu, why, ByteBuffer.allocate(0));
  }

  private void refuse(LoginRequestPdu pdu, LoginException why, ByteBuffer text) {
    over = true;
    boundRefusal();
    logins.refusals().refused(connection, why);
    decided(pdu.tsih(), why.status(), why.getMessage());
    send(pdu, false, false, text, why.status());
    connection.closeWhenFlushed(
        new EndReason(EndReason.Kind.DROPPED, "login refused: " + why.getMessage()));
  }

  /** A peer that does not take its last answer must not keep the connection. */
  private void boundRefusal() {
    deadline.cancel();
    deadline =
        connection
            .loop()
            .after(
                logins.limit(),
                () ->
                    connection.close(
                        new EndReason(EndReason.Kind.TIMED_OUT, "the refusal is not taken")));
  }

  private void decided(int tsih, LoginStatus status, String reason) {
    logins.decided(
        new LoginOutcome(
            connection.remote(),
            negotiation.initiator(),
            negotiation.wanted(),
            tsih,
            status,
            reason,
            Duration.ofNanos(System.nanoTime() - began)));
  }

  private void send(
      LoginRequestPdu pdu,
      boolean transit,
      boolean continued,
      ByteBuffer part,
      LoginStatus status) {
    LoginRequestPdu first = sequence.first().orElse(pdu); // whatever a later one claims
    // How many commands may come is told when the login has ended: its target may not be known yet,
    // and a window never shrinks. A session that the connection joins may miss as many commands as
    // a window can have; of those nothing is acknowledged, and no window opened.
    boolean joins = first.tsih() != 0;
    int expCmdSn = joins ? first.cmdSn() - SessionSettings.MAX_QUEUE_DEPTH : first.cmdSn();
    int maxCmdSn = joins ? expCmdSn - 1 : expCmdSn;
    send(pdu, transit, continued, part, pdu.tsih(), expCmdSn, maxCmdSn, status);
  }

  private void send(
      LoginRequestPdu pdu,
      boolean transit,
      boolean continued,
      ByteBuffer part,
      int tsih,
      int expCmdSn,
      int maxCmdSn,
      LoginStatus status) {
    Isid isid = pdu.isid();
    connection
        .writer()
        .send(
            new LoginResponsePdu(
                transit,
                continued,
                status == LoginStatus.SUCCESS ? pdu.currentStage() : 0, // else reserved
                transit ? step.nextStage() : 0,
                0,
                0,
                part.remaining(),
                isid,
                tsih,
                pdu.initiatorTaskTag(),
                connection.nextStatSn(),
                expCmdSn,
                maxCmdSn,
                status.statusClass(),
                status.statusDetail()),
            part);
    connection.flushLater();
  }

  // ---- damage and end

  @Override
  public void dataDigestError(ByteBuffer in, int bhsAt) {
    throw new IllegalStateException("login PDUs carry no digest");
  }

  @Override
  public void closed(EndReason reason) {
    deadline.cancel();
    cancelSearch();
  }
}
