package org.iscsi4j.target.login;

import java.util.List;
import java.util.Optional;
import org.iscsi4j.protocol.ChapAlgorithm;

/** How initiators prove who they are by CHAP, and the target to them. Safe from any thread. */
public interface ChapPolicy {

  /** The secret of a user; empty for an unknown one. */
  Optional<byte[]> secret(String user);

  /** Who the target is to initiators that ask it to prove itself; empty when it does not. */
  Optional<Self> self();

  /** The algorithms that may be used, the best first. */
  List<ChapAlgorithm> algorithms();

  /** A name and a secret of the target's own. */
  record Self(String user, byte[] secret) {

    /** The secret stays out of logs. */
    @Override
    public String toString() {
      return user;
    }
  }
}
