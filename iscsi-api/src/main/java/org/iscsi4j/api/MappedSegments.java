package org.iscsi4j.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.FileSystemException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A file mapped in segments of 1 GiB, because a buffer holds no more than 2. Reading and writing
 * take no lock; {@code segments} is replaced by {@link #resize}, which its caller serializes.
 */
final class MappedSegments {

  private static final int SHIFT = 30;
  private static final int SEGMENT = 1 << SHIFT;

  /** Half of the mappings that Linux grants a process by default (vm.max_map_count). */
  private static final long LIMIT = (long) SEGMENT << 15;

  /**
   * A part of the file. A longer mapping of the same part shares {@code dirty} with the shorter.
   */
  private record Segment(MappedByteBuffer bytes, AtomicBoolean dirty) {}

  /** Zero, which a constant would tell the compiler. */
  private static volatile int none;

  private final OpenFile file;
  private final Object forcing = new Object();
  private volatile Segment[] segments = new Segment[0];

  MappedSegments(OpenFile file, long size) throws IOException {
    this.file = file;
    resize(size);
  }

  /** Faults of memory are {@link InternalError}s; bytes not mapped are out of bounds. */
  void read(long offset, ByteBuffer into) {
    long at = offset;
    while (into.hasRemaining()) {
      ByteBuffer bytes = segment(at).bytes;
      int length = Math.min(SEGMENT - inSegment(at), into.remaining());
      into.put(into.position(), bytes, inSegment(at), length);
      into.position(into.position() + length);
      at += length;
    }
    throwFaults();
  }

  /** As {@link #read}. */
  void write(long offset, ByteBuffer from) {
    long at = offset;
    while (from.hasRemaining()) {
      Segment segment = segment(at);
      int length = Math.min(SEGMENT - inSegment(at), from.remaining());
      try {
        segment.bytes.put(inSegment(at), from, from.position(), length);
      } finally {
        segment.dirty.set(true);
      }
      from.position(from.position() + length);
      at += length;
    }
    throwFaults();
  }

  /** Makes durable what was written before. */
  void force() throws IOException {
    // one at a time: a second caller must not find a segment clean that the first has yet to write
    synchronized (forcing) {
      for (Segment segment : segments) {
        if (segment.dirty.getAndSet(false)) {
          force(segment);
        }
      }
    }
  }

  /** Leaves the mappings to the garbage collector. */
  void release() {
    segments = new Segment[0];
  }

  /** Maps more of the file, or lets go of what is beyond its new end. */
  void resize(long newSize) throws IOException {
    if (newSize > LIMIT) {
      throw new FileSystemException(
          file.path().toString(),
          null,
          newSize + " bytes exceed the " + LIMIT + " that can be mapped");
    }
    Segment[] changed = Arrays.copyOf(segments, (int) ((newSize + SEGMENT - 1) >>> SHIFT));
    for (int i = 0; i < changed.length; i++) {
      long length = Math.min(SEGMENT, newSize - ((long) i << SHIFT));
      if (changed[i] == null || changed[i].bytes.capacity() != length) {
        changed[i] = map(i, length, changed[i]);
      }
    }
    segments = changed;
  }

  private Segment map(int index, long length, Segment old) throws IOException {
    MapMode mode = file.readOnly() ? MapMode.READ_ONLY : MapMode.READ_WRITE;
    MappedByteBuffer[] bytes = new MappedByteBuffer[1];
    file.call(
        (channel, result, position) -> {
          result[0] = channel.map(mode, position, length);
          return length;
        },
        bytes,
        (long) index << SHIFT);
    return new Segment(bytes[0], old == null ? new AtomicBoolean() : old.dirty);
  }

  private void force(Segment segment) throws IOException {
    try {
      segment.bytes.force();
    } catch (UncheckedIOException e) {
      segment.dirty.set(true);
      throw FileFaults.ofWrite(file.path(), BlockDeviceException.UNKNOWN_OFFSET, e.getCause());
    }
  }

  /**
   * Throws now what copying ran into. The JVM notes a fault of memory and throws when the thread
   * next enters the runtime; in JDK 17 that may be when the command was answered long ago. Making
   * an array of arrays enters it, as long as the compiler does not know how many.
   */
  private static void throwFaults() {
    int count = none;
    if (new byte[count][count].length != 0) {
      throw new IllegalStateException();
    }
  }

  private Segment segment(long offset) {
    return segments[(int) (offset >>> SHIFT)];
  }

  private static int inSegment(long offset) {
    return (int) offset & (SEGMENT - 1);
  }
}
