package org.iscsi4j.target.login;

import java.util.Optional;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.protocol.OperationalOffer;

/** What the server knows and wants when an initiator logs in. */
public interface LoginPolicy {

  /** A target that may be logged in to; empty when the name is not known. */
  Optional<Admission> target(IscsiName name);

  /** What discovery asks for. */
  Optional<ChapPolicy> discoveryChap();

  /** What the server offers in the operational stage. */
  OperationalOffer offer();

  /** Whether a session has this handle. */
  boolean knowsHandle(int tsih);

  /**
   * What a target asks for.
   *
   * @param alias for people
   * @param chap how initiators prove who they are; empty when they need not
   */
  record Admission(IscsiName name, Optional<String> alias, Optional<ChapPolicy> chap) {}
}
