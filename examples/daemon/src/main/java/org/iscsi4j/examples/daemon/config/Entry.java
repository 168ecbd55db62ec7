package org.iscsi4j.examples.daemon.config;

import java.util.List;
import java.util.Optional;

/** A key and the values behind it. */
record Entry(Token key, List<Token> values) {

  int line() {
    return key.line();
  }

  /** A value by its place, counted from 0. */
  Optional<Token> value(int place) {
    return place < values.size() ? Optional.of(values.get(place)) : Optional.empty();
  }
}
