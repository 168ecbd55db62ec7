package org.iscsi4j.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SecretTest {

  @Test
  void textIsUtf8HoweverItIsGiven() {
    String text = "geheim \u00e9\u20ac\ud83d\ude00 ".repeat(9);

    assertThat(Secret.of(text.toCharArray())).isEqualTo(Secret.of(text));
    assertThat(Secret.of(text.toCharArray()).toByteArray())
        .isEqualTo(text.getBytes(StandardCharsets.UTF_8));
    assertThat(Secret.of(new char[0]).length()).isZero();
  }

  @Test
  void halfACharacterIsNoText() {
    assertThatThrownBy(() -> Secret.of(new char[] {'a', '\ude00'}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void wipedSecretIsGone() {
    Secret secret = Secret.of("a secret of 16 b");
    Secret copy = secret.copy();

    secret.destroy();
    secret.destroy();

    assertThat(secret.isDestroyed()).isTrue();
    assertThatThrownBy(secret::toByteArray).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(secret::copy).isInstanceOf(IllegalStateException.class);
    assertThat(copy).isEqualTo(Secret.of("a secret of 16 b"));
  }
}
