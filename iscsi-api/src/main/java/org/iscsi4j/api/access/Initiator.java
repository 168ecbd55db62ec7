package org.iscsi4j.api.access;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;
import org.iscsi4j.api.IscsiName;

/**
 * An initiator as it stands at a portal. Immutable.
 *
 * @param name the name that it gives itself; nobody has checked it unless there is a {@code user}
 *     that may only be used with it
 * @param user the name under which it has proved who it is (CHAP_N); empty before that, and where
 *     nobody needs to
 * @param remote its address
 * @param local the portal's address that it came to
 * @param portalGroup the portal's group tag, 1 to 65,535
 */
public record Initiator(
    IscsiName name,
    Optional<String> user,
    InetSocketAddress remote,
    InetSocketAddress local,
    int portalGroup) {

  private static final int MAX_TAG = 0xffff;

  /** Checks that nothing is missing, and the tag. */
  public Initiator {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(remote, "remote");
    Objects.requireNonNull(local, "local");
    checkTag(portalGroup);
  }

  static void checkTag(int portalGroup) {
    if (portalGroup < 1 || portalGroup > MAX_TAG) {
      throw new IllegalArgumentException(
          "portal group tag " + portalGroup + " is not within 1.." + MAX_TAG);
    }
  }

  /** The same, now that it has proved who it is. */
  public Initiator provedAs(String provedUser) {
    return new Initiator(name, Optional.of(provedUser), remote, local, portalGroup);
  }

  /** The same at another portal. */
  public Initiator at(InetSocketAddress portal, int group) {
    return new Initiator(name, user, remote, portal, group);
  }

  /** Whether it has proved who it is. */
  public boolean proved() {
    return user.isPresent();
  }
}
