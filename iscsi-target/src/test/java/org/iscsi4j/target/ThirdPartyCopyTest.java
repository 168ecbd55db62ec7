package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.nio.ByteBuffer;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.Test;

/** The server copies by itself, from a unit of one of its targets to a unit of another. */
class ThirdPartyCopyTest {

  private static final String OTHER = "iqn.2026-01.org.iscsi4j.test:other";
  private static final int BLOCKS = 5000;
  private static final int DESIGNATION_LENGTH = 12;

  @Test
  void blocksGoFromATargetToAnotherOneWithoutTheInitiator() throws Exception {
    MemoryDevice second = MemoryDevice.ofSize(8 << 20);
    byte[] data = Patterns.bytes(BLOCKS * 512, 1);
    try (TestServer server =
            TestServer.start(
                settings -> settings.target(Target.builder(OTHER).lun(second).build()));
        ScriptedInitiator one = server.login();
        ScriptedInitiator two = server.login(login -> login.target(OTHER))) {
      server.disk().write(1024, ByteBuffer.wrap(data));

      byte[] list = list(designation(one), designation(two));
      byte[] cdb = ByteBuffer.allocate(16).put((byte) 0x83).putInt(10, list.length).array();
      Exchange copy = one.command(cdb).write(list).await();

      assertThat(copy.status()).isZero();
      assertSame(two.read(7, 1), Patterns.bytes(512, 1));
      assertSame(second.readBytes(7 * 512, data.length), data);
    }
  }

  /** The first designation descriptor of page 83h, which is that of the unit. */
  private static byte[] designation(ScriptedInitiator initiator) throws Exception {
    byte[] page =
        initiator.command(new byte[] {0x12, 1, (byte) 0x83, 0, 16, 0}).read(16).await().data();
    return ByteBuffer.allocate(DESIGNATION_LENGTH).put(page, 4, DESIGNATION_LENGTH).array();
  }

  private static byte[] list(byte[] source, byte[] destination) {
    ByteBuffer list = ByteBuffer.allocate(16 + 64 + 28);
    list.putShort(2, (short) 64).putInt(8, 28);
    list.put(16, (byte) 0xe4).put(20, source).putInt(44, 512);
    list.put(48, (byte) 0xe4).put(52, destination).putInt(76, 512);
    return list.position(80)
        .put((byte) 0x02)
        .put((byte) 0)
        .putShort((short) 24)
        .putShort((short) 0)
        .putShort((short) 1)
        .putShort((short) 0)
        .putShort((short) BLOCKS)
        .putLong(2)
        .putLong(7)
        .array();
  }
}
