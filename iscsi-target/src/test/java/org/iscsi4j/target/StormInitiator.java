package org.iscsi4j.target;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.protocol.LoginStatus;
import org.iscsi4j.protocol.LogoutReason;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.protocol.ScsiCommandPdu;
import org.iscsi4j.protocol.TaskManagementFunction;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.CommandScript;
import org.iscsi4j.target.fixture.ConnectionEnded;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.Slot;
import org.iscsi4j.target.fixture.TestServer;

/**
 * One initiator of the storm: a session of some connections, a part of each disk that nobody else
 * writes, and what may stand there. Used by one thread.
 */
final class StormInitiator {

  private static final int UNITS = 2;
  private static final int SLOTS = 8;
  private static final int SLOT_BLOCKS = 256;
  private static final int MAX_CONNECTIONS = 4;
  private static final int MAX_OUTSTANDING = 12;

  private static final List<String> TASK_REPORTING =
      List.of("RFC3720", "ResponseFence", "FastAbort");

  private static final int HEADER_DIGEST = 4;
  private static final int SIMPLE = ScsiCommandPdu.SIMPLE;
  private static final int ORDERED = ScsiCommandPdu.ORDERED;
  private static final String TASK_ABORTED = "status 40";
  private static final String UNIT_ATTENTION = "CHECK CONDITION 6/";

  /**
   * Cold resets of the target, which end everybody's connections; one at a time, so that whoever
   * makes one sees when it is over.
   */
  static final class Resets {
    private final StormJournal journal;
    private final AtomicBoolean underWay = new AtomicBoolean();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger over = new AtomicInteger();

    Resets(StormJournal journal) {
      this.journal = journal;
    }

    private boolean begin(int number) {
      boolean mine = underWay.compareAndSet(false, true);
      if (mine) {
        journal.noteToAll("cold reset begun by initiator " + number);
        begun.incrementAndGet();
      }
      return mine;
    }

    private void end() {
      over.incrementAndGet();
      journal.noteToAll("cold reset is over");
      underWay.set(false);
    }
  }

  /** A command under way; what it writes, or null when it reads. */
  private record Operation(Exchange exchange, Slot slot, byte[] written) {}

  private final TestServer server;
  private final int number;
  private final Random random;
  private final Resets resets;
  private final StormJournal journal;
  private final List<Slot> slots = new ArrayList<>();
  private final Set<Slot> busy = new HashSet<>();
  private final Deque<Operation> outstanding = new ArrayDeque<>();
  private final List<ScriptedInitiator> connections = new ArrayList<>();
  private int resetsBeforeLogin;
  private int nextCid = 2;

  StormInitiator(TestServer server, int number, long seed, Resets resets) {
    this.server = server;
    this.number = number;
    random = new Random(seed);
    this.resets = resets;
    journal = resets.journal;
    for (int i = 0; i < UNITS * SLOTS; i++) {
      int lba = (number * SLOTS + i / UNITS) * SLOT_BLOCKS;
      slots.add(new Slot(i % UNITS, lba, SLOT_BLOCKS));
    }
  }

  /** The ISID of an initiator. */
  static long isid(int number) {
    return 0x8000_0000_1000L + number;
  }

  private void note(String event) {
    journal.note(isid(number), event);
  }

  /** Has commands that another initiator ends answered, so that nobody waits for them (TAS). */
  static void answerAbortedCommands(TestServer server) {
    byte[] page = HexFormat.of().parseHex("00000000" + "0a0a" + "0210004000" + "00ffff0000");
    byte[] select = ByteBuffer.allocate(6).put(0, (byte) 0x15).put(1, (byte) 0x11).array();
    select[4] = (byte) page.length;
    try (ScriptedInitiator initiator = server.login()) {
      for (int lun = 0; lun < UNITS; lun++) {
        initiator.clearUnitAttentions(lun);
        expect(initiator.command(select).lun(lun).write(page).await().outcome(), "GOOD");
      }
      initiator.logout();
    }
  }

  private static void expect(String outcome, String wanted) {
    if (!outcome.equals(wanted)) {
      throw new AssertionError("expected " + wanted + " and got " + outcome);
    }
  }

  // ---- the course of events --------------------------------------------------------------------

  void rage(BooleanSupplier over) {
    while (!over.getAsBoolean()) {
      unlessReset(this::step);
    }
    boolean done = false;
    while (!done) {
      done = unlessReset(this::verifyAndLeave);
    }
  }

  private void verifyAndLeave() {
    if (connections.isEmpty()) {
      login();
    }
    while (!outstanding.isEmpty()) {
      settleOne();
    }
    slots.forEach(this::verify);
    any().logout();
    forgetSession();
  }

  /** Looks at a slot until nothing comes between. */
  private void verify(Slot slot) {
    Operation read = null;
    while (read == null || read.exchange().status() != 0) {
      read = startRead(slot, SLOT_BLOCKS);
      settle(read);
    }
  }

  /** Does something; when the connection ends meanwhile, somebody must have reset the target. */
  private boolean unlessReset(Runnable something) {
    try {
      something.run();
      return true;
    } catch (ConnectionEnded | UncheckedIOException e) {
      if (resets.begun.get() == resetsBeforeLogin) {
        throw new AssertionError("initiator " + number + " lost a connection", e);
      }
      forgetSession();
      return false;
    }
  }

  private void step() {
    if (connections.isEmpty()) {
      login();
    }
    switch (random.nextInt(64)) {
      case 0 -> leave();
      case 1 -> breakOff();
      case 2 -> reinstateSession();
      case 3 -> endByNonsense();
      case 4, 5, 6, 7, 8 -> join();
      case 9, 10 -> reinstateConnection();
      case 11, 12 -> logoutConnection();
      case 13, 14 -> logoutAnother();
      case 15 -> resetUnit(TaskManagementFunction.LOGICAL_UNIT_RESET);
      case 16 -> resetUnit(TaskManagementFunction.CLEAR_TASK_SET);
      case 17, 18 -> resetUnit(TaskManagementFunction.ABORT_TASK_SET);
      case 19 -> resetTarget();
      case 20 -> coldReset();
      case 21 -> discover();
      case 22 -> any().redeclareMaxRecv(512 + random.nextInt(100_000));
      case 23, 24 -> ping();
      case 25, 26, 27, 28 -> abort();
      case 29, 30, 31, 32, 33, 34, 35, 36, 37, 38 -> read();
      case 39, 40, 41, 42, 43, 44, 45, 46 -> settleOne();
      default -> write();
    }
  }

  private ScriptedInitiator any() {
    return connections.get(random.nextInt(connections.size()));
  }

  // ---- sessions --------------------------------------------------------------------------------

  private void login() {
    resetsBeforeLogin = resets.over.get();
    note("logs in");
    ScriptedInitiator leading = server.connect();
    connections.add(leading);
    int burst = 512 << random.nextInt(9);
    LoginScript login = digests(leading.login());
    login
        .isid(isid(number))
        .offer("MaxConnections", MAX_CONNECTIONS)
        .offer("InitialR2T", random.nextBoolean() ? "Yes" : "No")
        .offer("ImmediateData", random.nextBoolean() ? "Yes" : "No")
        .offer("MaxBurstLength", Math.max(burst, 8192))
        .offer("FirstBurstLength", burst)
        .offer("MaxOutstandingR2T", 1 + random.nextInt(4))
        .offer("DataPDUInOrder", random.nextBoolean() ? "Yes" : "No")
        .offer("DataSequenceInOrder", random.nextBoolean() ? "Yes" : "No")
        .offer("ErrorRecoveryLevel", random.nextInt(2))
        .offer("TaskReporting", TASK_REPORTING.get(random.nextInt(TASK_REPORTING.size())));
    letIn(login);
  }

  /** Who resets the target ends sessions whose logins are about to end, too. */
  private static void letIn(LoginScript login) {
    LoginStatus status = login.tryPerform().status();
    if (status != LoginStatus.SUCCESS) {
      throw new UncheckedIOException(new IOException("login ended with " + status));
    }
  }

  private LoginScript digests(LoginScript login) {
    return login
        .offer("HeaderDigest", random.nextBoolean() ? "CRC32C" : "None")
        .offer("DataDigest", random.nextBoolean() ? "CRC32C" : "None")
        .offer("MaxRecvDataSegmentLength", 512 + random.nextInt(100_000));
  }

  private void leave() {
    any().logout();
    forgetSession();
  }

  private void breakOff() {
    any().reset();
    forgetSession();
  }

  /** Sends what announces more data than anybody may send, which is the end of the session. */
  private void endByNonsense() {
    byte[] nonsense = Patterns.bytes(Pdu.BHS_LENGTH + HEADER_DIGEST, random.nextLong());
    nonsense[4] = 0;
    nonsense[5] = (byte) 0xff;
    ScriptedInitiator connection = any();
    connection.sendRaw(nonsense);
    awaitEnd(connection);
    forgetSession();
  }

  /** Logs in again while the old session is alive. */
  private void reinstateSession() {
    List<ScriptedInitiator> old = List.copyOf(connections);
    connections.clear();
    try {
      login();
    } finally {
      old.forEach(ScriptedInitiator::close);
      cutShort(operation -> old.contains(operation.exchange().connection()));
    }
  }

  private void forgetSession() {
    connections.forEach(ScriptedInitiator::close);
    connections.clear();
    cutShort(operation -> true);
  }

  // ---- connections -----------------------------------------------------------------------------

  private void join() {
    if (connections.size() < MAX_CONNECTIONS) {
      connections.add(join(nextCid++));
    }
  }

  private ScriptedInitiator join(int cid) {
    LoginScript login = digests(any().joining(cid));
    try {
      letIn(login);
    } catch (UncheckedIOException e) {
      login.connection().close();
      throw e;
    }
    return login.connection();
  }

  private void reinstateConnection() {
    ScriptedInitiator old = any();
    old.ping(new byte[4]); // a command that is lost would leave a gap that holds up all others
    ScriptedInitiator fresh = join(old.cid());
    awaitEnd(old);
    connections.add(fresh);
    forget(old);
  }

  private void logoutConnection() {
    ScriptedInitiator connection = any();
    connection.logoutConnection();
    forget(connection);
  }

  private void logoutAnother() {
    ScriptedInitiator one = any();
    ScriptedInitiator other = any();
    if (one != other) {
      int response = one.logout(LogoutReason.CLOSE_CONNECTION.code(), other.cid()).response();
      expect("response " + response, "response 0");
      awaitEnd(other);
      forget(other);
    }
  }

  /** Takes what comes until the target ends the connection. */
  private static void awaitEnd(ScriptedInitiator connection) {
    try {
      while (true) {
        connection.receive();
      }
    } catch (ConnectionEnded e) {
      // as it should
    }
  }

  private void forget(ScriptedInitiator connection) {
    connection.close();
    connections.remove(connection);
    cutShort(operation -> operation.exchange().connection() == connection);
  }

  /** Commands that are not answered yet will not be any more. */
  private void cutShort(Predicate<Operation> which) {
    for (Operation each : List.copyOf(outstanding)) {
      if (which.test(each)) {
        over(each);
      }
    }
  }

  private void over(Operation operation) {
    if (operation.exchange().ended()) {
      settle(operation);
      return;
    }
    outstanding.remove(operation);
    busy.remove(operation.slot());
    operation.exchange().connection().forget(operation.exchange());
    if (operation.written() != null) {
      operation.slot().maybeWritten(operation.written());
    }
  }

  // ---- task management -------------------------------------------------------------------------

  private void abort() {
    if (!outstanding.isEmpty()) {
      Operation operation = outstanding.peekLast();
      operation.exchange().connection().abortIfStillThere(operation.exchange());
      over(operation);
    }
  }

  private void resetUnit(TaskManagementFunction function) {
    int lun = random.nextInt(UNITS);
    perform(function, lun);
    cutShort(operation -> operation.slot().lun() == lun);
  }

  private void resetTarget() {
    perform(TaskManagementFunction.TARGET_WARM_RESET, 0);
    cutShort(operation -> true);
  }

  private void perform(TaskManagementFunction function, int lun) {
    ScriptedInitiator connection = any();
    note(function + " over connection " + connection.cid());
    synchronize(connection); // every command is there
    int tag =
        connection.sendTaskManagement(
            function.code(), lun, Pdu.RESERVED_TAG, 0, connection.nextCmdSn());
    acknowledgeUntil(() -> connection.hasAnswer(tag));
    expect("response " + connection.taskManagementAnswer(tag), "response 0");
    synchronize(connection); // every answer from before is here
  }

  /** A response fence may wait for what the other connections have to acknowledge. */
  private void acknowledgeUntil(BooleanSupplier answered) {
    while (!answered.getAsBoolean()) {
      connections.forEach(each -> each.ping(new byte[4]));
    }
  }

  private void synchronize(ScriptedInitiator but) {
    for (ScriptedInitiator each : connections) {
      if (each != but) {
        each.ping(new byte[4]);
      }
    }
  }

  /** Ends the connections of all initiators, these included. */
  private void coldReset() {
    if (random.nextInt(4) > 0) {
      return; // or nobody gets far
    }
    ScriptedInitiator connection = any();
    synchronize(connection);
    if (!resets.begin(number)) {
      return;
    }
    try {
      connection.sendTaskManagement(
          TaskManagementFunction.TARGET_COLD_RESET.code(),
          0,
          Pdu.RESERVED_TAG,
          0,
          connection.nextCmdSn());
      acknowledgeUntilItEnds(connection);
    } finally {
      resets.end();
      forgetSession();
    }
  }

  private void acknowledgeUntilItEnds(ScriptedInitiator connection) {
    try {
      acknowledgeUntil(() -> false);
    } catch (ConnectionEnded | UncheckedIOException e) {
      awaitEnd(connection);
    }
  }

  // ---- reading and writing ---------------------------------------------------------------------

  private Slot freeSlot() {
    Slot slot = slots.get(random.nextInt(slots.size()));
    return busy.contains(slot) || outstanding.size() == MAX_OUTSTANDING ? null : slot;
  }

  private int someBlocks() {
    return 1 + random.nextInt(random.nextInt(4) == 0 ? SLOT_BLOCKS : 16);
  }

  private void write() {
    Slot slot = freeSlot();
    if (slot != null) {
      byte[] data = Patterns.bytes(someBlocks() * Cdbs.BLOCK, random.nextLong());
      byte[] cdb = Cdbs.write10(slot.lba(), data.length / Cdbs.BLOCK);
      start(slot, any().command(cdb).write(data), data);
    }
  }

  private void read() {
    Slot slot = freeSlot();
    if (slot != null) {
      startRead(slot, someBlocks());
    }
  }

  private Operation startRead(Slot slot, int blocks) {
    byte[] cdb = Cdbs.read10(slot.lba(), blocks);
    return start(slot, any().command(cdb).read(blocks * Cdbs.BLOCK), null);
  }

  private Operation start(Slot slot, CommandScript command, byte[] written) {
    command.lun(slot.lun()).attribute(random.nextInt(16) == 0 ? ORDERED : SIMPLE);
    busy.add(slot);
    Exchange exchange = command.send();
    Operation operation = new Operation(exchange, slot, written);
    outstanding.add(operation);
    return operation;
  }

  private void settleOne() {
    if (!outstanding.isEmpty()) {
      settle(outstanding.peek());
    }
  }

  /** Waits for the end of a command. */
  private void settle(Operation operation) {
    String outcome = operation.exchange().await().outcome();
    outstanding.remove(operation);
    busy.remove(operation.slot());
    byte[] written = operation.written();
    if (outcome.equals(TASK_ABORTED)) {
      if (written != null) {
        operation.slot().maybeWritten(written);
      }
    } else if (!outcome.startsWith(UNIT_ATTENTION)) {
      expect(outcome, "GOOD");
      if (written == null) {
        operation.slot().read(operation.exchange().data());
      } else {
        operation.slot().written(written);
      }
    }
  }

  private void ping() {
    byte[] data = Patterns.bytes(random.nextInt(500), random.nextLong());
    Patterns.assertSame(any().ping(data), data);
  }

  private void discover() {
    try (ScriptedInitiator stranger = server.connect()) {
      stranger.login().discovery().isid(0x8000_0000_2000L + number).perform();
      List<KeyValue> found = stranger.text(new KeyValue("SendTargets", "All"));
      expect(found.get(0).value(), TestServer.TARGET);
      stranger.logout();
    }
  }
}
