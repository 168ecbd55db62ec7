package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Concurrency;
import org.iscsi4j.api.Geometry;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.StateStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A state store that hangs holds up nobody but those who must save something. */
class HangingStoreTest {

  private final CountDownLatch storeWorks = new CountDownLatch(1);
  private final StateStore store =
      new StateStore() {
        @Override
        public Optional<byte[]> load(String name) {
          return Optional.empty();
        }

        @Override
        public void save(String name, byte[] value) {
          try {
            storeWorks.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        }
      };
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final TestDisk disk =
      new TestDisk(
          Geometry.of(512, 64),
          TestDisk.MEMORY.withBlocking(Blocking.LONG).withConcurrency(Concurrency.SERIAL));
  private final Engine engine = Engine.over(LogicalUnit.of(disk), new Devices(executor, store));

  @AfterEach
  void end() {
    storeWorks.countDown();
    executor.shutdown();
  }

  @Test
  void readsAndWritesGoOn() throws InterruptedException {
    byte[] list = new byte[24];
    list[15] = 1; // the key to register
    list[20] = 1; // APTPL
    byte[] page = engine.execute(Cdbs.hex("1a 08 0a 00 ff 00")).data();
    page[0] = 0;
    page[2] = 0;
    page[4] &= 0x3f; // PS
    byte[] select = Cdbs.hex("15 11 00 00 00 00");
    select[4] = (byte) page.length;
    TestTask reservation = engine.start(Cdbs.hex("5f 00 00 00 00 00000018 00"), list);
    TestTask saved = engine.start(select, page);

    TestTask write = engine.start(Cdbs.write10(1, 1), Cdbs.block(7));
    engine.nexus.await();
    TestTask read = engine.start(Cdbs.read10(1, 1), new byte[0]);
    engine.nexus.await();
    assertThat(write.status()).isEqualTo(Status.GOOD);
    assertThat(read.received()).isEqualTo(Cdbs.block(7));
    assertThat(reservation.ended + saved.ended).isZero();

    storeWorks.countDown();
    engine.nexus.await();
    engine.nexus.await();
    assertThat(reservation.status()).isEqualTo(Status.GOOD);
    assertThat(saved.status()).isEqualTo(Status.GOOD);
  }
}
