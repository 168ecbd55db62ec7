package org.iscsi4j.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The program as it runs, with its standard streams in the test's hands. */
@Timeout(20)
class MainTest {

  private final InputStream in = System.in;
  private final PrintStream out = System.out;

  @AfterEach
  void restoreStreams() {
    System.setIn(in);
    System.setOut(out);
  }

  @Test
  void servesUntilEnterIsPressed() throws Exception {
    PipedOutputStream keyboard = new PipedOutputStream();
    PipedInputStream screen = new PipedInputStream();
    System.setIn(new PipedInputStream(keyboard));
    System.setOut(new PrintStream(new PipedOutputStream(screen), true, StandardCharsets.UTF_8));

    // waits for the keyboard: not on a thread that others may need
    CompletableFuture<Void> program =
        CompletableFuture.runAsync(MainTest::run, task -> new Thread(task).start());
    URI uri = URI.create(firstLine(screen));

    assertThat(uri.getPath()).isEqualTo("/iqn.2026-11.org.example:disk/0");
    new Socket(uri.getHost(), uri.getPort()).close();

    keyboard.write('\n');
    keyboard.flush();
    program.get(10, TimeUnit.SECONDS);
    assertThatThrownBy(() -> new Socket(uri.getHost(), uri.getPort()).close())
        .isInstanceOf(IOException.class);
  }

  private static void run() {
    try {
      Main.main();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String firstLine(InputStream stream) throws IOException {
    return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8)).readLine();
  }
}
