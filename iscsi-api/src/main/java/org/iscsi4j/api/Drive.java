package org.iscsi4j.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A drive: a device whose medium is another device, which can be taken out and replaced while the
 * drive is served. For removable units, of any {@linkplain PeripheralDeviceType type}:
 *
 * <pre>{@code
 * Drive drive = Drive.empty(2048);
 * LogicalUnit unit = LogicalUnit.builder(drive).type(PeripheralDeviceType.CD_DVD).build();
 * ...
 * drive.insert(BlockDevices.open("file:/images/debian.iso?blocksize=2048&readonly"));
 * server.load(unit);
 * ...
 * if (server.eject(unit, false)) {
 *   drive.remove().ifPresent(medium -> ...); // not in use any more, to be closed
 * }
 * }</pre>
 *
 * <p>Media come and go by {@link #insert} and {@link #remove}; initiators see what the server was
 * told by {@code load} and {@code eject}, and a call that finds no medium fails with {@link
 * BlockDeviceException.Kind#NOT_READY}. The drive never closes a medium that was taken out. Safe
 * for use by several threads.
 */
public final class Drive implements BlockDevice {

  /** Whatever the media can do: calls take as long as those of any medium may. */
  private static final Capabilities CAPABILITIES = Capabilities.DEFAULT.withDeallocate(false);

  private final Geometry geometryWhenEmpty;
  private final DeviceListeners listeners = new DeviceListeners();
  private final DeviceEvents relay = this::mediumChanged;

  /** Calls share it, so that a medium that was taken out is not in use any more. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  /** Null when the drive is empty. Written under the write lock. */
  private volatile BlockDevice medium;

  private Drive(int blockSize) {
    geometryWhenEmpty = Geometry.of(blockSize, 1);
  }

  /**
   * A drive without a medium.
   *
   * @param blockSize bytes, as long as there is no medium to ask; a power of two from 512 to 65,536
   */
  public static Drive empty(int blockSize) {
    return new Drive(blockSize);
  }

  /** A drive with a medium in it. */
  public static Drive of(BlockDevice medium) {
    Drive drive = new Drive(medium.geometry().blockSize());
    drive.insert(medium);
    return drive;
  }

  /** What is in the drive. */
  public Optional<BlockDevice> medium() {
    return Optional.ofNullable(medium);
  }

  /**
   * Puts a medium in. Initiators see it when the server is told to load the unit.
   *
   * @throws IllegalStateException when there is one in it
   */
  public void insert(BlockDevice newMedium) {
    Objects.requireNonNull(newMedium, "newMedium");
    lock.writeLock().lock();
    try {
      if (medium != null) {
        throw new IllegalStateException("there is a medium in the drive: " + medium);
      }
      medium = newMedium;
    } finally {
      lock.writeLock().unlock();
    }
    newMedium.subscribe(relay);
    mediumChanged();
  }

  /**
   * Takes the medium out, once the calls under way have come back. A server should have been told
   * to eject the unit before; else it takes this for an eject that nobody could prevent.
   *
   * @return what was in the drive; not in use any more, and the caller's to close
   */
  public Optional<BlockDevice> remove() {
    BlockDevice old;
    lock.writeLock().lock();
    try {
      old = medium;
      medium = null;
    } finally {
      lock.writeLock().unlock();
    }
    if (old != null) {
      old.unsubscribe(relay);
      mediumChanged();
    }
    return Optional.ofNullable(old);
  }

  private void mediumChanged() {
    listeners.geometryChanged();
  }

  // ---- as a device

  @Override
  public boolean mediumPresent() {
    return medium != null;
  }

  @Override
  public Geometry geometry() {
    BlockDevice now = medium;
    return now == null ? geometryWhenEmpty : now.geometry();
  }

  @Override
  public Capabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public void read(long offset, ByteBuffer into) throws IOException {
    call(device -> device.read(offset, into));
  }

  @Override
  public void write(long offset, ByteBuffer from) throws IOException {
    call(device -> writable(device).write(offset, from));
  }

  @Override
  public void writeThrough(long offset, ByteBuffer from) throws IOException {
    call(device -> writable(device).writeThrough(offset, from));
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayDeallocate) throws IOException {
    call(device -> writable(device).writeZeroes(offset, length, mayDeallocate));
  }

  /** Of a medium that gives nothing back, the bytes stay. */
  @Override
  public void deallocate(long offset, long length) throws IOException {
    call(
        device -> {
          if (writable(device).capabilities().deallocate()) {
            device.deallocate(offset, length);
          }
        });
  }

  @Override
  public void flush() throws IOException {
    call(BlockDevice::flush);
  }

  @Override
  public void subscribe(DeviceEvents events) {
    listeners.add(events);
  }

  @Override
  public void unsubscribe(DeviceEvents events) {
    listeners.remove(events);
  }

  /** Closes the medium that is in the drive. */
  @Override
  public void close() throws IOException {
    Optional<BlockDevice> last = remove();
    if (last.isPresent()) {
      last.get().close();
    }
  }

  @FunctionalInterface
  private interface Call {
    void on(BlockDevice device) throws IOException;
  }

  private void call(Call call) throws IOException {
    lock.readLock().lock();
    try {
      if (medium == null) {
        throw new BlockDeviceException(
            BlockDeviceException.Kind.NOT_READY, "there is no medium in the drive");
      }
      call.on(medium);
    } finally {
      lock.readLock().unlock();
    }
  }

  private static BlockDevice writable(BlockDevice device) throws BlockDeviceException {
    if (device.capabilities().readOnly()) {
      throw new BlockDeviceException(
          BlockDeviceException.Kind.WRITE_PROTECTED, "the medium is read-only: " + device);
    }
    return device;
  }

  @Override
  public String toString() {
    BlockDevice now = medium;
    return "Drive[" + (now == null ? "empty" : now) + "]";
  }
}
