package org.iscsi4j.examples.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.iscsi4j.api.IscsiName;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Credentials;
import org.iscsi4j.api.access.Initiator;
import org.iscsi4j.api.access.Secret;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Users and secrets. */
class AuthFileTest {

  private static final String GOOD =
      """
      # secrets
      [AuthGroup1]
        Comment "the first"
        Auth "alice" "tset"
        Auth alice other
        Auth "iqn.1991-05.com.microsoft:saturn" "a \\"secret\\" \\\\ with blanks" \\
             "iqn.2007-09.jp.ne.peach:disk1" mutual
      [AuthGroup10000]
        Auth alice "gr\u00fc\u00df"
      """;

  @TempDir private Path folder;

  private Path path;
  private AuthFile file;

  @BeforeEach
  void aFile() throws IOException {
    path = Files.writeString(folder.resolve("auth.conf"), GOOD);
    file = new AuthFile(path);
  }

  @Test
  void aUserIsFoundInItsGroup() throws IOException {
    assertThat(file.find(1, "alice")).contains(Credential.of(Secret.of("tset")));
    assertThat(file.find(10_000, "alice")).contains(Credential.of(Secret.of("gr\u00fc\u00df")));
    assertThat(file.find(10_000, "iqn.1991-05.com.microsoft:saturn")).isEmpty();
    assertThat(file.find(2, "alice")).isEmpty();
  }

  @Test
  void theCaseOfAUsersNameDoesNotCount() throws IOException {
    assertThat(file.find(1, "ALICE")).contains(Credential.of(Secret.of("tset")));
  }

  @Test
  void aUserMayKnowTheTarget() throws IOException {
    assertThat(file.find(1, "IQN.1991-05.com.microsoft:Saturn"))
        .contains(
            new Credential(
                Secret.of("a \"secret\" \\ with blanks"),
                Optional.of(
                    new Credential.Own("iqn.2007-09.jp.ne.peach:disk1", Secret.of("mutual")))));
  }

  @Test
  void theFileIsReadAnewForEachQuestion() throws IOException {
    assertThat(file.find(1, "bob")).isEmpty();

    Files.writeString(path, "[AuthGroup1]\nAuth bob secret-of-bob\n");

    assertThat(file.find(1, "bob")).contains(Credential.of(Secret.of("secret-of-bob")));
    assertThat(file.find(1, "alice")).isEmpty();
  }

  @Test
  void whatIsFoundBelongsToWhoAsked() throws IOException {
    file.find(1, "alice").orElseThrow().destroy();

    assertThat(file.find(1, "alice").orElseThrow().secret().toByteArray())
        .isEqualTo("tset".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aServerIsAnsweredByTheExecutor() {
    List<Runnable> tasks = new ArrayList<>();
    Credentials credentials = file.credentials(1, tasks::add);

    CompletableFuture<Optional<Credential>> found = ask(credentials, "alice");
    assertThat(found).isNotDone();
    tasks.forEach(Runnable::run);

    assertThat(found).isCompletedWithValue(Optional.of(Credential.of(Secret.of("tset"))));
  }

  @Test
  void aServerLearnsThatAFileIsGone() throws IOException {
    Files.delete(path);

    assertThatThrownBy(() -> ask(file.credentials(1, Runnable::run), "alice").join())
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining(path + ": no such file");
  }

  private static CompletableFuture<Optional<Credential>> ask(Credentials credentials, String user) {
    Initiator initiator =
        new Initiator(
            IscsiName.of("iqn.2001-04.com.example:host"),
            Optional.empty(),
            new InetSocketAddress("127.0.0.1", 1),
            new InetSocketAddress("127.0.0.1", 2),
            1);
    return credentials.find(user, initiator, Optional.empty()).toCompletableFuture();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Auth hush",
        "Auth hush hush hush",
        "Auth hush ''",
        "Auth '' hush",
        "Auth hush hush '' hush",
        "Auth hush hush hush ''",
        "Auth",
        "hush",
        "Auth alice hush\n[Hush1]\nAuth hush hush",
        "[hush",
        "[AuthGroup1] hush",
        "[AuthGroup0]\nAuth hush hush hush",
        "Auth hush \"hush\nhush"
      })
  void nothingOfABrokenFileIsRepeated(String text) throws IOException {
    Files.writeString(path, text + "\n[AuthGroup2]\nAuth bob\n");

    assertThatThrownBy(() -> file.find(1, "alice"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContaining("Auth: needs a user and a secret")
        .message()
        .doesNotContainIgnoringCase("hush");
    assertThat(file.toString()).doesNotContain("hush");
  }

  @Test
  void namesAndSecretsAreInNoText() {
    Account account = new Account("alice", Credential.of(Secret.of("hush")));

    assertThat(account).hasToString("Account");
    assertThat(new Token("hush", 7)).hasToString("line 7");
  }
}
