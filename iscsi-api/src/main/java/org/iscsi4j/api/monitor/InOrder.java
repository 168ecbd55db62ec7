package org.iscsi4j.api.monitor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Maps that are read by people. */
final class InOrder {

  private InOrder() {}

  /** An immutable copy in the same order. */
  static Map<String, String> copy(Map<String, String> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
