package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The matrix of duties and the tests that show them. */
class MatrixTest {

  private final Matrix matrix = Matrix.of(Matrix.classesBeside(MatrixTest.class));

  @Test
  void itemsAreOfTheMatrix() {
    assertThat(matrix.items()).allMatch(item -> item >= 1 && item <= 90);
  }

  // ---- the matrix itself, by an example --------------------------------------------------------

  /** Two tests of one duty, and one of two duties. */
  private static final class Example {

    @Item(value = 7, section = "1.2", rule = "one")
    void first() {}

    @Item(value = 7, section = "1.2", rule = "one")
    void second() {}

    @Item(value = 7, section = "1.10", rule = "a | b")
    @Item(value = 3, section = "9", rule = "all")
    void third() {}
  }

  private final Matrix example = Matrix.of(List.of(Example.class));

  @Test
  void missingItemsAreFound() {
    assertThat(example.items()).containsExactly(3, 7);
    assertThat(example.missing(8)).containsExactly(1, 2, 4, 5, 6, 8);
  }

  @Test
  void pageHasARowForEachDuty() {
    assertThat(example.page())
        .endsWith(
            """
            | 3 | 9 | all | `Example#third` |
            | 7 | 1.2 | one | `Example#first`<br>`Example#second` |
            | 7 | 1.10 | a \\| b | `Example#third` |
            """);
  }
}
