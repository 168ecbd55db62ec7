package org.iscsi4j.examples.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {

  @TempDir Path folder;

  private Path path;

  @BeforeEach
  void choosePath() {
    path = folder.resolve("run").resolve("control.sock");
  }

  @Test
  void isForItsOwnerAlone() throws IOException {
    try (UnixSocket socket = UnixSocket.bind(path)) {
      assertThat(permissions(path)).isEqualTo("rw-------");
      assertThat(permissions(path.getParent())).isEqualTo("rwx------");
      assertThat(socket.channel().isOpen()).isTrue();
    }
  }

  @Test
  void leavesNothingBehind() throws IOException {
    UnixSocket.bind(path).close();

    try (Stream<Path> left = Files.list(path.getParent())) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void replacesOneThatNobodyListensOn() throws IOException {
    Files.createDirectories(path.getParent());
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(path));
    }

    try (UnixSocket socket = UnixSocket.bind(path);
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      assertThat(client.isConnected()).isTrue();
      assertThat(socket.channel().accept()).satisfies(SocketChannel::close);
    }
  }

  @Test
  void doesNotReplaceOneThatIsInUse() throws IOException {
    try (UnixSocket first = UnixSocket.bind(path)) {
      assertThatThrownBy(() -> UnixSocket.bind(path).close())
          .isInstanceOf(IOException.class)
          .hasMessage("control socket " + path + ": in use by another process");

      assertThat(first.channel().isOpen()).isTrue();
      assertThat(path).exists();
    }
  }

  @Test
  void doesNotReplaceAFile() throws IOException {
    Files.createDirectories(path.getParent());
    Files.writeString(path, "precious");

    assertThatThrownBy(() -> UnixSocket.bind(path).close())
        .hasMessage("control socket " + path + ": there is a file that is no socket");
    assertThat(path).hasContent("precious");
  }

  @Test
  void doesNotTakeAnothersFileAwayAtTheEnd() throws IOException {
    UnixSocket first = UnixSocket.bind(path);
    Files.delete(path);
    try (UnixSocket second = UnixSocket.bind(path)) {
      first.close();

      assertThat(path).exists();
      assertThat(second.channel().isOpen()).isTrue();
    }
  }

  @Test
  void nobodyHasToProveAnythingThere() throws IOException {
    try (TestControl control = new TestControl(path);
        LineChannel client =
            new LineChannel(SocketChannel.open(UnixDomainSocketAddress.of(path)), 4096)) {
      assertThat(control.server.addresses()).contains(UnixDomainSocketAddress.of(path));
      Duration limit = Duration.ofSeconds(60);
      assertThat(client.readLine(limit))
          .hasValueSatisfying(line -> assertThat(line).contains(" from local"));

      client.writeLine("NOOP", limit);
      client.flush(limit);

      assertThat(client.readLine(limit)).hasValue("OK NOOP");
    }
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
