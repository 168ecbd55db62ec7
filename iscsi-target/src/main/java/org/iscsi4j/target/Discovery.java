package org.iscsi4j.target;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.SessionInfo;
import org.iscsi4j.api.Target;
import org.iscsi4j.protocol.Key;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.target.connection.Connection;
import org.iscsi4j.target.session.SendTargets;

/** Answers SendTargets from the targets and portals of a server (RFC 7143 appendix C). */
final class Discovery implements SendTargets {

  private static final String ALL = "All";

  private final Supplier<List<Target>> targets;
  private final Supplier<List<BoundPortal>> portals;

  Discovery(Supplier<List<Target>> targets, Supplier<List<BoundPortal>> portals) {
    this.targets = targets;
    this.portals = portals;
  }

  @Override
  public List<KeyValue> answer(String value, SessionInfo session, Connection connection) {
    boolean all = value.equals(ALL);
    if (session.discovery() ? value.isEmpty() : all) {
      // "All" is for discovery, and "the session's own target" is for the others
      return List.of(new KeyValue(Key.SEND_TARGETS.name(), KeyValue.REJECT));
    }
    Optional<IscsiName> wanted = value.isEmpty() ? session.target() : named(value);
    List<KeyValue> answer = new ArrayList<>();
    for (Target target : targets.get()) {
      Optional<IscsiName> name = Optional.of(target.name());
      boolean visible = session.discovery() || name.equals(session.target());
      if (visible && (all || name.equals(wanted))) {
        answer.add(Key.TARGET_NAME.pair(target.name().toString()));
        answer.addAll(addresses(connection.local().getAddress()));
      }
    }
    return answer;
  }

  private static Optional<IscsiName> named(String name) {
    try {
      return Optional.of(IscsiName.of(name));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no target has such a name
    }
  }

  private List<KeyValue> addresses(InetAddress reached) {
    return portals.get().stream()
        .filter(portal -> portal.tellable(reached))
        .map(portal -> portal.addressFor(reached) + "," + portal.portal().groupTag())
        .map(Key.TARGET_ADDRESS::pair)
        .toList();
  }
}
