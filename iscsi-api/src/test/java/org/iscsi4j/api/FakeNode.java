package org.iscsi4j.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that looks like sysfs, for a file that plays the block device 7:99. */
final class FakeNode {

  static final String NUMBER = "7:99";

  private final Path root;

  FakeNode(Path root) {
    this.root = root;
  }

  /** Writes a file of sysfs, such as {@code queue/rotational}. */
  FakeNode fact(String name, String value) throws IOException {
    Path file = root.resolve("sys/disk").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, value + "\n");
    return this;
  }

  /** Adds a line to the table of mounts. */
  FakeNode mount(String number, String where) throws IOException {
    Path table = root.resolve("mountinfo");
    String before = Files.exists(table) ? Files.readString(table) : "";
    Files.writeString(
        table, before + "22 27 " + number + " / " + where + " rw,relatime - ext4 /dev/x rw\n");
    return this;
  }

  /** Adds a line as of btrfs, whose number is not the device's. */
  FakeNode anonymousMount(String source, String where) throws IOException {
    Path table = root.resolve("mountinfo");
    String before = Files.exists(table) ? Files.readString(table) : "";
    Files.writeString(
        table,
        before + "40 27 0:45 /sub " + where + " rw shared:9 - btrfs " + source + " rw,space\n");
    return this;
  }

  /** Adds a line to the table of swap areas. */
  FakeNode swap(String where) throws IOException {
    Files.writeString(
        root.resolve("swaps"),
        "Filename\t\t\t\tType\t\tSize\n" + where + "   partition\t524284\t0\t-2\n");
    return this;
  }

  BlockNode node(Path file) throws IOException {
    return node(file, "disk");
  }

  /** The node whose directory has a name below that of all. */
  BlockNode node(Path file, String directory) throws IOException {
    mount("0:21", "/proc");
    return new BlockNode(
        file,
        NUMBER,
        root.resolve("sys").resolve(directory),
        root.resolve("mountinfo"),
        root.resolve("swaps"));
  }
}
