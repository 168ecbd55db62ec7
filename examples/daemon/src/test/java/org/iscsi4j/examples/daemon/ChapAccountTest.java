package org.iscsi4j.examples.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChapAccountTest {

  @Test
  void aSecretMayHoldColons() {
    ChapAccount account = ChapAccount.parse("alice:a:b:c");

    assertThat(account.user()).isEqualTo("alice");
    assertThat(account.secret()).isEqualTo("a:b:c");
  }

  @Test
  void textHasNoSecret() {
    assertThat(ChapAccount.parse("alice:hush")).hasToString("alice");
  }
}
