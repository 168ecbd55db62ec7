package org.iscsi4j.examples.daemon.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.access.Network;

/** Reads Portal lines of all sections, and tells of portals that can't be opened side by side. */
final class PortalReader {

  private static final String KEY = "Portal";

  private final List<Taken> taken = new ArrayList<>();

  private record Taken(Address address, Token where, SectionReader section) {}

  /** The portals of a section, in their order. */
  List<PortalSpec> read(SectionReader section) {
    List<PortalSpec> portals =
        section.entries(KEY).stream().flatMap(entry -> portal(section, entry).stream()).toList();
    return portals.stream()
        .filter(portal -> portals.stream().noneMatch(all -> Address.of(all).includes(portal)))
        .toList();
  }

  private Optional<PortalSpec> portal(SectionReader section, Entry entry) {
    section.noMoreThan(2, KEY, entry);
    if (entry.values().size() < 2) {
      section.problems().error(entry.key(), KEY + " needs a label and ADDRESS:PORT");
      return Optional.empty();
    }
    String label = entry.values().get(0).text();
    Token where = entry.values().get(1);
    Optional<PortalSpec> portal = section.parsed(KEY, where, text -> parse(label, text));
    portal.ifPresent(spec -> take(section, new Taken(Address.of(spec), where, section)));
    return portal;
  }

  private static PortalSpec parse(String label, String text) {
    if (text.indexOf(',') >= 0) {
      throw new IllegalArgumentException("expected ADDRESS:PORT; a group tag is the section's");
    }
    Portal portal = Portal.parse(withoutStar(text));
    checkNumeric(portal.host());
    return new PortalSpec(label, portal.host(), portal.port());
  }

  private static String withoutStar(String text) {
    if (text.startsWith("[*]")) {
      return "[::]" + text.substring("[*]".length());
    }
    return text.startsWith("*") ? "0.0.0.0" + text.substring(1) : text;
  }

  /** A name might be another address at each start; {@link Network} takes addresses only. */
  private static void checkNumeric(String host) {
    if (host.indexOf('/') >= 0 || Network.parse(host).equals(Network.ALL)) {
      throw new IllegalArgumentException("expected an address, such as 192.0.2.1 or [2001:db8::1]");
    }
  }

  private void take(SectionReader section, Taken portal) {
    taken.stream()
        .filter(other -> other.address().clashes(portal.address()))
        .filter(other -> other.section() != section || !other.address().bothWild(portal.address()))
        .findFirst()
        .ifPresent(
            other ->
                section.refuse(
                    KEY,
                    portal.where(),
                    "can't be opened beside "
                        + section.problems().quote(other.where())
                        + " of line "
                        + other.where().line()));
    taken.add(portal);
  }

  /** Where a portal listens, however it is written. */
  private record Address(Network host, String scope, int port) {

    private static final Network EVERY_IPV4 = Network.parse("0.0.0.0");
    private static final Network EVERY_ADDRESS = Network.parse("::");

    static Address of(PortalSpec portal) {
      String host = portal.host();
      int scope = host.indexOf('%');
      return new Address(
          Network.parse(host), scope < 0 ? "" : host.substring(scope), portal.port());
    }

    /** Whether only one of the two can be opened. */
    boolean clashes(Address other) {
      return port == other.port
          && port != 0
          && (equals(other) || covers(other) || other.covers(this));
    }

    private boolean covers(Address other) {
      return host.equals(EVERY_ADDRESS) || host.equals(EVERY_IPV4) && other.isIpv4();
    }

    private boolean isIpv4() {
      return host.toString().indexOf(':') < 0;
    }

    /** istgt opens both wildcards side by side; here one listens for the other too. */
    boolean bothWild(Address other) {
      return !equals(other) && isWild() && other.isWild();
    }

    private boolean isWild() {
      return host.equals(EVERY_ADDRESS) || host.equals(EVERY_IPV4);
    }

    boolean includes(PortalSpec portal) {
      return host.equals(EVERY_ADDRESS)
          && portal.port() == port
          && of(portal).host().equals(EVERY_IPV4);
    }
  }
}
