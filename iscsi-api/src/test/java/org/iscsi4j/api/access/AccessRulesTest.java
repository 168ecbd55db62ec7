package org.iscsi4j.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.iscsi4j.api.access.Initiators.PREFIX;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AccessRulesTest {

  private static final InitiatorGroup A = InitiatorGroup.named(PREFIX + "a");
  private static final InitiatorGroup ALL = InitiatorGroup.everybody();

  private final Initiator a = Initiators.named("a");
  private final Initiator b = Initiators.named("b");

  private static Initiator at(int portalGroup, Initiator initiator) {
    return initiator.at(initiator.local(), portalGroup);
  }

  @Test
  void nobodyComesInWhomNoRuleMatches() {
    assertThat(AccessRules.builder().build().allows(a)).isFalse();
    assertThat(AccessRules.allow(A).allows(a)).isTrue();
    assertThat(AccessRules.allow(A).allows(b)).isFalse();
    assertThat(AccessRules.builder().deny(A).build().allows(b)).isFalse();
  }

  @Test
  void firstRuleThatMatchesDecides() {
    assertThat(AccessRules.builder().deny(A).allow(ALL).build().allows(a)).isFalse();
    assertThat(AccessRules.builder().deny(A).allow(ALL).build().allows(b)).isTrue();
    assertThat(AccessRules.builder().allow(ALL).deny(A).build().allows(a)).isTrue();
  }

  @Test
  void ruleIsForThePortalsOfItsGroup() {
    AccessRules rules = AccessRules.builder().deny(2, A).allow(2, ALL).allow(3, A).build();

    assertThat(rules.allows(at(1, a))).isFalse();
    assertThat(rules.allows(at(2, a))).isFalse();
    assertThat(rules.allows(at(3, a))).isTrue();
    assertThat(rules.allows(at(2, b))).isTrue();
    assertThat(rules.allows(at(3, b))).isFalse();
  }

  @Test
  void denialInAGroupEndsTheDecision() {
    InitiatorGroup allButA = InitiatorGroup.named("!" + PREFIX + "a", "ALL");

    assertThat(AccessRules.allow(allButA, A).allows(a)).isFalse();
    assertThat(AccessRules.allow(A, allButA).allows(a)).isTrue();
    assertThat(AccessRules.allow(allButA, A).allows(b)).isTrue();
    // a rule for another portal group says nothing
    assertThat(AccessRules.builder().allow(2, allButA).allow(1, A).build().allows(a)).isTrue();
    // nor does a rule that keeps others out let in whom its group denies
    assertThat(AccessRules.builder().deny(allButA).allow(A).build().allows(a)).isFalse();
  }

  @Test
  void saysWhichRuleDecided() {
    AccessRules rules =
        AccessRules.builder()
            .deny(2, A)
            .allow(InitiatorGroup.named("!" + PREFIX + "b", PREFIX + "?"))
            .build();

    assertThat(rules.decidedBy(at(2, a))).contains(rules.rules().get(0));
    assertThat(rules.explain(at(2, a)))
        .isEqualTo(
            "refused by access rule 1 of 2:"
                + " deny names [iqn.2001-04.com.example:a] at portal group 2");
    assertThat(rules.explain(a))
        .isEqualTo(
            "allowed by access rule 2 of 2:"
                + " allow names [!iqn.2001-04.com.example:b, iqn.2001-04.com.example:?]");
    assertThat(rules.decidedBy(b)).contains(rules.rules().get(1));
    assertThat(rules.explain(b)).startsWith("refused by access rule 2 of 2: allow names [!");
    Initiator other = Initiators.named("other");
    assertThat(rules.decidedBy(other)).isEmpty();
    assertThat(rules.explain(other)).isEqualTo("refused because none of 2 access rules matches");
  }

  @Test
  void everyPolicyExplainsItself() {
    assertThat(AccessPolicy.OPEN.explain(a)).isEqualTo("allowed by its access policy");
    assertThat(AccessPolicy.CLOSED.explain(a)).isEqualTo("refused by its access policy");
  }

  @Test
  void portalGroupsAreFrom1To65535() {
    AccessRules.Builder builder = AccessRules.builder().allow(65_535, ALL);

    for (int tag : new int[] {0, 65_536}) {
      assertThatThrownBy(() -> builder.deny(tag, ALL))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("portal group tag " + tag + " is not within 1..65535");
    }
  }

  @Test
  void areEqualWhenTheRulesAre() {
    AccessRules rules = AccessRules.builder().deny(A).allow(1, ALL).build();

    assertThat(rules.toBuilder().build()).isEqualTo(rules).hasSameHashCodeAs(rules);
    assertThat(rules.toBuilder().allow(A).build()).isNotEqualTo(rules);
    assertThat(AccessRules.builder().allow(1, ALL).deny(A).build()).isNotEqualTo(rules);
    assertThat(rules.rules())
        .containsExactly(
            new AccessRules.Rule(false, OptionalInt.empty(), A),
            new AccessRules.Rule(true, OptionalInt.of(1), ALL));
    assertThat(rules)
        .hasToString(
            "AccessRules[deny names [iqn.2001-04.com.example:a],"
                + " allow everybody at portal group 1]");
  }

  @Test
  void doNotChangeOnceBuilt() {
    AccessRules.Builder builder = AccessRules.builder();
    AccessRules rules = builder.build();

    builder.allow(ALL);

    assertThat(rules.allows(a)).isFalse();
  }
}
