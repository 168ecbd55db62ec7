package org.iscsi4j.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.iscsi4j.api.LogicalUnit;
import org.iscsi4j.api.monitor.CommandInfo;
import org.iscsi4j.api.monitor.CommandKind;
import org.iscsi4j.api.monitor.NexusPorts;
import org.iscsi4j.api.monitor.SenseCode;
import org.junit.jupiter.api.Test;

/** What a listener is told of commands. */
class CommandListenerTest {

  private final List<CommandInfo> told = new ArrayList<>();
  private Error thrown;
  private long time = 1000;
  private final Engine engine =
      Engine.over(
          LogicalUnit.of(TestDisk.thin(64)),
          new Devices(Runnable::run, Optional.of(this::hear), () -> time));

  private final NexusPorts ports =
      new NexusPorts(engine.nexus.initiatorPort(), TestNexus.PORT.portName());

  private void hear(CommandInfo command) {
    told.add(command);
    if (thrown != null) {
      throw thrown;
    }
  }

  @Test
  void aReadIsToldWithItsRangeAndTime() {
    TestTask read = TestTask.arrived(engine.nexus, Cdbs.read10(7, 3), new byte[0], time);
    time += 250;
    engine.router.execute(read);

    assertThat(told)
        .containsExactly(
            new CommandInfo(
                ports,
                0,
                "SN-0042",
                "READ(10)",
                CommandKind.READ,
                0x28,
                -1,
                OptionalLong.of(7),
                OptionalLong.of(3),
                3 * 512,
                0x00,
                Optional.empty(),
                250));
    assertThat(told.get(0).good()).isTrue();
  }

  @Test
  void anErrorIsToldWithItsSense() {
    engine.execute(Cdbs.sixteen(0x9e, 0x10, 0, 32)); // READ CAPACITY(16)
    engine.execute(Cdbs.write16(63, 2), Cdbs.blocks(2));

    CommandInfo capacity = told.get(0);
    assertThat(capacity.serviceAction()).isEqualTo(0x10);
    assertThat(capacity.lba()).isEmpty();
    CommandInfo write = told.get(1);
    assertThat(write.status()).isEqualTo(0x02);
    assertThat(write.good()).isFalse();
    assertThat(write.sense()).contains(new SenseCode(5, 0x21, 0x00));
    assertThat(write.bytes()).isZero();
  }

  @Test
  void otherStatusesHaveNoSense() {
    engine.execute(Cdbs.hex("16 00 000000 00"));
    TestNexus other = engine.nexus("iqn.2026-11.org.example:other,i,0x000000000002");

    engine.execute(other, Cdbs.read10(0, 1));

    CommandInfo conflict = told.get(1);
    assertThat(conflict.ports().initiatorPort()).isEqualTo(other.initiatorPort());
    assertThat(conflict.status()).isEqualTo(0x18);
    assertThat(conflict.sense()).isEmpty();
  }

  @Test
  void anUnknownCommandIsToldByItsCode() {
    engine.execute(Cdbs.hex("ff 00 00 00 00 00"));

    assertThat(told).extracting(CommandInfo::name).containsExactly("operation code ffh");
    assertThat(told.get(0).sense()).contains(new SenseCode(5, 0x20, 0x00));
  }

  @Test
  void anAbortedCommandIsToldOnce() {
    TestTask write = TestTask.arrived(engine.nexus, Cdbs.write10(0, 1), Cdbs.block(1), time);
    write.late = true;
    engine.router.execute(write);
    time += 30;

    write.abort();
    write.abort();

    assertThat(told).hasSize(1);
    assertThat(told.get(0).status()).isEqualTo(0x40);
    assertThat(told.get(0).durationNanos()).isEqualTo(30);
    assertThat(told.get(0).good()).isFalse();
  }

  @Test
  void whatAListenerThrowsHarmsNoCommand() {
    thrown = new StackOverflowError("for the test");

    assertThat(engine.execute(Cdbs.read10(0, 1)).status()).isEqualTo(Status.GOOD);
    assertThat(engine.execute(Cdbs.read10(64, 1)).status()).isEqualTo(Status.CHECK_CONDITION);
    assertThat(told).hasSize(2);
    assertThat(engine.unit.snapshot().outstandingCommands()).isZero();
    assertThat(engine.unit.snapshot().statistics().total().operations()).isEqualTo(2);
  }
}
