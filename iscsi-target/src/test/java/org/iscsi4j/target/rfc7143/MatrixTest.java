package org.iscsi4j.target.rfc7143;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The matrix of duties and tests is written down in {@code RFC7143.md}; {@code mvn -pl iscsi-target
 * test -Dtest=MatrixTest -Discsi4j.matrix=write} writes it anew.
 */
class MatrixTest {

  private static final String PAGE = "RFC7143.md";

  private final Matrix matrix = Matrix.of(Matrix.classesBeside(MatrixTest.class));

  @Test
  void itemsAreOfTheMatrix() {
    assertThat(matrix.items()).allMatch(item -> item >= 1 && item <= 90);
  }

  @Test
  void everyItemHasATest() {
    assertThat(matrix.missing(90)).isEmpty();
  }

  @Test
  void pageIsWhatTheTestsSay() throws Exception {
    Path page = module().resolve(PAGE);
    String wanted = matrix.page();
    if ("write".equals(System.getProperty("iscsi4j.matrix"))) {
      Files.writeString(page, wanted);
    }
    if (!wanted.equals(read(page))) {
      fail(
          "%s is not up to date: write it by -Discsi4j.matrix=write, or put there:%n%s",
          page, wanted);
    }
  }

  private static String read(Path page) throws IOException {
    return Files.exists(page) ? Files.readString(page) : "";
  }

  /** The module's folder, above that of the classes; or the one that the tests run in. */
  private static Path module() throws URISyntaxException {
    Path classes =
        Path.of(MatrixTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path module = classes.getParent().getParent();
    return Files.exists(module.resolve("pom.xml")) ? module : Path.of("iscsi-target");
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
