package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.iscsi4j.protocol.DataOutPdu;
import org.iscsi4j.protocol.Pdu;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.GatedDevice;
import org.iscsi4j.target.fixture.GatedDevice.Kind;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices whose calls are made on the executor. */
class SlowDeviceTest {

  private static final int BLOCKS_64K = 128;
  private static final int BYTES_64K = BLOCKS_64K * 512;

  private GatedDevice device;
  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    device = new GatedDevice(64 << 20);
    server = TestServer.serving(settings -> settings.eventLoops(1), device);
    initiator = server.login();
  }

  @AfterEach
  void stop() {
    device.release();
    initiator.close();
    server.close();
  }

  private Exchange startRead(long lba, int blocks) {
    return initiator.command(Cdbs.read10(lba, blocks)).read(blocks * 512).send();
  }

  private Exchange startWrite(long lba, byte[] data) {
    return initiator.command(Cdbs.write10(lba, data.length / 512)).write(data).send();
  }

  // ---- the plain path ------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 65_536, 131_072, 1 << 20, (1 << 20) + 512, 5 << 20})
  void whatIsWrittenIsReadAgain(int bytes) {
    byte[] data = Patterns.bytes(bytes, bytes);

    initiator.write(3, data);

    assertSame(device.memory().readBytes(3 * 512, bytes), data);
    assertSame(initiator.read(3, bytes / 512), data);
  }

  @Test
  void flushIsAnsweredWhenTheDeviceHasFlushed() {
    device.hold();
    Exchange flush = initiator.command(Cdbs.synchronizeCache10()).send();
    GatedDevice.Call call = device.awaitCall();

    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(flush.ended()).isFalse();
    assertThat(call.kind()).isEqualTo(Kind.FLUSH);
    call.release();

    assertThat(flush.await().outcome()).isEqualTo("GOOD");
  }

  @Test
  void answersComeInTheOrderOfTheDevice() throws Exception {
    byte[] disk = Patterns.bytes(3 * 512, 4);
    device.memory().writeBytes(0, disk);
    device.hold();
    Exchange first = startRead(0, 1);
    GatedDevice.Call firstCall = device.awaitCall();
    Exchange second = startRead(1, 1);
    GatedDevice.Call secondCall = device.awaitCall();
    Exchange third = startRead(2, 1);
    GatedDevice.Call thirdCall = device.awaitCall();

    thirdCall.release();
    assertSame(third.await().data(), Arrays.copyOfRange(disk, 1024, 1536));
    firstCall.release();
    assertSame(first.await().data(), Arrays.copyOfRange(disk, 0, 512));
    assertThat(second.ended()).isFalse();
    secondCall.release();
    assertSame(second.await().data(), Arrays.copyOfRange(disk, 512, 1024));
  }

  @Test
  void pingAndOtherCommandsAreAnsweredWhileTheDeviceHangs() {
    device.hold();
    Exchange hanging = startRead(0, 1);
    device.awaitCall();

    assertThat(initiator.ping(new byte[] {1, 2, 3})).containsExactly(1, 2, 3);
    assertThat(initiator.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    try (ScriptedInitiator other = server.login(login -> login.isid(2))) {
      assertThat(other.ping(new byte[] {4})).containsExactly(4);
    }
    assertThat(hanging.ended()).isFalse();
  }

  @Test
  void immediateDataIsKeptUntilTheDeviceTakesIt() {
    device.hold();
    byte[] first = Patterns.bytes(512, 5);
    byte[] second = Patterns.bytes(512, 6);
    Exchange one = startWrite(0, first);
    GatedDevice.Call call = device.awaitCall();
    Exchange two = startWrite(1, second);
    device.awaitCall().release();
    assertThat(two.await().outcome()).isEqualTo("GOOD");

    call.release();

    assertThat(one.await().outcome()).isEqualTo("GOOD");
    assertSame(device.memory().readBytes(0, 512), first);
    assertSame(device.memory().readBytes(512, 512), second);
  }

  // ---- data that nobody asked for while the device works
  // -------------------------------------------

  @Test
  void strayDataDoesNotFreeTheBufferThatTheDeviceWritesFrom() {
    device.hold();
    byte[] mine = Patterns.bytes(BYTES_64K, 7);
    Exchange write = startWrite(0, mine);
    GatedDevice.Call call = device.awaitCall();

    // RFC 7143 section 11.7: no sequence is open for it
    initiator.send(write.dataOutPdu(Pdu.RESERVED_TAG, 0, 0, true), new byte[512]);
    initiator.ping(new byte[4]);
    startWrite(1024, Patterns.bytes(BYTES_64K, 8));
    device.awaitCall();
    call.finish();

    assertSame(device.memory().readBytes(0, BYTES_64K), mine);
  }

  @Test
  void strayDataDoesNotFreeTheBufferThatTheDeviceReadsInto() throws Exception {
    byte[] onDisk = Patterns.bytes(BYTES_64K, 9);
    byte[] elsewhere = Patterns.bytes(BYTES_64K, 10);
    device.memory().writeBytes(0, onDisk);
    device.memory().writeBytes(1 << 20, elsewhere);
    device.hold();
    Exchange read = startRead(0, BLOCKS_64K);
    GatedDevice.Call call = device.awaitCall();

    initiator.send(read.dataOutPdu(Pdu.RESERVED_TAG, 0, 0, true), new byte[512]);
    initiator.ping(new byte[4]);
    // a write takes a buffer of the same size; the late read must not end up in it
    byte[] mine = Patterns.bytes(BYTES_64K, 11);
    Exchange write = startWrite(4096, mine);
    GatedDevice.Call writeCall = device.awaitCall();
    call.finish();
    writeCall.finish();

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(device.memory().readBytes(4096L * 512, BYTES_64K), mine);
  }

  @Test
  void dataBeyondWhatTheCommandNeedsDoesNotWriteTwice() {
    device.hold();
    byte[] data = Patterns.bytes(1024, 12);
    initiator.close();
    initiator = server.login(login -> login.offer("InitialR2T", "No"));
    Exchange write =
        initiator.command(Cdbs.write10(0, 1)).write(data).immediate(512).unsolicited(512).send();
    GatedDevice.Call call = device.awaitCall();
    initiator.ping(new byte[4]);

    assertThat(device.callsUnseen()).isZero();
    call.release();
    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertThat(write.residual()).isEqualTo("underflow 512");
    assertThat(device.callsUnseen()).isZero();
  }

  // ---- commands that are aborted while the device works
  // ------------------------------------------

  @Test
  void lateReadOfAnAbortedCommandHarmsNobody() throws Exception {
    device.memory().writeBytes(0, Patterns.bytes(BYTES_64K, 13));
    device.hold();
    Exchange read = startRead(0, BLOCKS_64K);
    GatedDevice.Call late = device.awaitCall();
    assertThat(initiator.abort(read)).isZero();
    byte[] mine = Patterns.bytes(BYTES_64K, 14);
    Exchange write = startWrite(4096, mine);
    GatedDevice.Call call = device.awaitCall();

    late.finish();
    call.finish();

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(device.memory().readBytes(4096L * 512, BYTES_64K), mine);
  }

  @Test
  void abortOfAWriteIsCompleteWhenTheDeviceCanChangeNothingAnyMore() {
    device.hold();
    byte[] aborted = Patterns.bytes(BYTES_64K, 15);
    Exchange write = startWrite(0, aborted);
    GatedDevice.Call late = device.awaitCall();
    int abort =
        initiator.sendTaskManagement(1, 0, write.tag(), write.cmdSn(), initiator.nextCmdSn());
    byte[] other = Patterns.bytes(BYTES_64K, 16);
    Exchange next = startWrite(4096, other);
    GatedDevice.Call call = device.awaitCall();

    // everything else goes on, and the function is not complete
    assertThat(initiator.ping(new byte[4])).hasSize(4);
    assertThat(initiator.hasAnswer(abort)).isFalse();
    late.finish();
    assertThat(initiator.taskManagementAnswer(abort)).isZero();
    initiator.forget(write);
    call.finish();
    assertThat(next.await().outcome()).isEqualTo("GOOD");
    device.release();

    // what the device had begun has ended, with its own bytes, and nothing overwrites what follows
    assertSame(device.memory().readBytes(0, BYTES_64K), aborted);
    assertSame(device.memory().readBytes(4096L * 512, BYTES_64K), other);
    initiator.write(0, other);
    assertSame(initiator.read(0, BLOCKS_64K), other);
  }

  @Test
  void resetIsCompleteWhenTheDeviceCanChangeNothingAnyMore() {
    try (ScriptedInitiator resetter = server.login(login -> login.isid(2))) {
      device.hold();
      Exchange write = startWrite(0, Patterns.bytes(512, 17));
      GatedDevice.Call late = device.awaitCall();
      int reset = resetter.sendTaskManagement(5, 0, Pdu.RESERVED_TAG, 0, resetter.nextCmdSn());

      assertThat(resetter.ping(new byte[4])).hasSize(4);
      assertThat(initiator.ping(new byte[4])).hasSize(4);
      assertThat(resetter.hasAnswer(reset)).isFalse();
      late.finish();

      assertThat(resetter.taskManagementAnswer(reset)).isZero();
      initiator.forget(write);
    }
  }

  @Test
  void lateReadOfALostSessionHarmsNobody() throws Exception {
    device.memory().writeBytes(0, Patterns.bytes(BYTES_64K, 17));
    device.hold();
    startRead(0, BLOCKS_64K);
    GatedDevice.Call late = device.awaitCall();
    initiator.reset();
    server.events().awaitClosed();
    initiator = server.login();
    byte[] mine = Patterns.bytes(BYTES_64K, 18);
    Exchange write = startWrite(4096, mine);
    GatedDevice.Call call = device.awaitCall();

    late.finish();
    call.finish();

    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(device.memory().readBytes(4096L * 512, BYTES_64K), mine);
  }

  @Test
  void damagedStrayDataDoesNotFreeTheBufferThatTheDeviceWritesFrom() {
    initiator.close();
    initiator = server.login(login -> login.offer("DataDigest", "CRC32C"));
    device.hold();
    byte[] mine = Patterns.bytes(BYTES_64K, 19);
    Exchange write = startWrite(0, mine);
    GatedDevice.Call call = device.awaitCall();
    DataOutPdu stray = write.dataOutPdu(Pdu.RESERVED_TAG, 0, 0, true);
    byte[] damaged = initiator.bytes(stray, new byte[512]);
    damaged[100] = 1;

    initiator.sendRaw(stray, damaged);
    initiator.ping(new byte[4]);
    startWrite(1024, Patterns.bytes(BYTES_64K, 20));
    device.awaitCall();
    call.finish();

    assertSame(device.memory().readBytes(0, BYTES_64K), mine);
  }

  @Test
  void callThatAnExecutorRefusesEndsWithBusy() {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    executor.shutdown();
    try (TestServer other = TestServer.serving(settings -> settings.executor(executor), device);
        ScriptedInitiator fresh = other.login()) {
      Exchange read = fresh.command(Cdbs.read10(0, 8)).read(4096).await();

      assertThat(read.outcome()).isEqualTo("status 08");
      assertThat(fresh.command(Cdbs.testUnitReady()).await().outcome()).isEqualTo("GOOD");
    }
  }

  // ---- a unit that hangs
  // -------------------------------------------------------------------------

  @Test
  void unitThatHangsLeavesRoomForTheOthers() {
    GatedDevice healthy = new GatedDevice(64 << 20);
    try (TestServer both = TestServer.serving(settings -> settings.eventLoops(1), device, healthy);
        ScriptedInitiator busy =
            both.login(login -> login.offer("InitialR2T", "No")).clearUnitAttentions(1)) {
      device.hold();
      byte[] data = Patterns.bytes(4 << 20, 22);
      for (int i = 0; i < 30; i++) {
        busy.command(Cdbs.read10(0, 2048)).read(1 << 20).send();
        busy.command(Cdbs.write10(8192, 2048)).write(new byte[1 << 20]).send();
      }
      device.awaitCall();

      for (int i = 0; i < 5; i++) {
        Exchange write = busy.command(Cdbs.write10(0, 8192)).lun(1).write(data).send();
        assertThat(write.await().outcome()).isEqualTo("GOOD");
        Exchange read = busy.command(Cdbs.read10(0, 8192)).lun(1).read(4 << 20).send();
        assertSame(read.await().data(), data);
      }
      device.release();
    }
  }

  @Test
  void everythingThatWaitedForAHangingUnitEndsInTheEnd() throws Exception {
    byte[] onDisk = Patterns.bytes(1 << 20, 23);
    device.memory().writeBytes(0, onDisk);
    device.hold();
    Exchange[] reads = new Exchange[40];
    for (int i = 0; i < reads.length; i++) {
      reads[i] = startRead(0, 2048);
    }
    byte[] data = Patterns.bytes(2 << 20, 24);
    Exchange[] writes = new Exchange[20];
    for (int i = 0; i < writes.length; i++) {
      writes[i] = startWrite(8192 + i * 4096, data);
    }
    device.awaitCall();
    assertThat(initiator.ping(new byte[4])).hasSize(4);

    device.release();

    for (Exchange read : reads) {
      assertSame(read.await().data(), onDisk);
    }
    for (int i = 0; i < writes.length; i++) {
      assertThat(writes[i].await().outcome()).isEqualTo("GOOD");
      assertSame(device.memory().readBytes((8192L + i * 4096) * 512, 2 << 20), data);
    }
  }

  @Test
  void writeThatWaitsForReadDataToLeaveIsAskedForItsDataThen() {
    device.hold();
    Exchange[] reads = new Exchange[28];
    for (int i = 0; i < reads.length; i++) {
      reads[i] = startRead(0, 2048);
      device.awaitCall();
    }
    byte[] data = Patterns.bytes(16 << 20, 25);
    Exchange write = startWrite(8192, data);
    initiator.ping(new byte[4]);

    // all reads end before the initiator has taken their data
    device.release();

    for (Exchange read : reads) {
      assertThat(read.await().outcome()).isEqualTo("GOOD");
    }
    assertThat(write.await().outcome()).isEqualTo("GOOD");
    assertSame(device.memory().readBytes(8192L * 512, data.length), data);
  }
}
