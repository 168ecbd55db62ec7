package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SpaceTest {

  @Test
  void isOfOneDeviceUnlessSaidOtherwise() {
    assertThat(Space.of(1, 2)).isEqualTo(new Space(1, 2, false));
  }

  @Test
  void isNeverNegative() {
    assertThatThrownBy(() -> Space.of(-1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Space.of(0, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("used 0 or available -1 is less than 0 bytes");
  }
}
