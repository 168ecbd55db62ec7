package org.iscsi4j.api;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** {@code file:/path}: a disk in a file, or a block device. */
final class FileProvider implements BlockDeviceProvider {

  @Override
  public String scheme() {
    return "file";
  }

  @Override
  public Set<String> options() {
    return Set.of("size", "blocksize", "physical", "readonly", "mapped", "limit");
  }

  @Override
  public BlockDevice open(DeviceUri uri) throws IOException {
    Path path = path(uri);
    return RawDevice.isBlockDevice(path) ? openNode(uri, path) : openFile(uri, path);
  }

  private static BlockDevice openFile(DeviceUri uri, Path path) throws IOException {
    FileDevice.Builder builder = FileDevice.builder(path);
    uri.bytes("size").ifPresent(builder::size);
    uri.bytes("limit").ifPresent(builder::limit);
    uri.intBytes("blocksize").ifPresent(builder::blockSize);
    uri.intBytes("physical").ifPresent(builder::physicalBlockSize);
    if (uri.flag("readonly")) {
      builder.readOnly();
    }
    return uri.flag("mapped") ? builder.openMapped() : builder.open();
  }

  private static BlockDevice openNode(DeviceUri uri, Path path) throws IOException {
    if (uri.flag("mapped") || uri.option("size").isPresent() || uri.option("limit").isPresent()) {
      throw new IllegalArgumentException(
          path + " is a block device, which takes none of the options size, limit and mapped");
    }
    RawDevice.Builder builder = RawDevice.builder(path);
    uri.intBytes("blocksize").ifPresent(builder::blockSize);
    uri.intBytes("physical").ifPresent(builder::physicalBlockSize);
    if (uri.flag("readonly")) {
      builder.readOnly();
    }
    return builder.open();
  }

  /** A path as typed, or with the empty authority that {@link Path#toUri} writes. */
  private static Path path(DeviceUri uri) {
    String path = uri.path();
    if (path.isEmpty() || (path.startsWith("//") && !path.startsWith("///"))) {
      throw new IllegalArgumentException("'" + uri + "' has no path: expected file:/path");
    }
    // File and not Path: it takes the slash off /C:/disk.img, and the two off ///disk.img
    return new File(path).toPath();
  }
}
