package org.iscsi4j.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * A {@link BlockDevice} whose calls return at once and complete later, on any thread: for storage
 * behind an event-driven client. Whoever serves it starts calls where commands arrive and holds no
 * thread meanwhile.
 *
 * <p>A stage completes exactly once, exceptionally with what the blocking call would have thrown. A
 * buffer is the device's until its stage completes.
 */
public interface AsyncBlockDevice extends BlockDevice {

  /** As {@link #read}, without waiting. */
  CompletionStage<Void> readAsync(long offset, ByteBuffer into);

  /** As {@link #write}, without waiting. */
  CompletionStage<Void> writeAsync(long offset, ByteBuffer from);

  /** As {@link #flush}, without waiting. */
  CompletionStage<Void> flushAsync();

  @Override
  default void read(long offset, ByteBuffer into) throws IOException {
    await(readAsync(offset, into));
  }

  @Override
  default void write(long offset, ByteBuffer from) throws IOException {
    await(writeAsync(offset, from));
  }

  @Override
  default void flush() throws IOException {
    await(flushAsync());
  }

  private static void await(CompletionStage<Void> stage) throws IOException {
    try {
      // not to be interrupted: until the stage completes, the device uses the caller's buffer
      stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new BlockDeviceException(
          BlockDeviceException.Kind.HARDWARE_ERROR,
          BlockDeviceException.UNKNOWN_OFFSET,
          "device call failed: " + e.getCause(),
          e.getCause());
    }
  }
}
