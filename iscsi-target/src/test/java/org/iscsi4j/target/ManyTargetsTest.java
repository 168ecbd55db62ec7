package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.Target;
import org.iscsi4j.api.access.AccessRules;
import org.iscsi4j.api.access.InitiatorGroup;
import org.iscsi4j.protocol.KeyValue;
import org.iscsi4j.target.fixture.LoginScript;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.junit.jupiter.api.Test;

/** A server as large as they come: every number of targets, portal groups and initiator groups. */
class ManyTargetsTest {

  private static final int TARGETS = 4096;
  private static final int GROUPS = 256;
  private static final String PREFIX = "iqn.2026-01.org.iscsi4j.test:";

  private static final BlockDevice DISK = MemoryDevice.ofSize(1 << 20);

  /** The rest of the division by the number of groups says through which group it is reached. */
  private static Target target(int number) {
    String initiator = number % 2 == 0 ? LoginScript.INITIATOR : PREFIX + "host" + number;
    return Target.builder(PREFIX + "disk" + number)
        .lun(DISK)
        .access(
            AccessRules.builder()
                .allow(1 + number % GROUPS, InitiatorGroup.named(initiator))
                .build())
        .build();
  }

  private static IscsiServer start() throws Exception {
    IscsiServerBuilder server = IscsiServer.builder();
    IntStream.range(0, TARGETS).mapToObj(ManyTargetsTest::target).forEach(server::target);
    IntStream.rangeClosed(1, GROUPS)
        .forEach(tag -> server.portal(Portal.loopback().withGroupTag(tag)));
    return server.start();
  }

  @Test
  void eachIsToldToItsInitiatorsWithThePortalsOfItsGroupAndTakesLogins() throws Exception {
    try (IscsiServer server = start()) {
      Portal last = server.portals().get(GROUPS - 1);
      try (ScriptedInitiator discovery =
          ScriptedInitiator.connect(last.socketAddress()).login().discovery().perform()) {
        byte[] told = discovery.rawText(new KeyValue("SendTargets", "All"));

        List<String> lines = List.of(new String(told, StandardCharsets.UTF_8).split("\0"));
        assertThat(lines).hasSize(TARGETS); // a name and an address of every other target
        assertThat(lines)
            .containsSequence(
                "TargetName=" + PREFIX + "disk254",
                "TargetAddress=127.0.0.1:" + portal(server, 254) + ",255");
        discovery.logout();
      }
      try (ScriptedInitiator initiator =
          ScriptedInitiator.connect(server.portals().get(254).socketAddress())
              .login()
              .target(PREFIX + "disk4094")
              .perform()) {
        initiator.clearUnitAttentions(0).logout();
      }
    }
  }

  private static int portal(IscsiServer server, int index) {
    return server.portals().get(index).socketAddress().getPort();
  }
}
