package org.iscsi4j.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BlockDeviceExceptionTest {

  @Test
  void hasAKindInAnyCase() {
    assertThatThrownBy(() -> new BlockDeviceException(null, "for the test"))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("kind");
  }

  @Test
  void knowsItsPlaceWhenTold() {
    BlockDeviceException.Kind kind = BlockDeviceException.Kind.MEDIUM_ERROR;

    assertThat(new BlockDeviceException(kind, "for the test").offset())
        .isEqualTo(BlockDeviceException.UNKNOWN_OFFSET);
    assertThat(new BlockDeviceException(kind, 7, "for the test", null).offset()).isEqualTo(7);
  }
}
