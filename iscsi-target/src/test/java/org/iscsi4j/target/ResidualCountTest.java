package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.util.Arrays;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a CDB moves against what the initiator expects (RFC 7143 section 11.4.5). */
class ResidualCountTest {

  private TestServer server;
  private ScriptedInitiator initiator;

  @BeforeEach
  void start() {
    server = TestServer.start();
    initiator = server.login();
  }

  @AfterEach
  void stop() {
    initiator.close();
    server.close();
  }

  @ParameterizedTest(name = "READ of {0} blocks, {1} bytes expected")
  @CsvSource({
    "2, 1024, 1024, none",
    "2, 2048, 1024, underflow 1024",
    "2, 1025, 1024, underflow 1",
    "2, 512, 512, overflow 512",
    "2, 1000, 1000, overflow 24",
    "2, 1, 1, overflow 1023",
    "2, 0, 0, overflow 1024",
    "0, 512, 0, underflow 512",
    "0, 0, 0, none"
  })
  void reads(int blocks, int expected, int moved, String residual) throws Exception {
    byte[] data = Patterns.bytes(4096, 1);
    server.disk().writeBytes(0, data);

    Exchange read = initiator.command(Cdbs.read10(0, blocks)).read(expected).await();

    assertThat(read.outcome()).isEqualTo("GOOD");
    assertThat(read.residual()).isEqualTo(residual);
    assertSame(read.data(), Arrays.copyOf(data, moved));
  }

  @ParameterizedTest(name = "WRITE of {0} blocks, {1} bytes offered")
  @CsvSource({
    "2, 1024, 1024, none",
    "2, 2048, 1024, underflow 1024",
    "2, 512, 512, overflow 512",
    "2, 0, 0, overflow 1024",
    "0, 512, 0, underflow 512"
  })
  void writes(int blocks, int offered, int written, String residual) {
    byte[] data = Patterns.bytes(offered, 2);
    for (int immediate : new int[] {0, offered}) {
      server.disk().clear();

      Exchange write =
          initiator.command(Cdbs.write10(0, blocks)).write(data).immediate(immediate).await();

      assertThat(write.outcome()).isEqualTo("GOOD");
      assertThat(write.residual()).isEqualTo(residual);
      assertSame(
          server.disk().readBytes(0, 4096), Arrays.copyOf(Arrays.copyOf(data, written), 4096));
    }
  }

  @Test
  void neitherReadingNorWriting() {
    // R = W = 0 with a CDB that moves data: never wait for data that never comes
    Exchange read = initiator.command(Cdbs.read10(0, 2)).await();
    Exchange write = initiator.command(Cdbs.write10(0, 2)).await();

    assertThat(read.residual()).isEqualTo("overflow 1024");
    assertThat(write.residual()).isEqualTo("overflow 1024");
    assertSame(server.disk().readBytes(0, 1024), new byte[1024]);
  }

  @Test
  void readThatTheInitiatorTakesForAWrite() {
    Exchange read = initiator.command(Cdbs.read10(0, 1)).write(Patterns.bytes(512, 3)).await();

    assertThat(read.outcome()).isEqualTo("GOOD");
    assertThat(read.residual()).isEqualTo("underflow 512");
  }

  @Test
  void writeThatTheInitiatorTakesForARead() {
    Exchange write = initiator.command(Cdbs.write10(0, 1)).read(512).await();

    assertThat(write.residual()).isEqualTo("underflow 512");
    assertSame(server.disk().readBytes(0, 512), new byte[512]);
  }

  @Test
  void commandThatMovesNothing() {
    assertThat(initiator.command(Cdbs.testUnitReady()).read(512).await().residual())
        .isEqualTo("underflow 512");
    assertThat(initiator.command(Cdbs.testUnitReady()).write(new byte[512]).await().residual())
        .isEqualTo("underflow 512");
  }

  @Test
  void parameterDataThatIsShorterOrLongerThanExpected() {
    Exchange shorter = initiator.command(Cdbs.inquiry(255)).read(255).await();
    Exchange longer = initiator.command(Cdbs.inquiry(255)).read(5).await();

    assertThat(shorter.residual()).isEqualTo("underflow " + (255 - shorter.data().length));
    assertThat(longer.residual()).isEqualTo("overflow " + (shorter.data().length - 5));
    assertThat(longer.data()).isEqualTo(Arrays.copyOf(shorter.data(), 5));
  }

  @Test
  void commandThatFails() {
    long beyond = TestServer.DISK_SIZE / 512;

    assertThat(initiator.command(Cdbs.read10(beyond, 2)).read(1024).await().residual())
        .isEqualTo("underflow 1024");
    assertThat(initiator.command(Cdbs.write10(beyond, 2)).write(new byte[1024]).await().residual())
        .isEqualTo("underflow 1024");
  }

  @Test
  void initiatorThatExpectsTheMost() throws Exception {
    byte[] data = Patterns.bytes(512, 4);
    server.disk().writeBytes(0, data);

    Exchange read = initiator.command(Cdbs.read10(0, 1)).read(-1).await();
    assertSame(read.data(), data);
    assertThat(read.residual()).isEqualTo("underflow 4294966783");

    Exchange write =
        initiator.command(Cdbs.write10(1, 1)).write(data).expected(-1).immediate(512).await();
    assertThat(write.outcome()).isEqualTo("GOOD");
    assertThat(write.residual()).isEqualTo("underflow 4294966783");
    assertSame(server.disk().readBytes(512, 512), data);
  }

  @Test
  void bothDirectionsAreToldApart() {
    byte[] data = Patterns.bytes(1024, 5);

    Exchange write =
        initiator.command(Cdbs.write10(0, 1)).write(data).alsoRead(2048).immediate(1024).await();
    assertThat(write.residual()).isEqualTo("underflow 512");
    assertThat(write.bidirectionalReadResidual()).isEqualTo("underflow 2048");

    Exchange read =
        initiator.command(Cdbs.read10(0, 1)).write(data).alsoRead(512).immediate(1024).await();
    assertSame(read.data(), Arrays.copyOf(data, 512));
    assertThat(read.residual()).isEqualTo("underflow 1024");
    assertThat(read.bidirectionalReadResidual()).isEqualTo("none");
  }
}
