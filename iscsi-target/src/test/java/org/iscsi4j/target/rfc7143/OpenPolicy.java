package org.iscsi4j.target.rfc7143;

import java.util.Optional;
import org.iscsi4j.api.LoginRedirect;
import org.iscsi4j.api.SessionSettings;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.api.access.Chap;
import org.iscsi4j.target.login.LoginPolicy;
import org.iscsi4j.target.login.SessionTerms;

/** A server without sessions that lets everybody in; a test says what its targets are. */
abstract class OpenPolicy implements LoginPolicy {

  @Override
  public boolean serving() {
    return true;
  }

  @Override
  public Optional<Chap> discoveryChap() {
    return Optional.empty();
  }

  @Override
  public AccessPolicy discoveryAccess() {
    return AccessPolicy.OPEN;
  }

  @Override
  public LoginRedirect redirect() {
    return (initiator, target) -> Optional.empty();
  }

  @Override
  public SessionTerms discoveryTerms() {
    return SessionTerms.of(SessionSettings.empty());
  }

  @Override
  public Optional<OpenSession> session(int tsih) {
    return Optional.empty();
  }
}
