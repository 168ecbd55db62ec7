package org.iscsi4j.scsi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Geometry;

/**
 * A device in memory with a volatile cache, whose power fails at a call that the test chooses: what
 * was flushed stays, and of every sector written since it is by chance whether it does.
 */
final class PowerCutDevice implements BlockDevice {

  private static final int SECTOR = 512;

  private final int blockSize;
  private final byte[] cached;
  private final byte[] durable;

  /** Sectors written since the last flush. */
  private final List<Integer> unsafe = new ArrayList<>();

  /** Calls that change something until the power fails; negative for never. */
  private int callsLeft = -1;

  /** Calls that changed something. */
  int calls;

  /** Flushes that were made. */
  int flushes;

  PowerCutDevice(int size, int blockSize) {
    this(new byte[size], blockSize);
  }

  private PowerCutDevice(byte[] content, int blockSize) {
    this.blockSize = blockSize;
    cached = content;
    durable = content.clone();
  }

  /** The power fails in the call after so many. */
  PowerCutDevice failingAfter(int moreCalls) {
    callsLeft = moreCalls;
    return this;
  }

  /** The same medium when the power is back. */
  PowerCutDevice afterwards(RandomGenerator chance) {
    byte[] content = durable.clone();
    for (int sector : unsafe) {
      if (chance.nextBoolean()) {
        System.arraycopy(cached, sector * SECTOR, content, sector * SECTOR, SECTOR);
      }
    }
    return new PowerCutDevice(content, blockSize);
  }

  /** The same medium, all of which was written, with blocks of another size. */
  PowerCutDevice withBlocks(int size) {
    return new PowerCutDevice(cached.clone(), size);
  }

  byte[] content() {
    return cached;
  }

  private void change() throws IOException {
    if (callsLeft == 0) {
      throw new IOException("no power");
    }
    callsLeft--;
    calls++;
  }

  @Override
  public Geometry geometry() {
    return Geometry.ofSize(cached.length, blockSize);
  }

  @Override
  public Capabilities capabilities() {
    return Capabilities.DEFAULT.withBlocking(Blocking.NEVER).withDeallocate(false);
  }

  @Override
  public void read(long offset, ByteBuffer into) {
    into.put(cached, (int) offset, into.remaining());
  }

  @Override
  public void write(long offset, ByteBuffer from) throws IOException {
    for (int at = (int) offset; from.hasRemaining(); at += SECTOR) {
      from.get(cached, at, SECTOR);
      unsafe.add(at / SECTOR);
    }
    change(); // what was under way is as uncertain as what is in the cache
  }

  @Override
  public void flush() throws IOException {
    change();
    flushes++;
    unsafe.forEach(
        sector -> System.arraycopy(cached, sector * SECTOR, durable, sector * SECTOR, SECTOR));
    unsafe.clear();
  }

  /** Nonsense takes the place of what was there. */
  @Override
  public void deallocate(long offset, long length) throws IOException {
    byte[] nonsense = new byte[(int) length];
    Arrays.fill(nonsense, (byte) 0xdd);
    write(offset, ByteBuffer.wrap(nonsense));
  }

  @Override
  public void close() {}
}
