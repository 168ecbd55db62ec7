package org.iscsi4j.examples.quickstart;

import java.io.IOException;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.MemoryDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.target.IscsiServer;

/** Serves a disk in memory until Enter is pressed. */
public final class Main {

  private Main() {}

  /** Runs the program. */
  public static void main(String... args) throws IOException {
    BlockDevice disk = MemoryDevice.ofSize(64 << 20);
    try (IscsiServer server =
        IscsiServer.builder()
            .target(Target.builder("iqn.2026-11.org.example:disk").lun(disk).build())
            .start()) {
      server.uris().forEach(System.out::println);
      System.in.read();
    }
  }
}
