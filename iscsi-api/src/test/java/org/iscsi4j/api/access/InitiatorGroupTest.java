package org.iscsi4j.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.iscsi4j.api.access.Initiators.PREFIX;
import static org.iscsi4j.api.access.Membership.DENIED;
import static org.iscsi4j.api.access.Membership.MEMBER;
import static org.iscsi4j.api.access.Membership.NONE;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class InitiatorGroupTest {

  private final Initiator a = Initiators.named("a");

  @Test
  void withoutEntriesHasEverybody() {
    assertThat(InitiatorGroup.everybody().contains(a)).isTrue();
    assertThat(InitiatorGroup.builder().build()).isEqualTo(InitiatorGroup.everybody());
  }

  @Test
  void firstNameThatMatchesDecides() {
    InitiatorGroup group =
        InitiatorGroup.named("!" + PREFIX + "a?", PREFIX + "a*", "!" + PREFIX + "a");

    assertThat(group.membership(Initiators.named("ab"))).isEqualTo(DENIED);
    assertThat(group.membership(Initiators.named("abc"))).isEqualTo(MEMBER);
    assertThat(group.membership(a)).isEqualTo(MEMBER);
    assertThat(group.membership(Initiators.named("b"))).isEqualTo(NONE);
  }

  @Test
  void denialsAloneLetNobodyIn() {
    InitiatorGroup group = InitiatorGroup.named("!" + PREFIX + "a");

    assertThat(group.membership(a)).isEqualTo(DENIED);
    assertThat(group.membership(Initiators.named("b"))).isEqualTo(NONE);
  }

  @Test
  void denialByNameIsOneFromEveryNetwork() {
    InitiatorGroup group =
        InitiatorGroup.builder().notName(PREFIX + "A").name("ALL").network("10.0.0.0/8").build();

    assertThat(group.membership(a)).isEqualTo(DENIED);
    assertThat(group.membership(Initiators.named("b"))).isEqualTo(NONE);
    assertThat(group.membership(Initiators.from("10.0.0.1"))).isEqualTo(MEMBER);
  }

  @Test
  void oneOfTheNetworksIsEnough() {
    InitiatorGroup group =
        InitiatorGroup.builder().network("10.0.0.0/8").network("2001:db8::/32").build();

    assertThat(group.contains(Initiators.from("10.9.9.9"))).isTrue();
    assertThat(group.contains(Initiators.from("2001:db8::1"))).isTrue();
    assertThat(group.contains(Initiators.from("192.0.2.1"))).isFalse();
  }

  @Test
  void addressThatIsNotKnownLiesInNoNetwork() {
    Initiator unknown =
        new Initiator(
            a.name(),
            a.user(),
            InetSocketAddress.createUnresolved("host.invalid", 50_000),
            a.local(),
            1);

    assertThat(InitiatorGroup.builder().network("10.0.0.0/8").build().contains(unknown)).isFalse();
    assertThat(InitiatorGroup.everybody().contains(unknown)).isTrue();
  }

  @Test
  void usersHaveToProveThatTheyAre() {
    InitiatorGroup group = InitiatorGroup.builder().user("alice").user("bob").build();

    assertThat(group.contains(a)).isFalse();
    assertThat(group.contains(a.provedAs("bob"))).isTrue();
    assertThat(group.contains(a.provedAs("Bob"))).isFalse();
    assertThat(group.contains(a.provedAs("carol"))).isFalse();
  }

  @Test
  void everyListHasToKnowTheInitiator() {
    InitiatorGroup group =
        InitiatorGroup.builder().name(PREFIX + "*").network("192.0.2.0/24").user("alice").build();

    assertThat(group.contains(a.provedAs("alice"))).isTrue();
    assertThat(group.contains(a)).isFalse();
    assertThat(group.contains(Initiators.from("10.0.0.1").provedAs("alice"))).isFalse();
  }

  @Test
  void emptyListOfNamesIsAMistake() {
    assertThatThrownBy(InitiatorGroup::named)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a group by names has no names");
  }

  @Test
  void refusesEntriesThatMeanNothing() {
    InitiatorGroup.Builder builder = InitiatorGroup.builder();

    assertThatThrownBy(() -> builder.name("host")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.name("!host")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.name("!!ALL")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.network("host")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isEqualByItsEntriesInTheirOrder() {
    InitiatorGroup group =
        InitiatorGroup.named("!" + PREFIX + "a", "ALL").toBuilder()
            .network("ALL")
            .user("u")
            .build();

    assertThat(group.toBuilder().build()).isEqualTo(group).hasSameHashCodeAs(group);
    assertThat(group)
        .isNotEqualTo(group.toBuilder().user("v").build())
        .isNotEqualTo(group.toBuilder().network("::1").build())
        .isNotEqualTo(
            InitiatorGroup.named("ALL", "!" + PREFIX + "a").toBuilder()
                .network("ALL")
                .user("u")
                .build());
  }

  @Test
  void saysWhomItHas() {
    assertThat(InitiatorGroup.everybody()).hasToString("everybody");
    assertThat(
            InitiatorGroup.named("!" + PREFIX + "a", "ALL").toBuilder()
                .network("10.1.0.0/8")
                .user("u")
                .build())
        .hasToString("names [!iqn.2001-04.com.example:a, *] networks [10.0.0.0/8] users [u]");
  }
}
