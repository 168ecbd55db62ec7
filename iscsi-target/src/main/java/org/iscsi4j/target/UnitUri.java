package org.iscsi4j.target;

import java.nio.charset.StandardCharsets;
import org.iscsi4j.api.IscsiName;

/** How clients write where a unit is: {@code iscsi://HOST:PORT/TARGET/LUN}. */
final class UnitUri {

  /** What a segment of a path may hold as it is (RFC 3986 section 3.3), as far as names need it. */
  private static final String PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789-._~:";

  private UnitUri() {}

  static String of(String address, IscsiName target, int lun) {
    return "iscsi://" + address + "/" + escaped(target) + "/" + lun;
  }

  private static String escaped(IscsiName name) {
    StringBuilder segment = new StringBuilder();
    for (byte each : name.toString().getBytes(StandardCharsets.UTF_8)) {
      if (PLAIN.indexOf(each) >= 0) {
        segment.append((char) each);
      } else {
        segment.append(String.format("%%%02X", each));
      }
    }
    return segment.toString();
  }
}
