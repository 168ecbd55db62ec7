package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.iscsi4j.target.fixture.Patterns.assertSame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.iscsi4j.api.AccessState;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.ServerListener;
import org.iscsi4j.target.fixture.Cdbs;
import org.iscsi4j.target.fixture.Exchange;
import org.iscsi4j.target.fixture.Patterns;
import org.iscsi4j.target.fixture.ScriptedInitiator;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One disk through two portal groups, as a host with two paths sees it (ALUA). */
class PortGroupTest {

  private static final int FIRST = 5;
  private static final int SECOND = 3;

  private final Queue<String> told = new ConcurrentLinkedQueue<>();
  private TestServer server;
  private ScriptedInitiator one;
  private ScriptedInitiator two;

  @BeforeEach
  void start() {
    server =
        TestServer.start(
            settings ->
                settings
                    .portal(Portal.loopback().withGroupTag(FIRST))
                    .portal(Portal.loopback().withGroupTag(SECOND))
                    .portal(Portal.loopback().withGroupTag(FIRST))
                    .listener(
                        new ServerListener() {
                          @Override
                          public void accessStateChanged(int portalGroup, AccessState state) {
                            told.add(portalGroup + " " + state);
                          }
                        }));
    one = login(0);
    two = login(1);
  }

  @AfterEach
  void stop() {
    one.close();
    two.close();
    server.close();
  }

  private ScriptedInitiator login(int portal) {
    return ScriptedInitiator.connect(server.server().portals().get(portal).socketAddress())
        .login()
        .isid(portal)
        .perform()
        .clearUnitAttentions(0);
  }

  @Test
  void portsOfTheTargetAreItsPortalGroups() {
    assertThat(hex(one, vpd(0x88)))
        .isEqualTo(
            "00880078"
                + "00000001"
                + "00000000"
                + "00000030"
                + portName(FIRST)
                + "00000002"
                + "00000000"
                + "00000030"
                + portName(SECOND));
    assertThat(hex(two, vpd(0x88))).isEqualTo(hex(one, vpd(0x88)));
    assertThat(hex(one, Cdbs.inquiry(255))).as("TPGS, MULTIP").startsWith("000006325b3810");
  }

  @Test
  void everyPathSaysWhichPortItIs() {
    assertThat(hex(one, vpd(0x83))).contains("5194000400000001" + "5195000400000005");
    assertThat(hex(two, vpd(0x83))).contains("5194000400000002" + "5195000400000003");
    try (ScriptedInitiator three = login(2)) {
      assertThat(hex(three, vpd(0x83))).as("the same group").isEqualTo(hex(one, vpd(0x83)));
    }
  }

  @Test
  void groupsAreReportedAsTheHostSetThem() {
    server.server().changeAccessState(SECOND, AccessState.STANDBY);
    server.server().preferPortalGroup(FIRST, true);
    one.clearUnitAttentions(0);

    assertThat(hex(one, reportTargetPortGroups()))
        .isEqualTo(
            "00000018"
                + "80cf0005"
                + "00000001"
                + "00000001"
                + "02cf0003"
                + "00020001"
                + "00000002");
    assertThat(told).containsExactly(SECOND + " STANDBY");
  }

  @Test
  void standbyRefusesOnePathAndNotTheOther() {
    byte[] data = Patterns.bytes(512, 1);
    server.server().changeAccessState(SECOND, AccessState.STANDBY);

    assertThat(testUnitReady(one)).isEqualTo("CHECK CONDITION 6/2a/06");
    assertThat(testUnitReady(two)).isEqualTo("CHECK CONDITION 6/2a/06");
    one.write(0, data);
    assertSame(one.read(0, 1), data);
    assertThat(read(two)).isEqualTo("CHECK CONDITION 2/04/0b");
    assertThat(testUnitReady(two)).isEqualTo("CHECK CONDITION 2/04/0b");

    server.server().changeAccessState(SECOND, AccessState.ACTIVE_OPTIMIZED);
    assertSame(two.clearUnitAttentions(0).read(0, 1), data);
  }

  @Test
  void anInitiatorFailsOver() {
    server.server().changeAccessState(SECOND, AccessState.STANDBY);
    one.clearUnitAttentions(0);
    assertThat(testUnitReady(two)).isEqualTo("CHECK CONDITION 6/2a/06");
    byte[] list = HexFormat.of().parseHex("00000000" + "00000003" + "02000005");

    Exchange set =
        two.command(HexFormat.of().parseHex("a40a000000000000000c0000")).write(list).await();

    assertThat(set.outcome()).isEqualTo("GOOD");
    assertThat(read(two)).isEqualTo("GOOD");
    assertThat(testUnitReady(one)).isEqualTo("CHECK CONDITION 6/2a/06");
    assertThat(read(one)).isEqualTo("CHECK CONDITION 2/04/0b");
    assertThat(server.server().accessState(FIRST)).isEqualTo(AccessState.STANDBY);
    assertThat(server.server().accessState(SECOND)).isEqualTo(AccessState.ACTIVE_OPTIMIZED);
    assertThat(told)
        .containsExactly(SECOND + " STANDBY", FIRST + " STANDBY", SECOND + " ACTIVE_OPTIMIZED");
  }

  @Test
  void aGroupWithoutPortalsHasNoState() {
    assertThatThrownBy(() -> server.server().accessState(1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> server.server().changeAccessState(1, AccessState.STANDBY))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String testUnitReady(ScriptedInitiator from) {
    return from.command(Cdbs.testUnitReady()).await().outcome();
  }

  private static String read(ScriptedInitiator from) {
    return from.command(Cdbs.read10(0, 1)).read(512).await().outcome();
  }

  private static String hex(ScriptedInitiator from, byte[] cdb) {
    return HexFormat.of().formatHex(from.command(cdb).read(255).await().data());
  }

  private static byte[] vpd(int page) {
    return ByteBuffer.wrap(Cdbs.inquiry(255)).put(1, (byte) 1).put(2, (byte) page).array();
  }

  private static byte[] reportTargetPortGroups() {
    return HexFormat.of().parseHex("a30a00000000000000ff0000");
  }

  /** The designation descriptor of a port. */
  private static String portName(int group) {
    String name = String.format("%s,t,0x%04x", TestServer.TARGET, group);
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    return "5398002c" + HexFormat.of().formatHex(bytes) + "00".repeat(44 - bytes.length);
  }
}
