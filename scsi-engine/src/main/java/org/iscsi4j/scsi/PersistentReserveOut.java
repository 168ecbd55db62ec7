package org.iscsi4j.scsi;

import static org.iscsi4j.scsi.Command.Trait.PASSES_RESERVATIONS;
import static org.iscsi4j.scsi.Command.Trait.PASSES_STANDBY;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * PERSISTENT RESERVE OUT (SPC-4 clause 6.16): reads the parameter list, and leaves the rules to
 * {@link PersistentReservation}, which also decides about conflicts. REPLACE LOST RESERVATION is
 * not supported: no reservation is ever lost.
 */
final class PersistentReserveOut implements CommandHandler {

  /** Where SPEC_I_PT, ALL_TG_PT and APTPL stand. */
  static final int FLAGS_AT = 20;

  /** Where the TransportIDs of SPEC_I_PT begin. */
  static final int TRANSPORT_IDS_AT = 28;

  /** Where the TransportID of REGISTER AND MOVE begins. */
  static final int MOVED_TO_AT = 24;

  static final List<Command> ROWS =
      List.of(
          row("REGISTER", Action.REGISTER),
          row("RESERVE", Action.RESERVE),
          row("RELEASE", Action.RELEASE),
          row("CLEAR", Action.CLEAR),
          row("PREEMPT", Action.PREEMPT),
          row("PREEMPT AND ABORT", Action.PREEMPT_AND_ABORT),
          row("REGISTER AND IGNORE EXISTING KEY", Action.REGISTER_AND_IGNORE),
          row("REGISTER AND MOVE", Action.REGISTER_AND_MOVE));

  private static final int LIST_LENGTH = 24;
  private static final int LONGEST_LIST = 1 << 16;
  private static final int SPEC_I_PT = 0x08;
  private static final int ALL_TG_PT = 0x04;
  private static final int APTPL = 0x01;
  private static final int MOVE_FLAGS_AT = 17;
  private static final int UNREG = 0x02;
  private static final int RELATIVE_PORT_AT = 18;

  /** Service actions, by their value. */
  private enum Action {
    REGISTER,
    RESERVE,
    RELEASE,
    CLEAR,
    PREEMPT,
    PREEMPT_AND_ABORT,
    REGISTER_AND_IGNORE,
    REGISTER_AND_MOVE
  }

  private final Action action;

  private PersistentReserveOut(Action action) {
    this.action = action;
  }

  private static Command row(String name, Action action) {
    return Command.ofAction(
        "PERSISTENT RESERVE OUT, " + name,
        action.ordinal(),
        String.format("5f %02x ff 0000 ffffffff 00", action.ordinal()),
        new PersistentReserveOut(action),
        PASSES_RESERVATIONS,
        PASSES_STANDBY);
  }

  @Override
  public void execute(DeviceServer unit, ScsiTask task) {
    long length = task.cdb().u32(5);
    if (length < LIST_LENGTH || length > LONGEST_LIST) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.requestDataOut((int) length);
    }
  }

  @Override
  public void dataOut(DeviceServer unit, ScsiTask task, ByteBuffer data) {
    if (data.remaining() < task.cdb().u32(5)) {
      task.fail(Sense.PARAMETER_LIST_LENGTH_ERROR);
      return;
    }
    ByteBuffer list = data.slice();
    List<TransportId> named = new ArrayList<>();
    Sense refusal = transportIds(list, named);
    if (!refusal.isNone()) {
      task.fail(refusal);
      return;
    }
    switch (action) {
      case REGISTER, REGISTER_AND_IGNORE -> register(unit, task, list, named);
      case REGISTER_AND_MOVE -> move(unit, task, list, named.get(0));
      default -> reserve(unit, task, list);
    }
  }

  // ---- the parameter list

  private static long key(ByteBuffer list) {
    return list.getLong(0);
  }

  private static long actionKey(ByteBuffer list) {
    return list.getLong(8);
  }

  private static boolean flag(ByteBuffer list, int at, int mask) {
    return (list.get(at) & mask) != 0;
  }

  private Sense transportIds(ByteBuffer list, List<TransportId> into) {
    if (action == Action.REGISTER_AND_MOVE) {
      return movedTo(list, into);
    }
    if (!flag(list, FLAGS_AT, SPEC_I_PT)) {
      return list.limit() == LIST_LENGTH ? Sense.NONE : Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    return action == Action.REGISTER
        ? listed(list, TRANSPORT_IDS_AT, into)
        : Sense.invalidFieldInParameterList(FLAGS_AT);
  }

  /** The TransportIDs from somewhere to the end; their length stands in the four bytes before. */
  private static Sense listed(ByteBuffer list, int from, List<TransportId> into) {
    if (list.limit() < from
        || Integer.toUnsignedLong(list.getInt(from - 4)) != list.limit() - from) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    return TransportId.decode(list.duplicate().position(from), into);
  }

  /** Exactly one port: a device may have several. */
  private static Sense movedTo(ByteBuffer list, List<TransportId> into) {
    Sense refusal = listed(list, MOVED_TO_AT, into);
    if (!refusal.isNone()) {
      return refusal;
    }
    if (into.isEmpty()) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    boolean onePort = into.size() == 1 && into.get(0).port();
    return onePort ? Sense.NONE : Sense.invalidFieldInParameterList(MOVED_TO_AT);
  }

  // ---- service actions

  private void register(
      DeviceServer unit, ScsiTask task, ByteBuffer list, List<TransportId> named) {
    NexusName by = task.unit().name();
    Long key = action == Action.REGISTER ? key(list) : null;
    long newKey = actionKey(list);
    boolean persist = flag(list, FLAGS_AT, APTPL);
    TargetPort here = task.nexus().targetPort();
    List<TargetPort> ports =
        flag(list, FLAGS_AT, ALL_TG_PT) ? unit.groups().ports(here.deviceName()) : List.of(here);
    Set<NexusName> others = names(Set.of(by.initiatorPort()), ports);
    if (flag(list, FLAGS_AT, SPEC_I_PT)) {
      for (TransportId each : named) {
        Set<String> initiators = initiators(unit, each);
        if (initiators.isEmpty()) {
          task.fail(Sense.invalidFieldInParameterList(each.at()));
          return;
        }
        others.addAll(names(initiators, ports));
      }
      others.remove(by);
      change(unit, task, old -> old.registerOthers(by, others, key, newKey, persist));
    } else {
      others.remove(by);
      change(unit, task, old -> old.register(by, others, key, newKey, persist));
    }
  }

  private static Set<NexusName> names(Collection<String> initiators, List<TargetPort> ports) {
    Set<NexusName> names = new LinkedHashSet<>();
    for (String initiator : initiators) {
      ports.forEach(port -> names.add(NexusName.of(initiator, port)));
    }
    return names;
  }

  /** The initiator ports of a TransportID: of a device, those that are known. */
  private static Set<String> initiators(DeviceServer unit, TransportId id) {
    if (id.port()) {
      return Set.of(id.name());
    }
    Set<String> known = new LinkedHashSet<>();
    for (ItlNexus each : unit.nexuses()) {
      if (id.names(each.name().initiatorPort())) {
        known.add(each.name().initiatorPort());
      }
    }
    return known;
  }

  private static void move(DeviceServer unit, ScsiTask task, ByteBuffer list, TransportId to) {
    NexusName by = task.unit().name();
    long key = key(list);
    long newKey = actionKey(list);
    boolean unregister = flag(list, MOVE_FLAGS_AT, UNREG);
    boolean persist = flag(list, MOVE_FLAGS_AT, APTPL);
    int relativeId = Short.toUnsignedInt(list.getShort(RELATIVE_PORT_AT));
    String target = task.nexus().targetPort().deviceName();
    for (TargetPort port : unit.groups().ports(target)) {
      if (port.relativeId() == relativeId) {
        NexusName there = NexusName.of(to.name(), port);
        change(unit, task, old -> old.move(by, there, key, newKey, unregister, persist));
        return;
      }
    }
    task.fail(Sense.invalidFieldInParameterList(RELATIVE_PORT_AT));
  }

  private void reserve(DeviceServer unit, ScsiTask task, ByteBuffer list) {
    NexusName by = task.unit().name();
    long key = key(list);
    long other = actionKey(list);
    ReservationScope scope = ReservationScope.of(task.cdb());
    switch (action) {
      case RESERVE -> change(unit, task, old -> old.reserve(by, key, scope));
      case RELEASE -> change(unit, task, old -> old.release(by, key, scope));
      case CLEAR -> change(unit, task, old -> old.clear(by, key));
      case PREEMPT -> change(unit, task, old -> old.preempt(by, key, other, scope));
      default ->
          unit.reservations()
              .change(
                  unit.io(),
                  task,
                  old -> old.preempt(by, key, other, scope),
                  done -> abortPreempted(unit, task, done));
    }
  }

  private static void change(
      DeviceServer unit, ScsiTask task, Function<PersistentReservation, ReservationChange> rule) {
    Consumer<ReservationChange> good = done -> task.good();
    unit.reservations().change(unit.io(), task, rule, good);
  }

  /**
   * Ends the tasks of those who lost their registration, their copies in the background and the ACA
   * they met, and answers when none is left.
   */
  private static void abortPreempted(DeviceServer unit, ScsiTask task, ReservationChange change) {
    // a device that holds on to a task must not keep others from fencing it off
    task.releaseRanges();
    List<ItlNexus> preempted = unit.reservations().named(change.preempted());
    task.await(
        done -> {
          // asked to stop first, since they may wait for what the tasks have locked
          CompletableFuture<Void> copies = unit.copies().stopThoseOf(change.preempted());
          TaskManager.preempt(preempted, () -> copies.thenRun(done));
          preempted.forEach(unit.allegiance()::clear);
        },
        outcome -> task.good());
  }
}
