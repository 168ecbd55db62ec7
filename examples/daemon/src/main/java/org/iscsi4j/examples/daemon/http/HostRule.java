package org.iscsi4j.examples.daemon.http;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Which names a browser may have used to get here. A page of a stranger can have its own name
 * resolve to loopback and read what is served there (DNS rebinding); it can't change what the
 * browser says in the Host field. Elsewhere than on loopback a host has names that nobody told us.
 */
final class HostRule {

  /** Any port: what comes through a tunnel has that of its other end. */
  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1\\])(:[0-9]{1,5})?");

  private final boolean checked;

  private HostRule(boolean checked) {
    this.checked = checked;
  }

  /** The rule where a server is bound. */
  static HostRule of(InetAddress bound) {
    return new HostRule(bound.isLoopbackAddress());
  }

  /**
   * Whether a request is for us.
   *
   * @param hosts its Host fields; none of an old program, but of no browser
   */
  boolean admits(List<String> hosts) {
    return !checked
        || hosts.stream().allMatch(h -> LOOPBACK.matcher(h.toLowerCase(Locale.ROOT)).matches());
  }
}
