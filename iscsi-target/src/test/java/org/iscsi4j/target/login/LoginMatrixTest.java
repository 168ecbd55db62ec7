package org.iscsi4j.target.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Chap.Demand;
import org.iscsi4j.protocol.ChapAlgorithm;
import org.iscsi4j.protocol.Isid;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LargeBinary;
import org.iscsi4j.protocol.LoginException;
import org.iscsi4j.protocol.LoginRequestPdu;
import org.iscsi4j.target.login.LoginNegotiation.Step;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every demand of the target against everything that an initiator may offer, each login by value:
 * what comes of it stands in a table of its own here (RFC 7143 sections 6.3, 9.2.1 and 12.1).
 */
class LoginMatrixTest {

  private static final byte[] CHALLENGE = FakePolicy.bytes("challenge of the initiator");

  /** Without AuthMethod, and with it. */
  private static final List<String> METHODS =
      List.of(
          "",
          "None",
          "CHAP",
          "CHAP,None",
          "None,CHAP",
          "KRB5",
          "KRB5,None",
          "SRP,CHAP,KRB5",
          "KRB5,None,SRP,CHAP");

  private static final List<Integer> KNOWN = List.of(5, 6, 7, 8);

  /** Every choice of the algorithms that we have, alone and between some that nobody has. */
  private static final List<List<Integer>> ALGORITHMS =
      IntStream.range(0, 1 << KNOWN.size())
          .mapToObj(set -> KNOWN.stream().filter(a -> (set >> (a - 5) & 1) != 0).toList())
          .flatMap(known -> Stream.of(known, betweenUnknown(known)))
          .filter(list -> !list.isEmpty())
          .toList();

  /** Enough of them for methods that differ in nothing else. */
  private static final List<List<Integer>> SOME_ALGORITHMS =
      List.of(List.of(5), List.of(5, 6, 7, 8), List.of(1, 200));

  private static List<List<Integer>> algorithms(String methods) {
    return methods.equals("CHAP") ? ALGORITHMS : SOME_ALGORITHMS;
  }

  private static List<Integer> betweenUnknown(List<Integer> known) {
    List<Integer> list = new ArrayList<>(known);
    list.add(0, 1);
    list.add(200);
    return list;
  }

  /** Who the initiator says it is. */
  private enum Claim {
    RIGHT(FakePolicy.USER, FakePolicy.SECRET),
    WRONG_SECRET(FakePolicy.USER, "some other secret"),
    UNKNOWN_USER("somebody", FakePolicy.SECRET);

    private final String user;
    private final String secret;

    Claim(String user, String secret) {
      this.user = user;
      this.secret = secret;
    }
  }

  /** Whether the target has to prove itself, and to whom. */
  private enum Direction {
    ONE_WAY(""),
    MUTUAL(FakePolicy.OWN_SECRET),
    MUTUAL_WITH_A_WRONG_SECRET("something else..");

    private final String own;

    Direction(String own) {
      this.own = own;
    }
  }

  private record Offer(
      int stage, String methods, List<Integer> algorithms, Claim claim, Direction direction) {}

  private static Stream<Offer> offers(int stage) {
    return METHODS.stream()
        .flatMap(
            methods ->
                algorithms(methods).stream()
                    .flatMap(
                        algorithms ->
                            Arrays.stream(Claim.values())
                                .flatMap(
                                    claim ->
                                        Arrays.stream(Direction.values())
                                            .map(
                                                way ->
                                                    new Offer(
                                                        stage, methods, algorithms, claim, way)))));
  }

  @ParameterizedTest
  @CsvSource({
    "NONE, 0", "NONE, 1", "OPTIONAL, 0", "OPTIONAL, 1",
    "REQUIRED, 0", "REQUIRED, 1", "MUTUAL, 0", "MUTUAL, 1"
  })
  void everyOfferMeetsEveryDemand(Demand demand, int stage) {
    int entered = 0;
    for (var weakest : org.iscsi4j.api.access.ChapAlgorithm.values()) {
      FakePolicy policy =
          FakePolicy.with(
              Chap.builder()
                  .user(FakePolicy.USER, FakePolicy.SECRET)
                  .own(FakePolicy.OWN, FakePolicy.OWN_SECRET)
                  .demand(demand)
                  .weakest(weakest));
      for (Offer offer : offers(stage).toList()) {
        String outcome = new Login(policy).outcome(offer);
        if (!outcome.equals(expected(demand, weakest.ordinal() + 5, offer))) {
          assertThat(outcome)
              .as("%s, nothing below %s, %s", demand, weakest, offer)
              .isEqualTo(expected(demand, weakest.ordinal() + 5, offer));
        }
        entered += outcome.startsWith("in as") ? 1 : 0;
      }
    }
    boolean demanded = demand == Demand.REQUIRED || demand == Demand.MUTUAL;
    assertThat(entered > 0).isEqualTo(stage == 0 || !demanded);
  }

  // ---- the table

  private static final Map<Demand, List<String>> ALLOWED =
      Map.of(
          Demand.NONE, List.of("None"),
          Demand.OPTIONAL, List.of("None", "CHAP"),
          Demand.REQUIRED, List.of("CHAP"),
          Demand.MUTUAL, List.of("CHAP"));

  private static String expected(Demand demand, int weakest, Offer offer) {
    boolean nobodyMayEnter = ALLOWED.get(demand).contains("None");
    if (offer.stage() == 1 || offer.methods().isEmpty()) {
      boolean keyInTheWrongStage = !offer.methods().isEmpty();
      return !nobodyMayEnter ? "0201" : keyInTheWrongStage ? "0200" : "in as nobody";
    }
    Optional<String> method =
        Stream.of(offer.methods().split(",")).filter(ALLOWED.get(demand)::contains).findFirst();
    if (method.isEmpty()) {
      return "0201";
    }
    return method.get().equals("None") ? "in as nobody" : byChap(demand, weakest, offer);
  }

  private static String byChap(Demand demand, int weakest, Offer offer) {
    int best = offer.algorithms().stream().filter(KNOWN::contains).max(Integer::compare).orElse(0);
    boolean mutual = offer.direction() != Direction.ONE_WAY;
    if (best < weakest || offer.claim() != Claim.RIGHT || (demand == Demand.MUTUAL && !mutual)) {
      return "0201";
    }
    String entered = "in as user by algorithm " + best;
    return switch (offer.direction()) {
      case ONE_WAY -> entered;
      case MUTUAL -> entered + ", target proved";
      case MUTUAL_WITH_A_WRONG_SECRET -> entered + ", target not proved";
    };
  }

  // ---- an initiator

  private static final class Login {
    private final LoginNegotiation negotiation;

    Login(FakePolicy policy) {
      negotiation =
          new LoginNegotiation(policy, SERVER, FakePolicy.SOMEWHERE, FakePolicy.SOMEWHERE, 5);
    }

    String outcome(Offer offer) {
      try {
        return offer.stage() == 0 ? bothStages(offer) : operational(offer);
      } catch (LoginException e) {
        return "%02x%02x".formatted(e.status().statusClass(), e.status().statusDetail());
      }
    }

    private String operational(Offer offer) throws LoginException {
      return entered(send(1, 3, true, first(offer)), "");
    }

    private String bothStages(Offer offer) throws LoginException {
      boolean chooses = !offer.methods().isEmpty();
      Step choice = send(0, 1, !chooses, first(offer));
      String method = value(choice, "AuthMethod").orElse("None");
      if (method.equals("None")) {
        if (chooses) {
          send(0, 1, true, List.of());
        }
        return entered(send(1, 3, true, List.of()), "");
      }
      return prove(offer);
    }

    private String prove(Offer offer) throws LoginException {
      String list = String.join(",", offer.algorithms().stream().map(String::valueOf).toList());
      Step challenge = send(0, 1, false, List.of(new KeyValue("CHAP_A", list)));
      int code = Integer.parseInt(value(challenge, "CHAP_A").orElseThrow());
      ChapAlgorithm algorithm = ChapAlgorithm.of(code).orElseThrow();
      List<KeyValue> answer = new ArrayList<>();
      answer.add(new KeyValue("CHAP_N", offer.claim().user));
      answer.add(new KeyValue("CHAP_R", response(challenge, algorithm, offer.claim().secret)));
      if (offer.direction() != Direction.ONE_WAY) {
        answer.add(new KeyValue("CHAP_I", "77"));
        answer.add(new KeyValue("CHAP_C", LargeBinary.encode(CHALLENGE)));
      }
      Step proof = send(0, 1, true, answer);
      String how = " by algorithm " + code + verdict(offer.direction(), algorithm, proof);
      return entered(send(1, 3, true, List.of()), how);
    }

    private static String verdict(Direction direction, ChapAlgorithm algorithm, Step proof) {
      if (direction == Direction.ONE_WAY) {
        return value(proof, "CHAP_R").map(unasked -> ", unasked proof").orElse("");
      }
      String wanted =
          LargeBinary.encode(
              org.iscsi4j.protocol.Chap.response(
                  algorithm, 77, FakePolicy.bytes(direction.own), CHALLENGE));
      return value(proof, "CHAP_R").orElseThrow().equals(wanted)
          ? ", target proved"
          : ", target not proved";
    }

    private String entered(Step last, String how) {
      assertThat(last.finished()).isTrue();
      return "in as " + negotiation.initiator().orElseThrow().user().orElse("nobody") + how;
    }

    private static List<KeyValue> first(Offer offer) {
      List<KeyValue> pairs = new ArrayList<>();
      pairs.add(new KeyValue("InitiatorName", FakePolicy.INITIATOR.toString()));
      pairs.add(new KeyValue("TargetName", FakePolicy.TARGET));
      if (!offer.methods().isEmpty()) {
        pairs.add(new KeyValue("AuthMethod", offer.methods()));
      }
      return pairs;
    }

    private Step send(int stage, int next, boolean transit, List<KeyValue> pairs)
        throws LoginException {
      return FakePolicy.answered(
          negotiation.step(
              new LoginRequestPdu(
                  transit,
                  false,
                  stage,
                  transit ? next : 0,
                  0,
                  0,
                  0,
                  0,
                  new Isid(1),
                  0,
                  1,
                  1,
                  1,
                  0),
              pairs));
    }
  }

  private static final ChapServer SERVER = new ChapServer();

  private static Optional<String> value(Step step, String key) {
    return step.answers().stream()
        .filter(pair -> pair.key().equals(key))
        .map(KeyValue::value)
        .findFirst();
  }

  private static String response(Step challenge, ChapAlgorithm algorithm, String secret) {
    try {
      return ChapExchangeTest.response(challenge.answers(), algorithm, secret);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
