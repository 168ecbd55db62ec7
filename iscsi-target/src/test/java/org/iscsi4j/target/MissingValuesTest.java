package org.iscsi4j.target;

import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.iscsi4j.api.access.AccessPolicy;
import org.iscsi4j.target.fixture.TestServer;
import org.junit.jupiter.api.Test;

/** A host that forgets a value is told so where it did, and not by the next login. */
class MissingValuesTest {

  @Test
  void ofASettingIsToldAtOnce() {
    assertMissing("access", () -> IscsiServer.builder().discovery(null));
  }

  @Test
  void ofAChangeIsToldAtOnce() {
    try (TestServer test = TestServer.start()) {
      IscsiServer server = test.server();
      assertMissing("access", () -> server.changeDiscovery(null, Optional.empty()));
      assertMissing("chap", () -> server.changeDiscovery(AccessPolicy.OPEN, null));
      assertMissing("chap", () -> server.changeChap(null));
      assertMissing("target", () -> server.addTarget(null));
      test.assertServes();
    }
  }

  private static void assertMissing(String what, ThrowingCallable call) {
    assertThatNullPointerException().isThrownBy(call).withMessage(what);
  }
}
