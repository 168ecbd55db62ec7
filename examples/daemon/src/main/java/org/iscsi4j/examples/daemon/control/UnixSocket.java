package org.iscsi4j.examples.daemon.control;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A Unix-domain socket that listens, for its owner alone. It is bound in a directory that nobody
 * else may enter, and comes to its place with its permissions: others have no moment in between.
 */
final class UnixSocket implements Closeable {

  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");

  private static final Set<PosixFilePermission> OWNER_DIRECTORY =
      PosixFilePermissions.fromString("rwx------");

  private final ServerSocketChannel channel;
  private final Path path;
  private final Object inode;

  private UnixSocket(ServerSocketChannel channel, Path path, Object inode) {
    this.channel = channel;
    this.path = path;
    this.inode = inode;
  }

  /**
   * Listens there; a socket that nobody listens on any more is replaced, a missing directory made.
   *
   * @throws IOException when somebody listens there, or something else is there
   */
  static UnixSocket bind(Path path) throws IOException {
    try {
      checkFree(path);
      return bound(path);
    } catch (IOException | UnsupportedOperationException e) {
      throw new IOException("control socket " + path + ": " + reason(path, e), e);
    }
  }

  private static String reason(Path path, Exception failure) {
    String reason = Reasons.of(failure);
    return reason.startsWith(path + ": ") ? reason.substring((path + ": ").length()) : reason;
  }

  private static void checkFree(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!attributes(path).isOther()) {
      throw new IOException("there is a file that is no socket");
    }
    if (answers(path)) {
      throw new IOException("in use by another process");
    }
  }

  private static boolean answers(Path path) {
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return probe.isConnected();
    } catch (IOException e) {
      return false; // connection refused: whoever made it is gone
    }
  }

  private static UnixSocket bound(Path path) throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY));
    }
    Path antechamber = Files.createTempDirectory(directory, "."); // by its nature for its owner
    Path made = antechamber.resolve("s");
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(made));
      Files.setPosixFilePermissions(made, OWNER);
      Object inode = attributes(made).fileKey();
      Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
      return new UnixSocket(channel, path, inode);
    } catch (IOException | RuntimeException e) {
      channel.close();
      Files.deleteIfExists(made);
      throw e;
    } finally {
      Files.deleteIfExists(antechamber);
    }
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  ServerSocketChannel channel() {
    return channel;
  }

  /** Where clients find it. */
  UnixDomainSocketAddress address() {
    return UnixDomainSocketAddress.of(path);
  }

  /** Closes the socket, and takes its file away unless another one is there by now. */
  @Override
  public void close() throws IOException {
    channel.close();
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && attributes(path).fileKey().equals(inode)) {
      Files.deleteIfExists(path);
    }
  }
}
