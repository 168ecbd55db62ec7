package org.iscsi4j.examples.device;

import java.io.IOException;
import java.nio.file.Path;
import org.iscsi4j.api.BlockDevice;
import org.iscsi4j.api.Target;
import org.iscsi4j.target.IscsiServer;

/** Serves a disk of 1 GiB whose objects lie in the folder that is given, until Enter is pressed. */
public final class Main {

  private Main() {}

  /** Runs the program. */
  public static void main(String... args) throws IOException {
    Path folder = Path.of(args.length == 0 ? "objects" : args[0]);
    try (BlockDevice disk = new ObjectDevice(new FolderStore(folder), 1 << 30);
        IscsiServer server =
            IscsiServer.builder()
                .target(Target.builder("iqn.2026-11.org.example:objects").lun(disk).build())
                .start()) {
      server.uris().forEach(System.out::println);
      System.in.read();
    }
  }
}
