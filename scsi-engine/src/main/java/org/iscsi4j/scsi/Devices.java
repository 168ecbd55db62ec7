package org.iscsi4j.scsi;

import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Concurrency;
import org.iscsi4j.api.StateStore;
import org.iscsi4j.api.monitor.CommandListener;

/**
 * The devices of a server, each with one way to it, in however many units it stands. So the calls
 * of a device that is {@link Concurrency#SERIAL} take turns, whichever unit they come from; two
 * servers know nothing of each other and must not share such a device. May be used from any thread.
 */
public final class Devices implements AutoCloseable {

  private final Executor executor;
  private final StateStore store;
  private final LongSupplier nanoTime;
  private final RodTokens tokens;
  private final TargetPortGroups groups;
  private final UnitListener unitListener;
  private final Optional<CommandListener> commandListener;

  /** Guarded by this. */
  private final Map<BlockDevice, Way> ways = new IdentityHashMap<>();

  /** Guarded by this. */
  private boolean closed;

  /** The way to a device, and how many units go it; guarded by the devices. */
  private static final class Way {
    private final DeviceIo io;
    private int users;

    private Way(DeviceIo io) {
      this.io = io;
    }

    private boolean over() {
      return users == 0 && io.idle();
    }
  }

  /**
   * No devices yet.
   *
   * @param executor where device calls run that may take long; a call that it refuses ends with
   *     BUSY
   */
  public Devices(Executor executor) {
    this(executor, StateStore.inMemory());
  }

  /**
   * No devices yet; their units are reached through portal group 1.
   *
   * @param executor where device calls run that may take long; a call that it refuses ends with
   *     BUSY
   * @param store where units keep what must survive the server
   */
  public Devices(Executor executor, StateStore store) {
    this(executor, store, oneGroup());
  }

  private static TargetPortGroups oneGroup() {
    return new TargetPortGroups(List.of(1), (state, tag) -> {});
  }

  /**
   * No devices yet, and nobody who wants to hear of their units.
   *
   * @param executor where device calls run that may take long; a call that it refuses ends with
   *     BUSY
   * @param store where units keep what must survive the server
   * @param groups through which the units are reached
   */
  public Devices(Executor executor, StateStore store, TargetPortGroups groups) {
    this(executor, store, groups, UnitListener.NONE);
  }

  /**
   * No devices yet.
   *
   * @param executor where device calls run that may take long; a call that it refuses ends with
   *     BUSY
   * @param store where units keep what must survive the server
   * @param groups through which the units are reached
   * @param unitListener hears what becomes of the units
   */
  public Devices(
      Executor executor, StateStore store, TargetPortGroups groups, UnitListener unitListener) {
    this(executor, store, groups, unitListener, Optional.empty());
  }

  /**
   * No devices yet.
   *
   * @param executor where device calls run that may take long; a call that it refuses ends with
   *     BUSY
   * @param store where units keep what must survive the server
   * @param groups through which the units are reached
   * @param unitListener hears what becomes of the units
   * @param commandListener hears of each command to one of them
   */
  public Devices(
      Executor executor,
      StateStore store,
      TargetPortGroups groups,
      UnitListener unitListener,
      Optional<CommandListener> commandListener) {
    this(executor, store, groups, unitListener, commandListener, System::nanoTime);
  }

  /** As {@link #Devices(Executor)}, with another clock than {@link System#nanoTime}. */
  Devices(Executor executor, LongSupplier nanoTime) {
    this(executor, Optional.empty(), nanoTime);
  }

  /** As {@link #Devices(Executor, LongSupplier)}, with a listener. */
  Devices(Executor executor, Optional<CommandListener> commandListener, LongSupplier nanoTime) {
    this(executor, StateStore.inMemory(), oneGroup(), UnitListener.NONE, commandListener, nanoTime);
  }

  private Devices(
      Executor executor,
      StateStore store,
      TargetPortGroups groups,
      UnitListener unitListener,
      Optional<CommandListener> commandListener,
      LongSupplier nanoTime) {
    this.executor = Objects.requireNonNull(executor, "executor");
    this.store = Objects.requireNonNull(store, "store");
    this.groups = Objects.requireNonNull(groups, "groups");
    this.unitListener = Objects.requireNonNull(unitListener, "unitListener");
    this.commandListener = Objects.requireNonNull(commandListener, "commandListener");
    this.nanoTime = nanoTime;
    tokens = new RodTokens(nanoTime);
  }

  LongSupplier nanoTime() {
    return nanoTime;
  }

  StateStore store() {
    return store;
  }

  /** What may be copied by token, between any units of the server. */
  RodTokens tokens() {
    return tokens;
  }

  TargetPortGroups groups() {
    return groups;
  }

  UnitListener unitListener() {
    return unitListener;
  }

  Optional<CommandListener> commandListener() {
    return commandListener;
  }

  /** The way to a device, until it is {@linkplain #give given} back. */
  synchronized DeviceIo take(BlockDevice device) {
    if (closed) {
      throw new IllegalStateException("the server is closed");
    }
    ways.values().removeIf(Way::over);
    Way way = ways.computeIfAbsent(device, any -> new Way(new DeviceIo(device, executor)));
    if (way.users++ == 0) {
      way.io.open();
    }
    return way.io;
  }

  /** A unit is done with a device; after the last one its waiting calls are not made any more. */
  void give(BlockDevice device) {
    Runnable endWaiting;
    synchronized (this) {
      Way way = ways.get(device);
      if (way == null || --way.users > 0) {
        return;
      }
      endWaiting = way.io.close();
      // a way that is still busy is kept, so that a unit made anew has to take its turn
      ways.values().removeIf(Way::over);
    }
    endWaiting.run();
  }

  /**
   * Makes no device call any more: those that wait end with NOT READY. Calls under way go on, see
   * {@link #awaitIdle}. The devices stay open: they belong to whoever opened them.
   */
  @Override
  public void close() {
    List<Runnable> endWaiting;
    synchronized (this) {
      closed = true;
      endWaiting = all().stream().map(DeviceIo::close).toList();
    }
    endWaiting.forEach(Runnable::run);
  }

  /**
   * Waits until no device call is under way on the executor or by a device's own means. Calls made
   * in place are not counted: they end with the work of the thread that makes them.
   *
   * @return whether there is none; false when the time was up
   */
  public boolean awaitIdle(Duration timeout) throws InterruptedException {
    CompletableFuture<?>[] each;
    synchronized (this) {
      each = all().stream().map(DeviceIo::whenIdle).toArray(CompletableFuture<?>[]::new);
    }
    try {
      CompletableFuture.allOf(each).get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("nothing fails that is only waited for", e);
    }
  }

  private List<DeviceIo> all() {
    return ways.values().stream().map(way -> way.io).toList();
  }
}
