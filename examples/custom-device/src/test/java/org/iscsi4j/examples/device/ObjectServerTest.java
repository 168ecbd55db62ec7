package org.iscsi4j.examples.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The device behind a server, as an initiator sees it. */
@Timeout(20)
class ObjectServerTest {

  private static final int BLOCK = 4096;

  @TempDir Path folder;

  @Test
  void whatAnInitiatorSynchronizesIsInTheStore() throws Exception {
    ObjectStore store = new FolderStore(folder);
    byte[] data = new byte[40 * BLOCK];
    new Random(1).nextBytes(data);

    try (TestServer server = TestServer.serving(new ObjectDevice(store, 1 << 20));
        ScriptedInitiator initiator = server.login()) {
      assertThat(initiator.command(Cdbs.write10(10, 40)).write(data).await().outcome())
          .isEqualTo("GOOD");
      assertThat(initiator.command(Cdbs.read10(10, 40)).read(data.length).await().data())
          .isEqualTo(data);
      assertThat(store.get(0)).isEmpty();

      assertThat(initiator.command(Cdbs.synchronizeCache10()).await().outcome()).isEqualTo("GOOD");

      assertThat(store.get(0)).isPresent();
      assertThat(store.get(3)).isPresent();
      assertThat(store.get(4)).isEmpty();
    }
  }

  @Test
  void anInitiatorLearnsTheGeometry() throws Exception {
    try (TestServer server =
            TestServer.serving(new ObjectDevice(new FolderStore(folder), 1 << 20));
        ScriptedInitiator initiator = server.login()) {
      byte[] capacity = initiator.command(Cdbs.readCapacity10()).read(8).await().data();

      assertThat(capacity).containsExactly(0, 0, 0, (byte) 255, 0, 0, 0x10, 0);
    }
  }
}
