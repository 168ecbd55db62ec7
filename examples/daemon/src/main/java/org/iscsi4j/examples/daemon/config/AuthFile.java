package org.iscsi4j.examples.daemon.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.iscsi4j.api.access.Credential;
import org.iscsi4j.api.access.Credentials;

/**
 * The file with users and secrets, auth.conf. It is read anew for each question, so that what is
 * edited holds at once. Any thread.
 *
 * @param path of the file
 */
public record AuthFile(Path path) {

  /**
   * Looks a user up; reads the file, and so may block.
   *
   * @param group of the AuthGroup
   * @param user in letters of any case
   * @return the first entry for that name, whose secrets belong to the caller; empty when the group
   *     is not there or does not have it
   * @throws IOException when the file can't be read or is broken; the message tells no secrets
   */
  public Optional<Credential> find(int group, String user) throws IOException {
    Problems problems = Problems.ofSecrets(path);
    AuthGroups groups = AuthGroups.read(problems, UnknownKeys.WARN);
    try {
      if (problems.refused()) {
        throw new IOException(new ConfigException(problems.inOrder()).getMessage());
      }
      return groups.find(group, user).map(account -> account.credential().copy());
    } finally {
      groups.destroy();
    }
  }

  /**
   * The users of a group, for a server that asks for them.
   *
   * @param executor reads the file; tasks may block for as long as the file system does
   */
  public Credentials credentials(int group, Executor executor) {
    return (user, initiator, target) ->
        CompletableFuture.supplyAsync(() -> findUnchecked(group, user), executor);
  }

  private Optional<Credential> findUnchecked(int group, String user) {
    try {
      return find(group, user);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
