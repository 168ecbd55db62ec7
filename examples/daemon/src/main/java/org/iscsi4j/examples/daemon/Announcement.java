package org.iscsi4j.examples.daemon;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.Portal;
import org.iscsi4j.api.Target;

/** What a daemon that is ready tells on standard output: where its disks are, what to try next. */
final class Announcement {

  private static final String THROUGH_A_TUNNEL =
      "It speaks TLS: initiators need a tunnel, such as stunnel. ";

  private final Daemon daemon;
  private final Optional<ChapAccount> user;

  /**
   * An announcement.
   *
   * @param user a user whose name stands in what to try, when one is needed
   */
  Announcement(Daemon daemon, Optional<ChapAccount> user) {
    this.daemon = daemon;
    this.user = user;
  }

  /** Prints it in one piece, so that whoever waits for it never sees half of it. */
  void print(PrintWriter out) {
    List<String> lines = new ArrayList<>(uris(""));
    lines.add("");
    lines.add("Ready; Ctrl-C ends it. " + (tls() ? THROUGH_A_TUNNEL : "") + "Try:");
    hints().forEach(hint -> lines.add("  " + hint));
    out.println(String.join(System.lineSeparator(), lines));
    out.flush();
  }

  /** {@code iscsi://HOST:PORT/IQN/LUN} of every portal and unit. */
  private List<String> uris(String login) {
    List<String> uris = new ArrayList<>();
    for (Portal portal : daemon.server().portals()) {
      for (Target target : daemon.server().targets()) {
        for (int lun : target.logicalUnits().keySet()) {
          uris.add("iscsi://" + login + reachable(portal) + "/" + target.name() + "/" + lun);
        }
      }
    }
    return uris;
  }

  private boolean tls() {
    return daemon.server().portals().get(0).tls().isPresent();
  }

  private List<String> hints() {
    return tls() ? List.of("openssl s_client -connect " + firstPortal()) : plainHints();
  }

  private List<String> plainHints() {
    String login = user.map(account -> account.user() + "%SECRET@").orElse("");
    String portal = firstPortal();
    List<String> hints = new ArrayList<>();
    hints.add("iscsi-ls -s iscsi://" + login + portal);
    hints.add("qemu-img info " + uris(login).get(0));
    if (user.isEmpty()) {
      hints.add("sudo iscsiadm -m discovery -t sendtargets -p " + portal);
      hints.add("sudo iscsiadm -m node -T " + target() + " -p " + portal + " --login");
    }
    return hints;
  }

  private String firstPortal() {
    return reachable(daemon.server().portals().get(0));
  }

  private IscsiName target() {
    return daemon.server().targets().get(0).name();
  }

  private static String reachable(Portal portal) {
    return Portal.format(ReachableHost.of(portal), portal.port());
  }
}
