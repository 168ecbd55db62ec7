package org.iscsi4j.scsi;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.iscsi4j.api.AccessState;

/**
 * The target port groups of a server and their asymmetric access states (SPC-4 clause 5.15.2),
 * shared by all of its units: a state holds for every unit that is reached through the group. The
 * host changes states implicitly, initiators explicitly by SET TARGET PORT GROUPS. May be used from
 * any thread.
 */
public final class TargetPortGroups {

  /** SET TARGET PORT GROUPS COMMAND FAILED. */
  static final Sense CHANGE_FAILED = Sense.of(SenseKey.HARDWARE_ERROR, 0x67, 0x0a);

  private static final int LAST_RELATIVE_PORT = 0xffff;

  private final ObjIntConsumer<AccessState> changed;
  private final Set<DeviceServer> units = ConcurrentHashMap.newKeySet();

  /** An immutable list, in the order of the relative port identifiers; replaced under this. */
  private volatile List<TargetPortGroup> groups;

  /** Guarded by this. */
  private int lastRelativePort;

  /** Whether any group refuses commands: all that the fast path reads. Written under this. */
  private volatile boolean restricting;

  /**
   * Groups that are all active/optimized.
   *
   * @param tags 1 to 65,535, each once, in the order of the relative port identifiers
   * @param changed is told the new state and the tag after each change, on the thread that makes it
   */
  public TargetPortGroups(Collection<Integer> tags, ObjIntConsumer<AccessState> changed) {
    List<TargetPortGroup> made = new ArrayList<>();
    for (int tag : tags) {
      made.add(TargetPortGroup.initial(tag, made.size() + 1));
    }
    groups = List.copyOf(made);
    lastRelativePort = made.size();
    this.changed = changed;
  }

  /**
   * There are other groups, active/optimized, but for those of whose tag there is one already.
   * Initiators are told that there are other groups now.
   *
   * @param tags 1 to 65,535
   */
  public void add(Collection<Integer> tags) {
    synchronized (this) {
      List<TargetPortGroup> next = new ArrayList<>(groups);
      Set<Integer> known = next.stream().map(TargetPortGroup::tag).collect(Collectors.toSet());
      tags.stream()
          .filter(known::add)
          .forEach(tag -> next.add(TargetPortGroup.initial(tag, freeRelativePort())));
      if (next.size() == groups.size()) {
        return;
      }
      publish(next);
    }
    tell(each -> true, UnitAttention.ASYMMETRIC_ACCESS_STATE_CHANGED);
  }

  /** One that none has, and none had of late: reservations name ports by it. */
  private int freeRelativePort() {
    do {
      lastRelativePort = lastRelativePort % LAST_RELATIVE_PORT + 1;
    } while (groups.stream().anyMatch(group -> group.relativePort() == lastRelativePort));
    return lastRelativePort;
  }

  /**
   * A group is no more, and has no nexus left. Initiators that come through others are told, as of
   * {@link #add}.
   */
  public void remove(int tag) {
    synchronized (this) {
      publish(groups.stream().filter(group -> group.tag() != tag).toList());
    }
    tell(each -> true, UnitAttention.ASYMMETRIC_ACCESS_STATE_CHANGED);
  }

  // ---- what the host does

  /** The state of a group. */
  public AccessState state(int tag) {
    return group(tag).state();
  }

  /**
   * Changes the state of a group, and tells every initiator. A transition is told when it ends; one
   * that ends where it began has failed.
   */
  public void change(int tag, AccessState next) {
    TargetPortGroup before;
    synchronized (this) {
      before = group(tag);
      if (before.state() == next) {
        return;
      }
      replace(before, before.in(next, TargetPortGroup.Cause.IMPLICIT));
    }
    if (before.settled() == next) {
      tell(each -> true, UnitAttention.IMPLICIT_TRANSITION_FAILED);
    } else if (next != AccessState.TRANSITIONING) {
      tell(each -> true, UnitAttention.ASYMMETRIC_ACCESS_STATE_CHANGED);
      tellInquiryData(null, before, next);
    }
    changed.accept(next, tag);
  }

  /** Says whether initiators should prefer a group to others in the same state. */
  public synchronized void prefer(int tag, boolean preferred) {
    replace(group(tag), group(tag).preferred(preferred));
  }

  // ---- what initiators do

  /**
   * Changes states as an initiator demands, all of them or, when one can't be changed, none.
   *
   * @param by learns of it by the status of its command; the others get a unit attention
   */
  Sense changeExplicitly(ItlNexus by, Map<Integer, AccessState> wanted) {
    List<TargetPortGroup> before;
    synchronized (this) {
      before =
          groups.stream()
              .filter(group -> wanted.getOrDefault(group.tag(), group.state()) != group.state())
              .toList();
      if (before.stream().anyMatch(group -> group.state() == AccessState.TRANSITIONING)) {
        // the host is about to bring the group somewhere else
        return CHANGE_FAILED;
      }
      for (TargetPortGroup group : before) {
        replace(group, group.in(wanted.get(group.tag()), TargetPortGroup.Cause.EXPLICIT));
      }
    }
    if (!before.isEmpty()) {
      tell(each -> each != by, UnitAttention.ASYMMETRIC_ACCESS_STATE_CHANGED);
    }
    for (TargetPortGroup group : before) {
      AccessState next = wanted.get(group.tag());
      tellInquiryData(by, group, next);
      changed.accept(next, group.tag());
    }
    return Sense.NONE;
  }

  // ---- facts

  /** The port of a target in a group. */
  public TargetPort port(String deviceName, int tag) {
    return TargetPort.of(deviceName, group(tag).relativePort(), tag);
  }

  /** The ports of a target, by their relative identifiers. */
  List<TargetPort> ports(String deviceName) {
    return groups.stream()
        .map(group -> TargetPort.of(deviceName, group.relativePort(), group.tag()))
        .toList();
  }

  /** All groups as they are now. */
  List<TargetPortGroup> groups() {
    return groups;
  }

  /** Why a command does not pass a port; {@link Sense#NONE} when it does. */
  Sense refusal(Command command, TargetPort port) {
    return restricting
        ? find(port.group())
            .map(group -> AccessStates.refusal(group.state(), command))
            .orElse(Sense.NONE)
        : Sense.NONE;
  }

  /** What most commands through a port are refused with; {@link Sense#NONE} when none is. */
  Sense restriction(TargetPort port) {
    return restricting
        ? find(port.group()).map(group -> AccessStates.sense(group.state())).orElse(Sense.NONE)
        : Sense.NONE;
  }

  /** Whether a port leads to no device for now. */
  boolean disconnected(TargetPort port) {
    return restricting
        && find(port.group()).filter(g -> AccessStates.disconnected(g.settled())).isPresent();
  }

  private Optional<TargetPortGroup> find(int tag) {
    return groups.stream().filter(group -> group.tag() == tag).findFirst();
  }

  private TargetPortGroup group(int tag) {
    return find(tag)
        .orElseThrow(() -> new IllegalArgumentException("there is no portal group " + tag));
  }

  private void replace(TargetPortGroup old, TargetPortGroup by) {
    publish(groups.stream().map(group -> group.equals(old) ? by : group).toList());
  }

  private void publish(List<TargetPortGroup> next) {
    groups = List.copyOf(next);
    restricting = next.stream().anyMatch(group -> !AccessStates.sense(group.state()).isNone());
  }

  // ---- units

  /** A unit is reached through the groups, until it {@linkplain #leave leaves}. */
  void join(DeviceServer unit) {
    units.add(unit);
  }

  void leave(DeviceServer unit) {
    units.remove(unit);
  }

  /** The peripheral qualifier may have changed for those who come through the group. */
  private void tellInquiryData(ItlNexus spared, TargetPortGroup before, AccessState next) {
    if (AccessStates.disconnected(before.settled()) != AccessStates.disconnected(next)) {
      tell(
          each -> each != spared && each.nexus().targetPort().group() == before.tag(),
          UnitAttention.INQUIRY_DATA_HAS_CHANGED);
    }
  }

  private void tell(Predicate<ItlNexus> whom, UnitAttention cause) {
    for (DeviceServer unit : units) {
      unit.nexuses().stream().filter(whom).forEach(each -> each.raise(cause));
    }
  }
}
