package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.io.IOException;
import org.iscsi4j.api.BlockDeviceException;
import org.iscsi4j.api.BlockDeviceException.Kind;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.FaultyDevice;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A storage fault is sense, and nothing else: the connection lives on. */
class DeviceFaultTest {

  @ParameterizedTest
  @CsvSource({
    "NEVER, MEDIUM_ERROR, CHECK CONDITION 3/11/00",
    "LONG, MEDIUM_ERROR, CHECK CONDITION 3/11/00",
    "NEVER, HARDWARE_ERROR, CHECK CONDITION 4/44/00",
    "LONG, HARDWARE_ERROR, CHECK CONDITION 4/44/00",
    "LONG, NOT_READY, CHECK CONDITION 2/04/00",
    "LONG, BUSY, status 08"
  })
  void readThatFails(Blocking blocking, Kind kind, String outcome) {
    FaultyDevice device = new FaultyDevice(1 << 20, blocking);
    try (TestServer server = TestServer.serving(device);
        ScriptedInitiator initiator = server.login()) {
      device.failNext(new BlockDeviceException(kind, "a test wants it"));

      Exchange read = initiator.command(Cdbs.read10(0, 8)).read(4096).await();

      assertThat(read.outcome()).isEqualTo(outcome);
      assertThat(read.residual()).isEqualTo("underflow 4096");
      assertWorks(initiator);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NEVER, MEDIUM_ERROR, CHECK CONDITION 3/0c/00",
    "LONG, MEDIUM_ERROR, CHECK CONDITION 3/0c/00",
    "LONG, OUT_OF_SPACE, CHECK CONDITION 7/27/07",
    "NEVER, WRITE_PROTECTED, CHECK CONDITION 7/27/00"
  })
  void writeThatFails(Blocking blocking, Kind kind, String outcome) {
    FaultyDevice device = new FaultyDevice(1 << 20, blocking);
    try (TestServer server = TestServer.serving(device);
        ScriptedInitiator initiator = server.login()) {
      device.failNext(new BlockDeviceException(kind, "a test wants it"));

      Exchange write =
          initiator.command(Cdbs.write10(0, 128)).write(new byte[65_536]).immediate(512).await();

      assertThat(write.outcome()).isEqualTo(outcome);
      assertWorks(initiator);
    }
  }

  @ParameterizedTest
  @EnumSource(Blocking.class)
  void bugInTheDevice(Blocking blocking) {
    FaultyDevice device = new FaultyDevice(1 << 20, blocking);
    try (TestServer server = TestServer.serving(device);
        ScriptedInitiator initiator = server.login()) {
      device.failNext(new IllegalStateException("a bug"));
      assertThat(initiator.command(Cdbs.read10(0, 8)).read(4096).await().outcome())
          .isEqualTo("CHECK CONDITION 4/44/00");
      device.failNext(new IOException("no kind"));
      assertThat(initiator.command(Cdbs.synchronizeCache10()).await().outcome())
          .startsWith("CHECK CONDITION 3/");
      assertWorks(initiator);
    }
  }

  @ParameterizedTest
  @EnumSource(Blocking.class)
  void largeReadThatFailsHalfway(Blocking blocking) {
    FaultyDevice device = new FaultyDevice(8 << 20, blocking);
    try (TestServer server = TestServer.serving(device);
        ScriptedInitiator initiator =
            server.login(login -> login.offer("MaxRecvDataSegmentLength", 65_536))) {
      device.failAfter(blocking == Blocking.LONG ? 1 : 5, new IOException("a test wants it"));

      Exchange read = initiator.command(Cdbs.read10(0, 8192)).read(4 << 20).await();

      assertThat(read.outcome()).isEqualTo("CHECK CONDITION 3/11/00");
      assertThat(read.dataIn()).isNotEmpty();
      assertThat(read.residual()).isEqualTo("underflow " + ((4 << 20) - read.data().length));
      assertWorks(initiator);
    }
  }

  private static void assertWorks(ScriptedInitiator initiator) {
    byte[] data = Patterns.bytes(1024, 1);
    initiator.write(4, data);
    assertSame(initiator.read(4, 2), data);
  }
}
