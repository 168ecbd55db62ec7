package org.iscsi4j.target;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.ConnectionEnded;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.Slot;

/**
 * An initiator that writes and verifies its part of a unit while everything around it changes. What
 * it is told by a unit attention it takes note of, and goes on; whatever else goes wrong must be
 * among what it {@linkplain #bears bears}. Used by one thread.
 */
final class Bystander {

  private static final String UNIT_ATTENTION = "CHECK CONDITION 6/";
  private static final int SLOTS = 8;
  private static final int SLOT_BLOCKS = 64;

  private final LoginSource logins;
  private final int lun;
  private final Random random;
  private final Set<String> bears;
  private final boolean bearsEnd;
  private final List<Slot> slots = new ArrayList<>();
  private ScriptedInitiator initiator;
  private long done;

  /** A new connection and what it says; null while there is no way in. */
  interface LoginSource {
    LoginScript login() throws UncheckedIOException;
  }

  /**
   * An initiator with a part of a unit that nobody else writes.
   *
   * @param part of the unit, from 0
   * @param bears outcomes of commands that may be; the command is sent again
   * @param bearsEnd whether connections may end, and logins be refused
   */
  Bystander(LoginSource logins, int lun, int part, long seed, Set<String> bears, boolean bearsEnd) {
    this.logins = logins;
    this.lun = lun;
    this.bears = bears;
    this.bearsEnd = bearsEnd;
    random = new Random(seed);
    for (int i = 0; i < SLOTS; i++) {
      slots.add(new Slot(lun, (long) (part * SLOTS + i) * SLOT_BLOCKS, SLOT_BLOCKS));
    }
  }

  /** Blocks that a number of parts take. */
  static long blocks(int parts) {
    return (long) parts * SLOTS * SLOT_BLOCKS;
  }

  /** Commands that ended with GOOD. */
  long done() {
    return done;
  }

  void work(BooleanSupplier over) {
    while (!over.getAsBoolean()) {
      unlessEnded(this::step, over);
    }
    close();
  }

  /** Reads everything; called when nothing changes any more. */
  void verify() {
    LoginScript login = logins.login();
    initiator = login.perform();
    for (Slot slot : slots) {
      String outcome = "";
      while (!outcome.equals("GOOD")) {
        outcome = read(slot, SLOT_BLOCKS);
      }
    }
    initiator.logout();
    close();
  }

  private void unlessEnded(Runnable something, BooleanSupplier over) {
    try {
      if (initiator == null && !login()) {
        Thread.onSpinWait();
        return;
      }
      something.run();
    } catch (ConnectionEnded | UncheckedIOException e) {
      if (!bearsEnd) {
        throw new AssertionError(this + " lost its connection", e);
      }
      close();
    }
  }

  private boolean login() {
    LoginScript login = logins.login();
    initiator = login.connection();
    boolean in = login.tryPerform().status() == LoginStatus.SUCCESS;
    if (!in) {
      if (!bearsEnd) {
        throw new AssertionError(this + " was not let in");
      }
      close();
    }
    return in;
  }

  private void close() {
    if (initiator != null) {
      initiator.close();
      initiator = null;
    }
  }

  private void step() {
    Slot slot = slots.get(random.nextInt(SLOTS));
    int blocks = 1 + random.nextInt(SLOT_BLOCKS);
    if (random.nextBoolean()) {
      read(slot, blocks);
    } else {
      write(slot, Patterns.bytes(blocks * Cdbs.BLOCK, random.nextLong()));
    }
  }

  private String read(Slot slot, int blocks) {
    byte[] cdb = Cdbs.read10(slot.lba(), blocks);
    Exchange read = initiator.command(cdb).lun(lun).read(blocks * Cdbs.BLOCK).await();
    if (good(read.outcome())) {
      slot.read(read.data());
    }
    return read.outcome();
  }

  private void write(Slot slot, byte[] data) {
    byte[] cdb = Cdbs.write10(slot.lba(), data.length / Cdbs.BLOCK);
    slot.maybeWritten(data); // unless it is acknowledged
    if (good(initiator.command(cdb).lun(lun).write(data).await().outcome())) {
      slot.written(data);
    }
  }

  private boolean good(String outcome) {
    if (outcome.equals("GOOD")) {
      done++;
      return true;
    }
    if (!outcome.startsWith(UNIT_ATTENTION) && !bears.contains(outcome)) {
      throw new AssertionError(this + " was told " + outcome);
    }
    return false;
  }

  @Override
  public String toString() {
    return "initiator of LUN " + lun + " with " + slots.get(0);
  }
}
