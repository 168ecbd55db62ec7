package org.iscsi4j.scsi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Blocking;
import org.iscsi4j.api.Capabilities;
import org.iscsi4j.api.Geometry;

/**
 * A sparse disk in memory that writes down its calls, throws what the test wants, and takes offence
 * at every call that the contract of {@link BlockDevice} rules out.
 */
class TestDisk implements BlockDevice {

  static final Capabilities MEMORY =
      Capabilities.DEFAULT.withBlocking(Blocking.NEVER).withRotationRate(1);
  static final Capabilities THIN = MEMORY.withDeallocate(true);

  private Geometry geometry;
  private final Capabilities capabilities;
  private final Map<Long, byte[]> blocks = new TreeMap<>();

  /** The calls that change the device, such as {@code write 512+1024}. */
  final List<String> calls = new ArrayList<>();

  /** The calls that the contract rules out. */
  final List<String> offences = new ArrayList<>();

  /** Thrown by the next call. */
  Throwable fault;

  /** Runs within the next call. */
  Runnable onCall = () -> {};

  /** Calls leave their buffer half used. */
  boolean lazy;

  TestDisk(Geometry geometry, Capabilities capabilities) {
    this.geometry = geometry;
    this.capabilities = capabilities;
  }

  static TestDisk ofBlocks(long count) {
    return new TestDisk(Geometry.of(512, count), MEMORY);
  }

  static TestDisk thin(long count) {
    return new TestDisk(Geometry.of(512, count), THIN);
  }

  void geometry(Geometry now) {
    geometry = now;
  }

  byte[] block(long lba) {
    return blocks.getOrDefault(lba, new byte[geometry.blockSize()]);
  }

  void fill(long lba, int count, int value) {
    byte[] block = new byte[geometry.blockSize()];
    Arrays.fill(block, (byte) value);
    for (long each = lba; each < lba + count; each++) {
      blocks.put(each, block);
    }
  }

  @Override
  public Geometry geometry() {
    return geometry;
  }

  @Override
  public Capabilities capabilities() {
    return capabilities;
  }

  @Override
  public synchronized void read(long offset, ByteBuffer into) throws IOException {
    check("read", offset, into.remaining());
    maybeFail();
    while (into.hasRemaining() && !lazy) {
      into.put(block(offset / geometry.blockSize()));
      offset += geometry.blockSize();
    }
  }

  @Override
  public synchronized void write(long offset, ByteBuffer from) throws IOException {
    calls.add("write " + offset + "+" + from.remaining());
    put(offset, from);
  }

  @Override
  public synchronized void writeThrough(long offset, ByteBuffer from) throws IOException {
    calls.add("writeThrough " + offset + "+" + from.remaining());
    put(offset, from);
  }

  private void put(long offset, ByteBuffer from) throws IOException {
    check("write", offset, from.remaining());
    maybeFail();
    while (from.hasRemaining() && !lazy) {
      byte[] block = new byte[geometry.blockSize()];
      from.get(block);
      blocks.put(offset / geometry.blockSize(), block);
      offset += geometry.blockSize();
    }
  }

  @Override
  public synchronized void flush() throws IOException {
    calls.add("flush");
    maybeFail();
  }

  @Override
  public synchronized void deallocate(long offset, long length) throws IOException {
    calls.add("deallocate " + offset + "+" + length);
    clear("deallocate", offset, length);
  }

  @Override
  public synchronized void writeZeroes(long offset, long length, boolean mayDeallocate)
      throws IOException {
    calls.add("zero" + (mayDeallocate ? "! " : " ") + offset + "+" + length);
    clear("writeZeroes", offset, length);
  }

  private void clear(String call, long offset, long length) throws IOException {
    check(call, offset, length);
    maybeFail();
    long first = offset / geometry.blockSize();
    blocks.keySet().removeIf(lba -> lba >= first && lba < first + length / geometry.blockSize());
  }

  private void check(String call, long offset, long length) {
    int blockSize = geometry.blockSize();
    boolean aligned = offset % blockSize == 0 && length % blockSize == 0;
    boolean inside = offset >= 0 && length > 0 && offset <= geometry.size() - length;
    if (!aligned || !inside) {
      offences.add(call + " " + offset + "+" + length);
      throw new IllegalStateException(
          call + " " + offset + "+" + length + " of " + geometry.size());
    }
  }

  private void maybeFail() throws IOException {
    Runnable now = onCall;
    onCall = () -> {};
    now.run();
    Throwable thrown = fault;
    fault = null;
    if (thrown instanceof IOException io) {
      throw io;
    } else if (thrown instanceof Error error) {
      throw error;
    } else if (thrown != null) {
      throw (RuntimeException) thrown;
    }
  }

  @Override
  public void close() {}
}
