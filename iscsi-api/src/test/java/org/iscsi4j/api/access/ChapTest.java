package org.iscsi4j.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is demanded of initiators, and what of the host that demands it. */
class ChapTest {

  private static final String SECRET = "a secret of 16 b";
  private static final String OTHER = "another secret..";

  private static Credential credential(String secret, String own) {
    return new Credential(
        Secret.of(secret), Optional.of(new Credential.Own("target", Secret.of(own))));
  }

  @Test
  void weakestHoldsWhateverIsPreferred() {
    Chap.Builder chap = Chap.builder().user("user", SECRET);

    assertThat(chap.weakest(ChapAlgorithm.SHA256).build().algorithms())
        .containsExactly(ChapAlgorithm.SHA3_256, ChapAlgorithm.SHA256);
    assertThat(chap.algorithms(ChapAlgorithm.MD5, ChapAlgorithm.SHA256).build().algorithms())
        .containsExactly(ChapAlgorithm.SHA256);
    assertThatThrownBy(() -> chap.algorithms(ChapAlgorithm.MD5).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("CHAP without an algorithm would let nobody in");
  }

  @Test
  void noSecretServesInBothDirections() {
    assertThatThrownBy(() -> Chap.builder().user("user", SECRET).own("target", SECRET).build())
        .hasMessageContaining("is also that of a user");
    assertThatThrownBy(() -> Chap.builder().user("user", credential(SECRET, SECRET)).build())
        .hasMessageContaining("is also that of a user");
    Chap.Builder crossed = Chap.builder().user("one", credential(SECRET, OTHER)).user("two", OTHER);
    assertThatThrownBy(crossed::build)
        .hasMessageContaining("is also that of a user")
        .hasMessageNotContaining(OTHER);
  }

  @Test
  void nameOfTheTargetIsCheckedWhereverItIsGiven() {
    for (String name : new String[] {"", "é".repeat(128)}) {
      assertThatThrownBy(() -> new Credential.Own(name, Secret.of(SECRET)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("bytes is not within 1..255");
    }
  }

  @Test
  void shortSecretIsTakenWhereTheHostSaysSo() {
    Chap.Builder chap = Chap.builder().user("user", "test");
    assertThatThrownBy(chap::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("test");

    assertThat(chap.allowShortSecrets().build().hasShortSecrets()).isTrue();
  }

  @Test
  void nothingSecretIsShown() {
    Credential credential = credential(SECRET, OTHER);
    Chap chap = Chap.builder().user("user", credential).own("me", "a third secret..").build();

    assertThat("" + chap + credential + credential.secret() + credential.own())
        .doesNotContain(SECRET)
        .doesNotContain(OTHER)
        .doesNotContain("third");
  }
}
