package org.iscsi4j.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.api.access.Initiators.PREFIX;
import static org.iscsi4j.api.access.Initiators.at;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The rules of a target as operators of istgt know them: mapping lines in order, each of a portal
 * group and an initiator group; a line counts for initiators that came to its portal group; of its
 * initiator group the names are asked first to last, where one behind {@code !} denies at once and
 * for good, and {@code ALL} is everybody; then the netmasks. The first line that has the initiator
 * lets it in.
 */
class MappingLinesTest {

  /** An initiator group: names as they stand in the file, and netmasks. */
  private record Group(List<String> names, List<String> netmasks) {

    InitiatorGroup translated() {
      InitiatorGroup.Builder builder = InitiatorGroup.builder();
      names.forEach(builder::name);
      netmasks.forEach(builder::network);
      return builder.build();
    }
  }

  /** A mapping line. */
  private record Mapping(int portalGroup, Group group) {}

  private static Group group(List<String> names, String... netmasks) {
    return new Group(names.stream().map(MappingLinesTest::full).toList(), List.of(netmasks));
  }

  private static String full(String name) {
    return name.endsWith("ALL")
        ? name
        : name.startsWith("!") ? "!" + PREFIX + name.substring(1) : PREFIX + name;
  }

  private static AccessRules rules(Mapping... lines) {
    AccessRules.Builder builder = AccessRules.builder();
    Stream.of(lines).forEach(line -> builder.allow(line.portalGroup(), line.group().translated()));
    return builder.build();
  }

  private static final Group ANYBODY = group(List.of("ALL"), "ALL");
  private static final Group LAN = group(List.of("ALL"), "192.168.2.1/24", "[fd00::1]/64");
  private static final Group BUT_ONE = group(List.of("!Bad", "ALL"));
  private static final Group TWO = group(List.of("one", "two"), "10.0.0.0/8");

  @Test
  void withoutALineNobodyComesIn() {
    assertThat(rules().allows(Initiators.named("one"))).isFalse();
  }

  @Test
  void lineCountsForItsPortalGroup() {
    AccessRules rules = rules(new Mapping(2, ANYBODY));

    assertThat(rules.allows(at(2, "one", "192.0.2.1"))).isTrue();
    assertThat(rules.allows(at(1, "one", "192.0.2.1"))).isFalse();
  }

  @Test
  void namesAreComparedWithoutCase() {
    AccessRules rules = rules(new Mapping(1, group(List.of("ONE"))));

    assertThat(rules.allows(Initiators.named("one"))).isTrue();
    assertThat(rules.allows(Initiators.named("one-more"))).isFalse();
  }

  @Test
  void netmasksAreOfBothFamilies() {
    AccessRules rules = rules(new Mapping(1, LAN));

    assertThat(rules.allows(Initiators.from("192.168.2.77"))).isTrue();
    assertThat(rules.allows(Initiators.from("192.168.3.77"))).isFalse();
    assertThat(rules.allows(Initiators.from("fd00::77"))).isTrue();
    assertThat(rules.allows(Initiators.from("fd00:0:0:1::77"))).isFalse();
  }

  @Test
  void nameAndNetmaskMustBothFit() {
    AccessRules rules = rules(new Mapping(1, TWO));

    assertThat(rules.allows(at(1, "two", "10.1.1.1"))).isTrue();
    assertThat(rules.allows(at(1, "two", "192.0.2.1"))).isFalse();
    assertThat(rules.allows(at(1, "three", "10.1.1.1"))).isFalse();
  }

  @Test
  void lineThatDoesNotFitLeavesTheDecisionToTheNext() {
    AccessRules rules = rules(new Mapping(1, TWO), new Mapping(1, LAN));

    assertThat(rules.allows(at(1, "two", "192.168.2.2"))).isTrue();
    assertThat(rules.allows(at(1, "three", "192.168.2.2"))).isTrue();
    assertThat(rules.allows(at(1, "three", "10.1.1.1"))).isFalse();
  }

  @Test
  void denialIsForGoodWhateverLinesCome() {
    AccessRules rules = rules(new Mapping(1, BUT_ONE), new Mapping(1, ANYBODY));

    assertThat(rules.allows(Initiators.named("bad"))).isFalse();
    assertThat(rules.allows(Initiators.named("good"))).isTrue();
  }

  @Test
  void denialDoesNotAskForTheNetmask() {
    Group denial = group(List.of("!bad", "ALL"), "10.0.0.0/8");
    AccessRules rules = rules(new Mapping(1, denial), new Mapping(1, ANYBODY));

    assertThat(rules.allows(at(1, "bad", "192.0.2.1"))).isFalse();
    assertThat(rules.allows(at(1, "good", "192.0.2.1"))).isTrue();
  }

  @Test
  void denialOfALineForAnotherPortalGroupDoesNotCount() {
    AccessRules rules = rules(new Mapping(2, BUT_ONE), new Mapping(1, ANYBODY));

    assertThat(rules.allows(at(1, "bad", "192.0.2.1"))).isTrue();
    assertThat(rules.allows(at(2, "bad", "192.0.2.1"))).isFalse();
  }

  @Test
  void denialBehindALineThatLetsInComesTooLate() {
    assertThat(
            rules(new Mapping(1, ANYBODY), new Mapping(1, BUT_ONE)).allows(Initiators.named("bad")))
        .isTrue();
    assertThat(rules(new Mapping(1, group(List.of("ALL", "!bad")))).allows(Initiators.named("bad")))
        .isTrue();
  }

  @Test
  void everybodyMayBeDenied() {
    AccessRules rules =
        rules(new Mapping(1, group(List.of("one", "!ALL"))), new Mapping(1, ANYBODY));

    assertThat(rules.allows(Initiators.named("one"))).isTrue();
    assertThat(rules.allows(Initiators.named("two"))).isFalse();
  }
}
