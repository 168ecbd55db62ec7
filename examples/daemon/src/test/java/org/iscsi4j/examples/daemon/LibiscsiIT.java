package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** libiscsi's command line tools: discovery, identity, capacity, CHAP. */
@RealClients("libiscsi-bin")
class LibiscsiIT {

  private static final int REFUSED = 10;

  @Test
  void listsTargetsPortalsAndUnits() throws Exception {
    try (DaemonProcess daemon =
        DaemonProcess.serve(
            "--listen",
            "127.0.0.1:0",
            "--target",
            "iqn.2026-11.org.example:two",
            "--lun",
            "mem:64m",
            "--lun",
            "mem:1g")) {
      Client ls = Client.run("iscsi-ls", "-s", portal(daemon.uri()));

      assertThat(ls.status()).as(ls.output()).isZero();
      assertThat(ls.output())
          .contains("Target:iqn.2026-11.org.example:two Portal:" + hostAndPort(daemon.uri()) + ",1")
          .contains("Portal:" + hostAndPort(daemon.uris().get(2)) + ",1")
          // the tool rounds the address of the last block down
          .containsSubsequence("Lun:0", "DIRECT_ACCESS (Size:63M)")
          .containsSubsequence("Lun:1", "DIRECT_ACCESS (Size:1023M)");
    }
  }

  @Test
  void listsThroughIpv6() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serve("--listen", "[::1]:0")) {
      Client ls = Client.run("iscsi-ls", "-s", portal(daemon.uris().get(1)));

      assertThat(ls.status()).as(ls.output()).isZero();
      assertThat(ls.output()).contains("Lun:0");
    }
  }

  @Test
  void readsTheIdentity() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serve("--lun", "mem:1m?serial=SN-42&removable")) {
      Client inquiry = Client.run("iscsi-inq", daemon.uri());
      Client serial = Client.run("iscsi-inq", "-e", "1", "-c", "128", daemon.uri());
      Client designators = Client.run("iscsi-inq", "-e", "1", "-c", "131", daemon.uri());

      assertThat(inquiry.output())
          .contains("DIRECT_ACCESS", "Vendor:ISCSI4J", "Product:VIRTUAL-DISK", "Removable:1");
      assertThat(serial.output()).contains("SN-42");
      assertThat(designators.output()).contains("NAA", "Designator Type:(3)");
    }
  }

  @Test
  void readsTheCapacity() throws Exception {
    try (DaemonProcess daemon =
        DaemonProcess.serve("--lun", "mem:10m?physical=4096", "--lun", "mem:10m?blocksize=4096")) {
      Client physical = Client.run("iscsi-readcapacity16", daemon.uris().get(0));
      Client logical = Client.run("iscsi-readcapacity16", daemon.uris().get(1));

      assertThat(physical.output())
          .contains("RETURNED LOGICAL BLOCK ADDRESS:20479")
          .contains("LOGICAL BLOCK LENGTH IN BYTES:512")
          .contains("LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT:3")
          .contains("LBPME:1 LBPRZ:1")
          .contains("Total size:10485760");
      assertThat(logical.output())
          .contains("RETURNED LOGICAL BLOCK ADDRESS:2559")
          .contains("LOGICAL BLOCK LENGTH IN BYTES:4096")
          .contains("LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT:0");
    }
  }

  @Test
  void refusesAnUnknownTargetAndAnUnknownUnit() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.serve()) {
      Client target = Client.run("iscsi-inq", portal(daemon.uri()) + "/iqn.2026-11.org.none:x/0");
      Client unit = Client.run("iscsi-inq", daemon.uri().replaceAll("0$", "5"));

      assertThat(target.status()).isEqualTo(REFUSED);
      assertThat(target.output()).contains("Target not found(515)");
      assertThat(unit.status()).isEqualTo(REFUSED);
      assertThat(unit.output()).contains("LOGICAL_UNIT_NOT_SUPPORTED");
    }
  }

  @Test
  void letsNobodyInWhoDoesNotProveHimself() throws Exception {
    try (DaemonProcess daemon =
        DaemonProcess.serve("--chap", "alice:secret-of-alice", "--chap", "bob:secret-of-bob!")) {
      String portal = hostAndPort(daemon.uri());

      assertAllowed(Client.run("iscsi-ls", "-s", "iscsi://alice%secret-of-alice@" + portal));
      assertAllowed(Client.run("iscsi-ls", "-s", "iscsi://bob%secret-of-bob!@" + portal));
      assertRefused(Client.run("iscsi-ls", "-s", "iscsi://alice%secret-of-bob!@" + portal));
      assertRefused(Client.run("iscsi-ls", "-s", "iscsi://carol%secret-of-alice@" + portal));
      assertRefused(Client.run("iscsi-ls", "-s", "iscsi://" + portal));
      assertRefused(Client.run("iscsi-inq", daemon.uri()));
      assertThat(daemon.err()).contains("login refused").doesNotContain("secret-of");
    }
  }

  @Test
  void provesItselfToWhoAsks() throws Exception {
    try (DaemonProcess daemon =
        DaemonProcess.serve(
            "--chap", "alice:secret-of-alice", "--mutual-chap", "disk:secret-of-disk")) {
      assertAllowed(mutual(daemon, "secret-of-disk"));
      assertThat(mutual(daemon, "another-secret").output())
          .contains("Invalid CHAP_R response from the target");
    }
  }

  /** As the first set-ups that people write down have it. */
  @Test
  void secretsOfFourCharactersAreTakenAndWarnedOf() throws Exception {
    try (DaemonProcess daemon =
        DaemonProcess.serve("--chap", "user:pass", "--mutual-chap", "disk:word")) {
      String portal = hostAndPort(daemon.uri());

      assertAllowed(Client.run("iscsi-ls", "-s", "iscsi://user%pass@" + portal));
      assertAllowed(Client.run("iscsi-inq", daemon.uri().replace("//", "//user%pass@")));
      assertRefused(Client.run("iscsi-ls", "-s", "iscsi://user%word@" + portal));
      assertRefused(Client.run("iscsi-inq", daemon.uri().replace("//", "//user%passe@")));
      assertThat(daemon.err()).contains("CHAP secrets of less than 12 bytes");
    }
  }

  private static Client mutual(DaemonProcess daemon, String secret) throws Exception {
    return Client.run(
        Duration.ofSeconds(20),
        Map.of("LIBISCSI_CHAP_TARGET_USERNAME", "disk", "LIBISCSI_CHAP_TARGET_PASSWORD", secret),
        List.of("iscsi-inq", daemon.uri().replace("iscsi://", "iscsi://alice%secret-of-alice@")));
  }

  private static void assertAllowed(Client client) {
    assertThat(client.status()).as(client.output()).isZero();
  }

  private static void assertRefused(Client client) {
    assertThat(client.status()).isEqualTo(REFUSED);
    assertThat(client.output()).contains("Authentication failure(513)");
  }

  private static String portal(String uri) {
    return "iscsi://" + hostAndPort(uri);
  }

  private static String hostAndPort(String uri) {
    return URI.create(uri).getAuthority();
  }
}
