package org.iscsi4j.api.access;

import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;

class CredentialTest {

  private static final Secret SECRET = Secret.of("0123456789ab");

  @Test
  void nothingIsMissing() {
    assertThatNullPointerException().isThrownBy(() -> new Credential.Own(null, SECRET));
    assertThatNullPointerException().isThrownBy(() -> new Credential.Own("me", null));
  }
}
