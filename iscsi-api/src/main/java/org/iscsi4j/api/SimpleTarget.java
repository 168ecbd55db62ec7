package org.iscsi4j.api;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.LunMap;

/** What {@link Target.Builder} builds. A class and not a record: targets compare by identity. */
final class SimpleTarget implements Target {

  private final IscsiName name;
  private final Optional<String> alias;
  private final NavigableMap<Integer, LogicalUnit> units;
  private final HostLunMap host;
  private final LunMap everybodys;
  private final List<LunMapRule> rules;
  private final AccessPolicy access;
  private final Optional<Chap> chap;
  private final SessionSettings sessionSettings;

  /**
   * A target.
   *
   * @param host what lies below {@code everybodys}, which initiators see whom no map is for
   * @param rules in the order in which they are asked
   */
  SimpleTarget(
      IscsiName name,
      Optional<String> alias,
      NavigableMap<Integer, LogicalUnit> units,
      HostLunMap host,
      LunMap everybodys,
      List<LunMapRule> rules,
      AccessPolicy access,
      Optional<Chap> chap,
      SessionSettings sessionSettings) {
    this.name = name;
    this.alias = alias;
    this.units = units;
    this.host = host;
    this.everybodys = everybodys;
    this.rules = rules;
    this.access = access;
    this.chap = chap;
    this.sessionSettings = sessionSettings;
    if (host.isNone()) {
      rules.forEach(rule -> rule.of(everybodys)); // better now than at a login
    }
  }

  @Override
  public IscsiName name() {
    return name;
  }

  @Override
  public Optional<String> alias() {
    return alias;
  }

  @Override
  public NavigableMap<Integer, LogicalUnit> logicalUnits() {
    return units;
  }

  @Override
  public Collection<LunMap> lunMaps() {
    List<LunMap> maps = new ArrayList<>(host.maps());
    rules.forEach(rule -> mapOf(rule).ifPresent(maps::add));
    return maps;
  }

  /** What a view makes of a host's map is not known before an initiator comes. */
  private Optional<LunMap> mapOf(LunMapRule rule) {
    return host.isNone() ? Optional.of(rule.of(everybodys)) : rule.fixed();
  }

  @Override
  public LunMap lunMap(Initiator initiator) {
    for (LunMapRule rule : rules) {
      switch (rule.initiators().membership(initiator)) {
        case MEMBER -> {
          return rule.of(host.with(everybodys, initiator));
        }
        case DENIED -> {
          return LunMap.empty();
        }
        case NONE -> {}
      }
    }
    return host.with(everybodys, initiator);
  }

  @Override
  public AccessPolicy access() {
    return access;
  }

  @Override
  public Optional<Chap> chap() {
    return chap;
  }

  @Override
  public SessionSettings sessionSettings() {
    return sessionSettings;
  }

  HostLunMap host() {
    return host;
  }

  LunMap everybodys() {
    return everybodys;
  }

  List<LunMapRule> rules() {
    return rules;
  }

  @Override
  public String toString() {
    return "Target[" + name + ", LUNs " + everybodys.mappings().keySet() + "]";
  }
}
