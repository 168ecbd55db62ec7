package org.iscsi4j.examples.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Concurrency;
import org.iscsi4j.api.Geometry;

/**
 * A disk whose data lies in an {@link ObjectStore}, 64 KiB an object. Changed objects are kept here
 * until {@link #flush}, or until they are many: initiators need not flush for hours. {@link
 * Concurrency#SERIAL} spares it a lock.
 */
public final class ObjectDevice implements BlockDevice {

  private static final int OBJECT_SIZE = 64 * 1024;

  /** Changed objects to keep: 16 MiB. */
  static final int MAX_CHANGED = 256;

  private final ObjectStore store;
  private final Geometry geometry;
  private final Map<Long, byte[]> changed = new TreeMap<>();

  /** A disk of {@code size} bytes over a store; what is not in the store is zeroes. */
  public ObjectDevice(ObjectStore store, long size) {
    this.store = store;
    this.geometry = Geometry.ofSize(size, 4096).withOptimalTransferLength(OBJECT_SIZE);
  }

  @Override
  public Geometry geometry() {
    return geometry;
  }

  /** The default says that calls may take long and that writes wait for a flush: both are so. */
  @Override
  public Capabilities capabilities() {
    return Capabilities.DEFAULT.withConcurrency(Concurrency.SERIAL);
  }

  @Override
  public void read(long offset, ByteBuffer into) throws IOException {
    for (long at = offset; into.hasRemaining(); at = next(at)) {
      byte[] object = load(at / OBJECT_SIZE);
      into.put(object, within(at), Math.min(into.remaining(), OBJECT_SIZE - within(at)));
    }
  }

  @Override
  public void write(long offset, ByteBuffer from) throws IOException {
    for (long at = offset; from.hasRemaining(); at = next(at)) {
      byte[] object = load(at / OBJECT_SIZE);
      from.get(object, within(at), Math.min(from.remaining(), OBJECT_SIZE - within(at)));
      changed.put(at / OBJECT_SIZE, object);
      if (changed.size() >= MAX_CHANGED) {
        flush();
      }
    }
  }

  @Override
  public void flush() throws IOException {
    for (Map.Entry<Long, byte[]> object : changed.entrySet()) {
      store.put(object.getKey(), object.getValue());
    }
    changed.clear(); // only now: after a failure they are tried again
  }

  @Override
  public void close() throws IOException {
    flush();
  }

  private byte[] load(long number) throws IOException {
    byte[] object = changed.get(number);
    return object != null ? object : store.get(number).orElseGet(() -> new byte[OBJECT_SIZE]);
  }

  private static int within(long offset) {
    return (int) (offset % OBJECT_SIZE);
  }

  private static long next(long offset) {
    return offset - within(offset) + OBJECT_SIZE;
  }
}
