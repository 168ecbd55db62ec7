package org.iscsi4j.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What the devices over a regular file have in common: all but how bytes are moved. The geometry
 * changes under this object's monitor.
 */
abstract sealed class LocalFileDevice implements BlockDevice permits FileDevice, MappedFileDevice {

  private final DeviceListeners listeners = new DeviceListeners();
  private final OpenFile file;
  private final GranuleMap granules;
  private final Capabilities capabilities;
  private volatile Geometry geometry;

  LocalFileDevice(ImageFile image) throws IOException {
    file = image.file();
    boolean limited = image.quota().limited();
    granules = new GranuleMap(image.sparse() || limited, image.quota());
    if (limited && !image.sparse()) {
      findData(image.geometry().size());
    }
    geometry = image.geometry();
    capabilities =
        Capabilities.DEFAULT
            .withBlocking(Blocking.BRIEFLY)
            .withReadOnly(file.readOnly())
            .withDeallocate(true)
            .withExtents(true);
  }

  /** Writes without keeping account of granules. */
  abstract void store(long offset, ByteBuffer from) throws IOException;

  /** Follows the file to another size: before the geometry grows, after it shrank. */
  abstract void sizeChanged(long newSize) throws IOException;

  final OpenFile file() {
    return file;
  }

  @Override
  public final Geometry geometry() {
    return geometry;
  }

  @Override
  public final Capabilities capabilities() {
    return capabilities;
  }

  @Override
  public final void write(long offset, ByteBuffer from) throws IOException {
    int length = from.remaining();
    long reserved = granules.reserve(offset, length);
    if (reserved < 0) {
      throw new BlockDeviceException(
          BlockDeviceException.Kind.OUT_OF_SPACE,
          offset,
          this + " may not use as much of its file as a write of " + length + " bytes needs",
          null);
    }
    try {
      store(offset, from);
    } finally {
      granules.written(offset, length, reserved);
    }
    if (offset + length > geometry.size()) {
      cutBack();
    }
  }

  /**
   * Makes a range read as zeroes. Java can't punch holes, so no storage goes back to the file
   * system: what is not zero is overwritten with zeroes. What is zero already is left alone, so a
   * sparse file stays sparse; what is known to be so costs nothing.
   */
  @Override
  public final void deallocate(long offset, long length) throws IOException {
    granules.deallocate(offset, length, geometry.size(), new Scrubber());
  }

  @Override
  public final void writeZeroes(long offset, long length, boolean mayDeallocate)
      throws IOException {
    if (mayDeallocate) {
      deallocate(offset, length);
    } else {
      ZeroWriter.write(this, offset, length);
    }
  }

  /**
   * {@link Extent.State#DEALLOCATED} where granules of 64 KiB are known to be zeroes since the file
   * was made or the range deallocated, {@link Extent.State#ALLOCATED} where they were written to,
   * and {@link Extent.State#UNKNOWN} where the content is from before the device was opened.
   */
  @Override
  public final Extent extent(long offset, long length) {
    return granules.extent(offset, length);
  }

  /** What a disk with a limit uses of its file and may still use; in granules of 64 KiB. */
  @Override
  public final Optional<Space> space() {
    return granules.space();
  }

  /**
   * Makes the file and the disk longer by a hole, or cuts them off, and tells every listener.
   *
   * @param newBlockCount blocks, 1 or more
   * @throws BlockDeviceException of kind {@link BlockDeviceException.Kind#WRITE_PROTECTED} when the
   *     device is read-only
   */
  public final void resize(long newBlockCount) throws IOException {
    if (file.readOnly()) {
      throw new BlockDeviceException(
          BlockDeviceException.Kind.WRITE_PROTECTED, this + " is read-only");
    }
    Geometry before = geometry;
    try {
      changeBlockCount(newBlockCount);
    } finally {
      if (!geometry.equals(before)) {
        listeners.geometryChanged();
      }
    }
  }

  @Override
  public final void subscribe(DeviceEvents events) {
    listeners.add(events);
  }

  @Override
  public final void unsubscribe(DeviceEvents events) {
    listeners.remove(events);
  }

  /** Closes the file, which unlocks it. */
  @Override
  public void close() throws IOException {
    file.close();
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[" + file.path() + "]";
  }

  /** Tells data from zeroes in a file that was there before. */
  private void findData(long size) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(GranuleMap.GRANULE);
    for (long offset = 0; offset < size; offset += GranuleMap.GRANULE) {
      int length = (int) Math.min(GranuleMap.GRANULE, size - offset);
      file.read(offset, chunk.clear().limit(length));
      if (chunk.flip().mismatch(ZeroWriter.zeroes(length)) >= 0) {
        granules.written(offset, length);
      }
    }
  }

  private synchronized void changeBlockCount(long newBlockCount) throws IOException {
    Geometry old = geometry;
    Geometry changed = old.withBlockCount(newBlockCount);
    if (changed.size() > old.size()) {
      grow(old.size(), changed.size());
      geometry = changed;
    } else if (changed.size() < old.size()) {
      shrink(old, changed);
    }
  }

  /** No call may begin beyond the new end any more before the file is cut off there. */
  private void shrink(Geometry old, Geometry changed) throws IOException {
    geometry = changed;
    boolean shrunk = false;
    try {
      sizeChanged(changed.size());
      file.truncate(changed.size());
      shrunk = true;
      granules.shrunk(old.size(), changed.size());
    } finally {
      if (!shrunk) {
        sizeChanged(old.size());
        geometry = old;
      }
    }
  }

  private void grow(long oldSize, long newSize) throws IOException {
    file.extend(newSize);
    try {
      sizeChanged(newSize);
    } catch (IOException e) {
      file.truncate(oldSize);
      throw e;
    }
    granules.grown(oldSize, newSize);
  }

  /** A write that was under way while the disk shrank made the file longer again. */
  private synchronized void cutBack() throws IOException {
    file.truncate(geometry.size());
  }

  /** Zeroes what is not zero yet. */
  private final class Scrubber implements GranuleMap.Zeroer {

    private ByteBuffer scratch;

    @Override
    public void zero(long offset, long length) throws IOException {
      if (scratch == null) {
        scratch = ByteBuffer.allocate(GranuleMap.GRANULE);
      }
      read(offset, scratch.clear().limit((int) length));
      if (scratch.flip().mismatch(ZeroWriter.zeroes((int) length)) >= 0) {
        store(offset, ZeroWriter.zeroes((int) length));
      }
    }
  }
}
