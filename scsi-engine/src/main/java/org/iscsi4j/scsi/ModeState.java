package org.iscsi4j.scsi;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mode parameters of a unit: default, saved and current ones. Read from any thread. Changes are
 * made by one command at a time, see {@link ModeSelect}; only a reset comes in between, and wins.
 */
final class ModeState {

  private static final Logger log = LoggerFactory.getLogger(ModeState.class);

  /** Under this name the pages are saved, each as MODE SENSE returns it. */
  private static final String NAME = "mode-pages";

  private final List<ModePage> pages;
  private final UnitState store;
  private final ModeParameters defaults;

  /** Both written under the lock of this, which is not held across a call of device or store. */
  private volatile ModeParameters saved;

  private volatile ModeParameters current;

  /** Loads what was saved, which may block. */
  ModeState(List<ModePage> pages, UnitState store) {
    this.pages = pages;
    this.store = store;
    defaults = ModeParameters.defaults(pages);
    saved = store.load(NAME).map(this::decode).orElse(defaults);
    current = saved;
  }

  /** The pages that a page code and a subpage code name, wildcards included; none when unknown. */
  List<ModePage> find(int code, int subpage) {
    return pages.stream()
        .filter(page -> code == ModeSense.ALL_PAGES || page.code() == code)
        .filter(page -> subpage == ModeSense.ALL_SUBPAGES || page.subpage() == subpage)
        .toList();
  }

  boolean known(int code) {
    return code == ModeSense.ALL_PAGES || pages.stream().anyMatch(page -> page.code() == code);
  }

  ModeParameters defaults() {
    return defaults;
  }

  ModeParameters saved() {
    return saved;
  }

  ModeParameters current() {
    return current;
  }

  /** A reset brings back what was saved (SPC-4 clause 5.9). */
  void reset(DeviceServer unit) {
    List<ModePage> changed;
    synchronized (this) {
      changed = saved.differing(current);
      current = saved;
    }
    changed.forEach(page -> page.changed(unit));
  }

  // ---- changes

  /** Whether {@link #change} makes a device call, and so may block. */
  boolean flushes(ModeParameters next) {
    ModeParameters now = current;
    boolean cacheGoes = next.writesThrough() && !now.writesThrough();
    boolean protects = next.softwareWriteProtect() && !now.softwareWriteProtect();
    return cacheGoes || protects;
  }

  /**
   * Makes parameters the current ones, all of them or none. Before a cache is disabled or the
   * medium protected, what is cached becomes durable, and so does what is written meanwhile.
   *
   * @param by the nexus that asks, which is not told
   * @param save whether they are saved too
   */
  Sense change(DeviceServer unit, Nexus by, ModeParameters next, boolean save) {
    ModeParameters before = current;
    ModeParameters meanwhile = before;
    Sense outcome = Sense.NONE;
    if (flushes(next)) {
      meanwhile = before.writingThrough();
      replace(before, meanwhile);
      outcome = SynchronizeCache.flush(unit);
    }
    if (outcome.isNone() && save) {
      outcome = save(next);
    }
    boolean good = outcome.isNone();
    if (replace(meanwhile, good ? next : before) && good) {
      tell(unit, by, next.differing(before));
    }
    return outcome;
  }

  private synchronized boolean replace(ModeParameters expected, ModeParameters with) {
    boolean same = current == expected;
    if (same) {
      current = with;
    }
    return same;
  }

  private static void tell(DeviceServer unit, Nexus by, List<ModePage> changed) {
    if (!changed.isEmpty()) {
      unit.raiseForOthers(by, UnitAttention.MODE_PARAMETERS_CHANGED);
      changed.forEach(page -> page.changed(unit));
    }
  }

  private Sense save(ModeParameters next) {
    Sense outcome = store.save(NAME, next.encode());
    if (outcome.isNone()) {
      synchronized (this) {
        saved = next;
      }
    }
    return outcome;
  }

  // ---- what was saved, maybe by another version over a device with other abilities

  private ModeParameters decode(byte[] bytes) {
    ModeParameters found = defaults;
    ByteBuffer in = ByteBuffer.wrap(bytes);
    while (in.hasRemaining()) {
      Optional<ModePageHeader> header = ModePageHeader.of(in);
      if (header.isEmpty() || in.remaining() < header.get().length()) {
        log.error("saved mode pages end early; the rest is forgotten");
        return found;
      }
      byte[] values = new byte[header.get().length()];
      in.get(values);
      found = restore(found, header.get(), values);
    }
    return found;
  }

  private static ModeParameters restore(ModeParameters into, ModePageHeader header, byte[] values) {
    Optional<ModePage> page = header.in(into);
    if (page.isPresent()
        && page.get().length() == values.length
        && page.get().check(into.values(page.get()), values, 0).isNone()) {
      return into.with(page.get(), values);
    }
    log.warn("saved {} does not fit the unit any more and is forgotten", header);
    return into;
  }
}
