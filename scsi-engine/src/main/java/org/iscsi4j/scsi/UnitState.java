package org.iscsi4j.scsi;

import java.io.IOException;
import java.util.Optional;
import org.iscsi4j.api.Identity;
import org.iscsi4j.api.StateStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one unit keeps in the server's {@link StateStore}, under names of its own. */
final class UnitState {

  private static final Logger log = LoggerFactory.getLogger(UnitState.class);

  private final StateStore store;
  private final String prefix;

  UnitState(StateStore store, Identity identity) {
    this.store = store;
    prefix = String.format("lu-%015x.", identity.deviceId());
  }

  /**
   * The value last saved under a name. Blocks. One that can't be read counts as lost, which is
   * logged: a unit that answers is worth more than one that does not start.
   */
  Optional<byte[]> load(String name) {
    try {
      return store.load(prefix + name);
    } catch (IOException | RuntimeException e) {
      log.error("{}{} can't be read and is forgotten", prefix, name, e);
      return Optional.empty();
    }
  }

  /**
   * Saves a value, empty to forget it. Blocks, so it is called through {@link ScsiTask#callStore}.
   *
   * @return {@link Sense#NONE} when it is safe
   */
  Sense save(String name, byte[] value) {
    try {
      store.save(prefix + name, value);
      return Sense.NONE;
    } catch (IOException | RuntimeException e) {
      log.error("{}{} can't be saved", prefix, name, e);
      return Sense.INTERNAL_TARGET_FAILURE;
    }
  }
}
