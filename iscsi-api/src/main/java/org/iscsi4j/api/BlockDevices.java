package org.iscsi4j.api;

import java.io.IOException;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Opens devices that are named by text:
 *
 * <pre>{@code
 * BlockDevice disk = BlockDevices.open("file:/var/disk.img?size=1g&blocksize=4096");
 * }</pre>
 *
 * <ul>
 *   <li>{@code mem:SIZE}: a {@link MemoryDevice}. Options {@code blocksize}, {@code physical}
 *       (physical block size) and {@code limit} (the most memory to take), in bytes.
 *   <li>{@code file:PATH}: a {@link FileDevice}, or a {@link RawDevice} where the path is a block
 *       device. Options {@code size}, {@code blocksize}, {@code physical} and {@code limit} (the
 *       most of the file to use) in bytes, and the flags {@code readonly} and {@code mapped} (a
 *       {@link MappedFileDevice}).
 *   <li>any other scheme: what a {@link BlockDeviceProvider} makes of it.
 * </ul>
 */
public final class BlockDevices {

  private static final List<BlockDeviceProvider> SHIPPED =
      List.of(new FileProvider(), new MemoryProvider());

  private BlockDevices() {}

  /**
   * Opens a device, which the caller closes.
   *
   * @throws IllegalArgumentException when the text is no {@link DeviceUri}, or its scheme or an
   *     option is not known or makes no sense
   * @throws IOException when the storage can't be opened
   */
  public static BlockDevice open(String uri) throws IOException {
    return open(DeviceUri.parse(uri));
  }

  /** As {@link #open(String)}. */
  public static BlockDevice open(DeviceUri uri) throws IOException {
    BlockDeviceProvider provider = provider(uri.scheme());
    for (String name : uri.options().keySet()) {
      if (!provider.options().contains(name)) {
        throw new IllegalArgumentException(
            uri.scheme()
                + ": has no option '"
                + name
                + "'; it has "
                + String.join(", ", new TreeSet<>(provider.options())));
      }
    }
    return provider.open(uri);
  }

  /**
   * The names of the options that devices of a scheme have, for programs that add some of their
   * own.
   *
   * @throws IllegalArgumentException when the scheme is not known
   */
  public static Set<String> options(String scheme) {
    return provider(scheme).options();
  }

  private static BlockDeviceProvider provider(String scheme) {
    Supplier<Stream<BlockDeviceProvider>> all =
        () ->
            Stream.concat(
                SHIPPED.stream(),
                ServiceLoader.load(BlockDeviceProvider.class).stream()
                    .map(ServiceLoader.Provider::get));
    return all.get()
        .filter(provider -> provider.scheme().equals(scheme))
        .findFirst()
        .orElseThrow(() -> unknownScheme(scheme, all.get().map(BlockDeviceProvider::scheme)));
  }

  private static IllegalArgumentException unknownScheme(String scheme, Stream<String> schemes) {
    return new IllegalArgumentException(
        "'"
            + scheme
            + ":' is no known kind of device; known are "
            + String.join(", ", schemes.sorted().toList()));
  }
}
