package org.iscsi4j.api;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Values on the heap. */
final class MemoryStateStore implements StateStore {

  private final Map<String, byte[]> values = new ConcurrentHashMap<>();

  @Override
  public Optional<byte[]> load(String name) {
    return Optional.ofNullable(values.get(StateNames.check(name))).map(byte[]::clone);
  }

  @Override
  public void save(String name, byte[] value) {
    StateNames.check(name);
    if (value.length == 0) {
      values.remove(name);
    } else {
      values.put(name, value.clone());
    }
  }
}
