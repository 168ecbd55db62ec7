package org.iscsi4j.scsi;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.BlockDeviceException;

/**
 * A device in whole blocks, as a tape uses it. Used by one thread at a time, but for {@link
 * #close}.
 */
final class TapeStore {

  private final BlockDevice device;

  /** The medium is out, and maybe another one is in the device. */
  private volatile boolean closed;

  TapeStore(BlockDevice device) {
    this.device = device;
  }

  /** Makes no call any more. From any thread. */
  void close() {
    closed = true;
  }

  /** Bytes on the device now. */
  long size() {
    return device.geometry().size();
  }

  int blockSize() {
    return device.geometry().blockSize();
  }

  private BlockDevice open() throws IOException {
    if (closed) {
      throw new BlockDeviceException(
          BlockDeviceException.Kind.NOT_READY, "the tape was taken out of " + device);
    }
    return device;
  }

  /** Reads whole blocks. */
  ByteBuffer read(long offset, int length) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(length);
    read(offset, into);
    return into.flip();
  }

  /** Fills a buffer of whole blocks, from its position to its limit. */
  void read(long offset, ByteBuffer into) throws IOException {
    if (offset > size() - into.remaining()) {
      throw new BlockDeviceException(
          BlockDeviceException.Kind.MEDIUM_ERROR,
          offset,
          "the tape goes on at " + offset + ", where the device has ended",
          null);
    }
    ByteBuffer view = into.slice();
    open().read(offset, view);
    checkWhole(view, offset);
    into.position(into.limit());
  }

  /** Writes bytes, and zeroes up to the end of the last granule. */
  void write(long offset, ByteBuffer from, int granule) throws IOException {
    int whole = from.remaining() / granule * granule;
    int rest = from.remaining() - whole;
    if (whole > 0) {
      writeBlocks(offset, from.slice(from.position(), whole));
    }
    if (rest > 0) {
      ByteBuffer last = ByteBuffer.allocate(granule);
      last.put(0, from, from.position() + whole, rest);
      writeBlocks(offset + whole, last);
    }
  }

  private void writeBlocks(long offset, ByteBuffer from) throws IOException {
    open().write(offset, from);
    checkWhole(from, offset);
  }

  private void checkWhole(ByteBuffer done, long offset) throws IOException {
    if (done.hasRemaining()) {
      throw new BlockDeviceException(
          BlockDeviceException.Kind.HARDWARE_ERROR,
          offset,
          device + " left " + done.remaining() + " bytes undone",
          null);
    }
  }

  void flush() throws IOException {
    if (device.capabilities().volatileCache()) {
      open().flush();
    }
  }

  /** Makes whole blocks read as zeroes. */
  void clear(long offset, long length) throws IOException {
    open().writeZeroes(offset, length, true);
  }

  /** Whether storage can be given back. */
  boolean gives() {
    return device.capabilities().deallocate();
  }

  /** Bytes in which storage is given back. */
  int granularity() {
    return device.geometry().deallocationGranularity();
  }

  /** Gives the storage of whole blocks back; what is read there then is anything. */
  void give(long offset, long length) throws IOException {
    open().deallocate(offset, length);
  }

  @Override
  public String toString() {
    return device.toString();
  }
}
