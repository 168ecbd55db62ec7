package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.api.access.LogicalUnitResolver;
import org.iscsi4j.api.access.LunMap;
import org.junit.jupiter.api.Test;

/** What initiators see of a target, and how another target is made of one. */
class TargetMapsTest {

  private static final String NAME = "iqn.2025-01.org.iscsi4j:disk";
  private static final String PREFIX = "iqn.2025-01.org.iscsi4j:";
  private static final InitiatorGroup GUESTS = InitiatorGroup.named(PREFIX + "guest-*");

  private final LogicalUnit a = LogicalUnit.of(MemoryDevice.ofSize(512));
  private final LogicalUnit b = LogicalUnit.of(MemoryDevice.ofSize(512));
  private final LogicalUnit c = LogicalUnit.of(MemoryDevice.ofSize(512));
  private final LogicalUnitResolver finds =
      (target, lun, initiator) -> CompletableFuture.completedFuture(c);

  private final Initiator host = initiator("host");
  private final Initiator guest = initiator("guest-1");

  private static Initiator initiator(String name) {
    return new Initiator(
        IscsiName.of(PREFIX + name),
        Optional.empty(),
        new InetSocketAddress("192.0.2.1", 50_000),
        new InetSocketAddress("192.0.2.2", 3260),
        1);
  }

  private static LunMap units(Map<Integer, LogicalUnit> units) {
    return LunMap.of(units);
  }

  // ---- maps of some initiators

  @Test
  void everybodySeesEveryUnit() {
    Target target = Target.builder(NAME).lun(a).lun(4, b).build();

    assertThat(target.lunMap(host)).isEqualTo(units(Map.of(0, a, 4, b)));
  }

  @Test
  void someSeeAMapOfTheirOwn() {
    Target target = Target.builder(NAME).lun(a).lunMap(GUESTS, units(Map.of(7, b))).lun(b).build();

    assertThat(target.lunMap(guest)).isEqualTo(units(Map.of(7, b)));
    assertThat(target.lunMap(host)).isEqualTo(units(Map.of(0, a, 1, b)));
  }

  @Test
  void someSeeAViewOfWhatEverybodySees() {
    Target target =
        Target.builder(NAME)
            .lunMap(GUESTS, all -> all.only(1).renumbered(1, 0).readOnly())
            .lun(a)
            .lun(b)
            .build();

    assertThat(target.lunMap(guest)).isEqualTo(units(Map.of(0, b)).readOnly());
    assertThat(target.lunMap(host)).isEqualTo(units(Map.of(0, a, 1, b)));
  }

  @Test
  void firstMapWhoseGroupHasTheInitiatorCounts() {
    Target target =
        Target.builder(NAME)
            .lun(a)
            .lunMap(
                InitiatorGroup.named("!" + PREFIX + "host", PREFIX + "backup"), LunMap::readOnly)
            .lunMap(GUESTS, LunMap.empty())
            .lunMap(InitiatorGroup.everybody(), units(Map.of(5, a)))
            .build();

    assertThat(target.lunMap(initiator("backup"))).isEqualTo(units(Map.of(0, a)).readOnly());
    assertThat(target.lunMap(guest)).isEqualTo(LunMap.empty());
    assertThat(target.lunMap(initiator("other"))).isEqualTo(units(Map.of(5, a)));
    assertThat(target.lunMap(host)).as("denied by the first group").isEqualTo(LunMap.empty());
  }

  @Test
  void mapsAreKnownBeforeAnybodyComes() {
    Target target =
        Target.builder(NAME)
            .lun(a)
            .lunMap(GUESTS, units(Map.of(7, b)))
            .lunMap(InitiatorGroup.everybody(), LunMap::readOnly)
            .build();

    assertThat(target.lunMaps())
        .containsExactly(units(Map.of(7, b)), units(Map.of(0, a)).readOnly());
  }

  @Test
  void viewThatMakesNoMapFailsWhenTheTargetIsBuilt() {
    Target.Builder clash =
        Target.builder(NAME).lun(a).lun(b).lunMap(GUESTS, all -> all.renumbered(1, 0));

    assertThatThrownBy(clash::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LUN 0 stands twice in a map");
  }

  @Test
  void unitThatIsToBeFoundHasANumberAndNoUnit() {
    Target target = Target.builder(NAME).lun(a).lun(5, finds).lun(b).build();

    assertThat(target.logicalUnits()).isEqualTo(Map.of(0, a, 6, b));
    assertThat(target.lunMap(host).mappings().get(5).source()).isSameAs(finds);
    assertThatThrownBy(() -> Target.builder(NAME).lun(5, finds).lun(5, a))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LUN 5 stands twice in target " + NAME);
    assertThatThrownBy(() -> Target.builder(NAME).lun(16_384, finds))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LUN 16384 is not within 0..16383");
  }

  @Test
  void unitThatIsKnownAfterAllIsAUnit() {
    Target target = Target.builder(NAME).lun(3, LogicalUnitResolver.of(a)).build();

    assertThat(target.logicalUnits()).isEqualTo(Map.of(3, a));
  }

  // ---- another target of one

  @Test
  void anotherTargetBeginsAsTheFirst() {
    AccessPolicy access = initiator -> true;
    Chap chap = Chap.notDemanded();
    Target target =
        Target.builder(NAME)
            .alias("disks")
            .access(access)
            .chap(chap)
            .lun(a)
            .lun(3, finds)
            .lunMap(GUESTS, LunMap::readOnly)
            .build();

    Target same = target.toBuilder().build();

    assertThat(same.name()).isEqualTo(target.name());
    assertThat(same.alias()).contains("disks");
    assertThat(same.access()).isSameAs(access);
    assertThat(same.chap()).contains(chap);
    assertThat(same.logicalUnits()).isEqualTo(target.logicalUnits());
    assertThat(same.lunMap(host)).isEqualTo(target.lunMap(host));
    assertThat(same.lunMap(guest)).isEqualTo(target.lunMap(guest));
    assertThat(same).isNotEqualTo(target);
  }

  @Test
  void unitThatIsAddedIsInEverybodysMapAndItsViews() {
    Target target =
        Target.builder(NAME).lun(a).lunMap(GUESTS, LunMap::readOnly).build().toBuilder()
            .lun(b)
            .build();

    assertThat(target.logicalUnits()).isEqualTo(Map.of(0, a, 1, b));
    assertThat(target.lunMap(host)).isEqualTo(units(Map.of(0, a, 1, b)));
    assertThat(target.lunMap(guest)).isEqualTo(units(Map.of(0, a, 1, b)).readOnly());
  }

  @Test
  void unitThatIsTakenAwayIsGoneFromEveryMap() {
    Target target =
        Target.builder(NAME)
            .lun(a)
            .lun(b)
            .lunMap(GUESTS, units(Map.of(7, b, 8, a)))
            .lunMap(InitiatorGroup.named(PREFIX + "backup"), LunMap::readOnly)
            .build()
            .toBuilder()
            .withoutLun(1)
            .build();

    assertThat(target.logicalUnits()).isEqualTo(Map.of(0, a));
    assertThat(target.lunMap(host)).isEqualTo(units(Map.of(0, a)));
    assertThat(target.lunMap(guest)).isEqualTo(units(Map.of(8, a)));
    assertThat(target.lunMap(initiator("backup"))).isEqualTo(units(Map.of(0, a)).readOnly());
  }

  @Test
  void unitThatStandsElsewhereStaysInTheMapsOfSome() {
    Target target =
        Target.builder(NAME)
            .lun(a)
            .lun(a)
            .lunMap(GUESTS, units(Map.of(7, a)))
            .withoutLun(1)
            .build();

    assertThat(target.lunMap(host)).isEqualTo(units(Map.of(0, a)));
    assertThat(target.lunMap(guest)).isEqualTo(units(Map.of(7, a)));
  }

  @Test
  void unitThatIsReplacedIsReplacedInEveryMap() {
    Target target =
        Target.builder(NAME)
            .lun(a)
            .lun(b)
            .lunMap(GUESTS, LunMap.builder().readOnly(7, a).lun(8, b).build())
            .replaceLun(0, c)
            .build();

    assertThat(target.logicalUnits()).isEqualTo(Map.of(0, c, 1, b));
    assertThat(target.lunMap(host)).isEqualTo(units(Map.of(0, c, 1, b)));
    assertThat(target.lunMap(guest)).isEqualTo(LunMap.builder().readOnly(7, c).lun(8, b).build());
  }

  @Test
  void unitThatIsToBeFoundMayBeTakenAwayOrReplaced() {
    Target target = Target.builder(NAME).lun(3, finds).lun(4, finds).build();

    Target changed = target.toBuilder().withoutLun(3).replaceLun(4, a).build();

    assertThat(changed.lunMap(host)).isEqualTo(units(Map.of(4, a)));
  }

  @Test
  void whatIsNotThereCantBeTakenAway() {
    Target.Builder builder = Target.builder(NAME).lun(a);

    assertThatThrownBy(() -> builder.withoutLun(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("target " + NAME + " has no LUN 1");
    assertThatThrownBy(() -> builder.replaceLun(1, b))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("target " + NAME + " has no LUN 1");
  }

  @Test
  void saysItsNameAndItsNumbers() {
    assertThat(Target.builder(NAME).lun(a).lun(3, finds).build())
        .hasToString("Target[" + NAME + ", LUNs [0, 3]]");
  }

  // ---- of a host's own target

  /** Shows guests the second unit alone, as LUN 0. */
  private final class Hosts implements Target {
    private final NavigableMap<Integer, LogicalUnit> all = new TreeMap<>(Map.of(0, a, 1, b));

    @Override
    public IscsiName name() {
      return IscsiName.of(NAME);
    }

    @Override
    public NavigableMap<Integer, LogicalUnit> logicalUnits() {
      return all;
    }

    @Override
    public AccessPolicy access() {
      return AccessPolicy.CLOSED;
    }

    @Override
    public Collection<LunMap> lunMaps() {
      return List.of(units(Map.of(3, a, 4, b)));
    }

    @Override
    public LunMap lunMap(Initiator initiator) {
      LunMap map = LunMap.of(all).toBuilder().lun(9, finds).build();
      return GUESTS.contains(initiator) ? map.only(1).renumbered(1, 0) : map;
    }
  }

  private final Target hosts = new Hosts();

  @Test
  void hostsTargetIsAskedFurtherOn() {
    Target same = hosts.toBuilder().build();

    assertThat(same.name()).isEqualTo(hosts.name());
    assertThat(same.alias()).isEmpty();
    assertThat(same.access()).isSameAs(AccessPolicy.CLOSED);
    assertThat(same.chap()).isEmpty();
    assertThat(same.logicalUnits()).isEqualTo(hosts.logicalUnits());
    assertThat(same.lunMap(host)).isEqualTo(hosts.lunMap(host));
    assertThat(same.lunMap(guest)).isEqualTo(hosts.lunMap(guest));
  }

  @Test
  void unitThatIsAddedToAHostsTargetIsSeenWhereItsNumberIsFree() {
    Target target = hosts.toBuilder().lun(2, c).build();
    Target other = target.toBuilder().withoutLun(0).lun(0, c).build();

    assertThat(target.logicalUnits()).isEqualTo(Map.of(0, a, 1, b, 2, c));
    assertThat(target.lunMap(guest)).isEqualTo(units(Map.of(0, b, 2, c)));
    // a guest's LUN 0 is another one already
    assertThat(other.lunMap(guest)).isEqualTo(units(Map.of(0, b, 2, c)));
    assertThat(other.lunMap(host).without(9)).isEqualTo(units(Map.of(0, c, 1, b, 2, c)));
  }

  @Test
  void unitThatIsTakenAwayFromAHostsTargetIsGoneForEverybody() {
    Target target = hosts.toBuilder().withoutLun(1).build();

    assertThat(target.logicalUnits()).isEqualTo(Map.of(0, a));
    assertThat(target.lunMap(host).without(9)).isEqualTo(units(Map.of(0, a)));
    assertThat(target.lunMap(guest)).isEqualTo(LunMap.empty());
    assertThat(target.toBuilder().withoutLun(9).build().lunMap(host))
        .isEqualTo(units(Map.of(0, a)));
  }

  @Test
  void unitOfAHostsTargetMayBeReplaced() {
    Target target = hosts.toBuilder().replaceLun(0, c).build();

    assertThat(target.lunMap(host).without(9)).isEqualTo(units(Map.of(0, c, 1, b)));
    assertThat(target.lunMap(guest)).isEqualTo(units(Map.of(0, b)));
    // guests had the old one under another number
    assertThat(hosts.toBuilder().replaceLun(1, c).build().lunMap(guest))
        .isEqualTo(units(Map.of(1, c)));
  }

  @Test
  void mapsOfAHostsTargetAreKnownAsFarAsItSays() {
    Target target = hosts.toBuilder().lunMap(GUESTS, units(Map.of(7, c))).withoutLun(1).build();

    assertThat(target.lunMaps()).containsExactly(units(Map.of(3, a)), units(Map.of(7, c)));
  }

  @Test
  void someMaySeeAViewOfAHostsTarget() {
    Target target = hosts.toBuilder().lunMap(GUESTS, LunMap::readOnly).build();

    assertThat(target.lunMap(guest)).isEqualTo(units(Map.of(0, b)).readOnly());
    assertThat(target.lunMap(host)).isEqualTo(hosts.lunMap(host));
  }
}
