package org.iscsi4j.examples.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is in a file, reading it ends with a value or with problems, and nothing else. */
class RandomFilesTest {

  private static final int FILES = 60;
  private static final List<String> PIECES =
      List.of(
          "\\",
          "\\\n",
          "\"",
          "'",
          "[",
          "]",
          "#",
          "\n",
          "\r\n",
          "\t",
          " ",
          "\0",
          "\u2028",
          "9999999999999",
          "-1",
          "LUN",
          "LUN0",
          "Option",
          "Storage",
          "Removable",
          "Auth",
          "[LogicalUnit1]\n",
          "/dev/null",
          "AuthGroup",
          "Portal",
          "[::]",
          "*",
          "%",
          "%s",
          "iqn.",
          "ALL",
          "!",
          "1Z",
          "\ud83d\ude00");

  @TempDir private Path temporary;

  private ConfigFolder folder;

  @BeforeEach
  void aFolder() {
    folder = new ConfigFolder(temporary).write(ConfigFolder.GOOD, ConfigFolder.GOOD_SECRETS);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void randomBytes(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = new byte[random.nextInt(400)];
      random.nextBytes(bytes);
      assertRead(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 4})
  void randomBytesOfAGoodFile(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < FILES; i++) {
      byte[] bytes = ConfigFolder.GOOD.getBytes(StandardCharsets.UTF_8);
      for (int n = 1 + random.nextInt(8); n > 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      assertRead(Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void piecesOfSyntaxInAGoodFile(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < FILES; i++) {
      StringBuilder text = new StringBuilder(ConfigFolder.GOOD);
      for (int n = 1 + random.nextInt(8); n > 0; n--) {
        int begin = random.nextInt(text.length());
        int end = Math.min(text.length(), begin + random.nextInt(12));
        text.replace(begin, end, PIECES.get(random.nextInt(PIECES.size())));
      }
      assertRead(text.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8})
  void piecesOfSyntaxInSecrets(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < FILES; i++) {
      StringBuilder text = new StringBuilder(ConfigFolder.GOOD_SECRETS);
      for (int n = 1 + random.nextInt(8); n > 0; n--) {
        int begin = random.nextInt(text.length());
        text.replace(begin, begin, PIECES.get(random.nextInt(PIECES.size())));
      }
      Files.write(folder.secrets(), text.toString().getBytes(StandardCharsets.UTF_8));
      assertToldInLines(folder.problems(UnknownKeys.REFUSE));
    }
  }

  @Test
  void thousandsOfContinuedLinesAreReadAtOnce() throws IOException {
    assertRead(("[Global]\nComment " + "a \\\n".repeat(20_000)).getBytes(StandardCharsets.UTF_8));
  }

  /** As a daemon's, as secrets, and as a client's. */
  private void assertRead(byte[] content) throws IOException {
    Files.write(folder.config(), content);
    assertToldInLines(folder.problems(UnknownKeys.REFUSE));
    assertToldInLines(folder.problems(UnknownKeys.WARN));
    try {
      new AuthFile(folder.config()).find(1, "alice");
    } catch (IOException e) {
      assertToldInLines(e.getMessage().lines().toList());
    }
    try {
      new ConfigReader(UnknownKeys.REFUSE).controlClient(folder.config());
    } catch (ConfigException e) {
      assertToldInLines(e.getMessage().lines().toList());
    }
  }

  private static void assertToldInLines(List<String> problems) {
    assertThat(problems).allMatch(problem -> problem.matches("[^\\p{Cntrl}]+: [^\\p{Cntrl}]+"));
  }
}
