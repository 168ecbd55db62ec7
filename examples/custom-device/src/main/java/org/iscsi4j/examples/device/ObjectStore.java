package org.iscsi4j.examples.device;

import java.io.IOException;
import java.util.Optional;

/** What the storage of {@link ObjectDevice} must be able to do: keep objects by their numbers. */
public interface ObjectStore {

  /** An object, or nothing when none was put under that number. The array is the caller's. */
  Optional<byte[]> get(long number) throws IOException;

  /** Keeps an object durably, in place of the one before it. */
  void put(long number, byte[] object) throws IOException;
}
