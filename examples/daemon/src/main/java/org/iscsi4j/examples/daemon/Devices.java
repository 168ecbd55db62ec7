package org.iscsi4j.examples.daemon;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.iscsi4j.api.BlockDevice;

/** The devices that were opened, to be closed together. Touched by one thread at a time. */
final class Devices implements Closeable {

  private final List<BlockDevice> open = new ArrayList<>();

  BlockDevice open(LunSpec lun) throws IOException {
    BlockDevice device = lun.open();
    open.add(device);
    return device;
  }

  /**
   * Closes every device, even when one fails; the first failure is thrown with the others in it.
   */
  @Override
  public void close() throws IOException {
    IOException failed = null;
    for (BlockDevice device : open) {
      try {
        device.close();
      } catch (IOException e) {
        if (failed == null) {
          failed = e;
        } else {
          failed.addSuppressed(e);
        }
      }
    }
    open.clear();
    if (failed != null) {
      throw failed;
    }
  }

  /** Closes what was opened before something else failed. */
  void closeAfter(Exception cause) {
    try {
      close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
