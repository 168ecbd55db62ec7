package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.StateStore;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a unit keeps when its server ends, and the next server finds. */
class StateStoreTest {

  private static final byte[] MODE_SENSE = {0x1a, 0x08, 0x0a, 0, (byte) 0xff, 0};
  private static final byte[] READ_KEYS = {0x5e, 0, 0, 0, 0, 0, 0, 1, 0, 0};

  @TempDir private Path folder;

  private TestServer server() throws IOException {
    StateStore store = StateStore.inDirectory(folder);
    return TestServer.serving(settings -> settings.stateStore(store), MemoryDevice.ofSize(1 << 20));
  }

  @Test
  void savedModePagesAndReservationsSurviveTheServer() throws IOException {
    byte[] saved;
    try (TestServer first = server();
        ScriptedInitiator initiator = first.login().clearUnitAttentions(0)) {
      saved = initiator.command(MODE_SENSE).read(255).await().data();
      saved[0] = 0; // reserved in a list
      saved[2] = 0;
      saved[6] ^= 0x04; // D_SENSE
      byte[] select = {0x15, 0x11, 0, 0, (byte) saved.length, 0};
      assertThat(initiator.command(select).write(saved).await().outcome()).isEqualTo("GOOD");

      byte[] register = {0x5f, 0, 0, 0, 0, 0, 0, 0, 24, 0};
      byte[] parameters = new byte[24];
      parameters[15] = 0x42; // SERVICE ACTION RESERVATION KEY
      parameters[20] = 0x01; // APTPL
      assertThat(initiator.command(register).write(parameters).await().outcome()).isEqualTo("GOOD");
    }

    try (TestServer second = server();
        ScriptedInitiator initiator = second.login().clearUnitAttentions(0)) {
      byte[] found = initiator.command(MODE_SENSE).read(255).await().data();
      assertThat(found[6]).isEqualTo(saved[6]);
      byte[] keys = initiator.command(READ_KEYS).read(256).await().data();
      assertThat(keys).hasSize(16).endsWith(0, 0, 0, 0, 0, 0, 0, 0x42);
    }
  }
}
