package org.iscsi4j.api;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Implements what a device must, and notes the calls. */
class LeastDevice implements BlockDevice {

  final List<String> calls = new ArrayList<>();
  final List<Byte> written = new ArrayList<>();

  @Override
  public Geometry geometry() {
    return Geometry.of(512, 4096);
  }

  @Override
  public void read(long offset, ByteBuffer into) {
    calls.add("read " + offset + "+" + into.remaining());
    into.position(into.limit());
  }

  @Override
  public void write(long offset, ByteBuffer from) {
    calls.add("write " + offset + "+" + from.remaining());
    while (from.hasRemaining()) {
      written.add(from.get());
    }
  }

  @Override
  public void flush() {
    calls.add("flush");
  }

  @Override
  public void close() {
    calls.add("close");
  }

  @Override
  public String toString() {
    return "least";
  }
}
