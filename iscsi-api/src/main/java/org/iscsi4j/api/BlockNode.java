package org.iscsi4j.api;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A block device node of Linux, and what the kernel says about the device in sysfs. Facts that
 * sysfs does not have are those of a plain disk.
 *
 * @param path the node, such as {@code /dev/sdb}
 * @param number {@code MAJOR:MINOR}
 * @param sysfs the device's directory, such as {@code /sys/dev/block/8:16}
 * @param mountInfo the table of mounts, {@code /proc/self/mountinfo}
 * @param swaps the table of swap areas, {@code /proc/swaps}
 */
record BlockNode(Path path, String number, Path sysfs, Path mountInfo, Path swaps) {

  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");
  private static final int FILE_TYPE = 0xF000;
  private static final int BLOCK_DEVICE = 0x6000;

  /** Whether a path, after links, leads to a block device. */
  static boolean isBlockDevice(Path path) {
    try {
      return ((int) Files.getAttribute(path, "unix:mode") & FILE_TYPE) == BLOCK_DEVICE;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return false;
    }
  }

  /** The node at a path. */
  static BlockNode at(Path path) throws IOException {
    if (!isBlockDevice(path)) {
      throw refused(path, Files.exists(path) ? "is no block device" : "does not exist");
    }
    String number = number((long) Files.getAttribute(path, "unix:rdev"));
    return new BlockNode(
        path,
        number,
        Path.of("/sys/dev/block", number).toRealPath(),
        Path.of("/proc/self/mountinfo"),
        Path.of("/proc/swaps"));
  }

  int logicalBlockSize() throws IOException {
    return (int) queueFact("logical_block_size", Geometry.MIN_BLOCK_SIZE);
  }

  int physicalBlockSize() throws IOException {
    return (int) queueFact("physical_block_size", Geometry.MIN_BLOCK_SIZE);
  }

  /** Bytes per call that the device likes best, or 0. */
  long optimalIoSize() throws IOException {
    return queueFact("optimal_io_size", 0);
  }

  boolean rotational() throws IOException {
    return queueFact("rotational", 1) == 1;
  }

  boolean readOnly() throws IOException {
    return fact(sysfs.resolve("ro"), 0) == 1;
  }

  /**
   * Refuses a device that is mounted or swapped to, wholly or a partition of it, or part of a
   * larger one. Out of sight are mounts in other namespaces, such as containers', all but the first
   * device of a file system that has several (btrfs, ZFS), whoever merely opened the node, and
   * other machines that reach the same disk.
   */
  void requireUnused() throws IOException {
    Set<String> numbers = new HashSet<>(Set.of(number));
    try (Stream<Path> partitions = children(sysfs)) {
      for (Path partition : (Iterable<Path>) partitions::iterator) {
        Path dev = partition.resolve("dev");
        if (Files.exists(partition.resolve("partition"))) {
          numbers.add(Files.readString(dev).strip());
          requireNoHolder(partition);
        }
      }
    }
    requireNoHolder(sysfs);
    requireNotMounted(numbers);
    requireNoSwap(numbers);
  }

  private void requireNotMounted(Set<String> numbers) throws IOException {
    for (String mount : lines(mountInfo)) {
      // proc(5): mount id, parent id, major:minor, root, mount point, ... - type, source, options
      String[] fields = mount.split(" ");
      int dash = Arrays.asList(fields).indexOf("-");
      // a file system such as btrfs has a number of its own, and only its source names the device
      boolean source = dash >= 0 && fields.length > dash + 2 && leadsTo(fields[dash + 2], numbers);
      if (source || numbers.contains(fields[2])) {
        throw refused(path, "is mounted at " + fields[4]);
      }
    }
  }

  private void requireNoSwap(Set<String> numbers) throws IOException {
    for (String swap : lines(swaps)) {
      if (leadsTo(swap.split("\\s")[0], numbers)) {
        throw refused(path, "is used for swapping");
      }
    }
  }

  /** Whether a path of one of the kernel's tables is this node or one of some device numbers. */
  private boolean leadsTo(String escaped, Set<String> numbers) throws IOException {
    if (!escaped.startsWith("/")) {
      return false;
    }
    Path other = Path.of(unescape(escaped));
    if (isBlockDevice(other)) {
      return numbers.contains(number((long) Files.getAttribute(other, "unix:rdev")));
    }
    return Files.exists(other) && Files.isSameFile(other, path);
  }

  /** The tables have octal numbers for spaces, tabs, line feeds and backslashes. */
  private static String unescape(String text) {
    return OCTAL
        .matcher(text)
        .replaceAll(
            code ->
                Matcher.quoteReplacement(
                    String.valueOf((char) Integer.parseInt(code.group(1), 8))));
  }

  private static List<String> lines(Path table) throws IOException {
    return Files.exists(table) ? Files.readAllLines(table) : List.of();
  }

  private void requireNoHolder(Path directory) throws IOException {
    try (Stream<Path> holders = children(directory.resolve("holders"))) {
      Path holder = holders.findFirst().orElse(null);
      if (holder != null) {
        throw refused(path, "is part of " + holder.getFileName());
      }
    }
  }

  /** A partition has no queue of its own but its disk's, one directory up. */
  private long queueFact(String name, long otherwise) throws IOException {
    Path own = sysfs.resolve("queue");
    Path queue = Files.isDirectory(own) ? own : sysfs.resolveSibling("queue");
    return fact(queue.resolve(name), otherwise);
  }

  private static long fact(Path file, long otherwise) throws IOException {
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (NoSuchFileException e) {
      return otherwise;
    }
  }

  private static Stream<Path> children(Path directory) throws IOException {
    return Files.isDirectory(directory) ? Files.list(directory) : Stream.empty();
  }

  /** How glibc packs a device number. */
  static String number(long device) {
    long major = (device >>> 8 & 0xfff) | (device >>> 32 & 0xffff_f000L);
    long minor = (device & 0xff) | (device >>> 12 & 0xffff_ff00L);
    return major + ":" + minor;
  }

  private static FileSystemException refused(Path path, String reason) {
    return new FileSystemException(path.toString(), null, reason);
  }
}
