package org.iscsi4j.target.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.iscsi4j.protocol.Pdu;
import org.junit.jupiter.api.Test;

class RecentTagsTest {

  private static final int SIZE = 128;

  private final RecentTags tags = new RecentTags(SIZE);

  @Test
  void knowsNothingAtFirst() {
    assertThat(tags.contains(0)).isFalse();
    assertThat(tags.contains(-1)).isFalse();
  }

  @Test
  void remembersTheLastOnes() {
    for (int tag = 1; tag <= SIZE; tag++) {
      tags.add(tag);
    }

    for (int tag = 1; tag <= SIZE; tag++) {
      assertThat(tags.contains(tag)).isTrue();
    }
    assertThat(tags.contains(0)).isFalse();
  }

  @Test
  void forgetsTheOldestFirst() {
    for (int tag = 1; tag <= SIZE + 10; tag++) {
      tags.add(tag);
    }

    assertThat(tags.contains(10)).isFalse();
    assertThat(tags.contains(11)).isTrue();
    assertThat(tags.contains(SIZE + 10)).isTrue();
  }

  @Test
  void aTagThatIsRemovedIsForgottenWhereverItStands() {
    tags.add(1);
    tags.add(2);
    tags.add(1);

    tags.remove(1);

    assertThat(tags.contains(1)).isFalse();
    assertThat(tags.contains(2)).isTrue();
    assertThat(tags.contains(Pdu.RESERVED_TAG)).isFalse();
  }
}
