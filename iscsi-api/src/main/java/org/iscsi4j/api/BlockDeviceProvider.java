package org.iscsi4j.api;

import java.io.IOException;
import java.util.Set;

/**
 * Opens devices from a {@link DeviceUri}: how a vendor's storage becomes known to programs that
 * take devices as text. Found by {@link java.util.ServiceLoader}, so it has a public constructor
 * without parameters and is declared with {@code provides} in the module, or in {@code
 * META-INF/services/org.iscsi4j.api.BlockDeviceProvider} on the class path. Any thread.
 */
public interface BlockDeviceProvider {

  /** The scheme that stands before the colon, in lower case, such as {@code file}. */
  String scheme();

  /** The names of the options that {@link #open} knows. Others are refused before it is called. */
  Set<String> options();

  /**
   * Opens a device; the caller closes it.
   *
   * @param uri of this {@link #scheme}, with none but known options
   * @throws IllegalArgumentException when the path or an option makes no sense, with the reason
   * @throws IOException when the storage can't be opened
   */
  BlockDevice open(DeviceUri uri) throws IOException;
}
