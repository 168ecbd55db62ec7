package org.iscsi4j.api.monitor;

/**
 * Why a command ended with CHECK CONDITION (SPC-5 clause 4.5).
 *
 * @param key the sense key, 0 to 15
 * @param asc the additional sense code, 0 to 255
 * @param ascq its qualifier, 0 to 255
 */
public record SenseCode(int key, int asc, int ascq) {

  /** As the standards write them, {@code 5h 24h/00h}. */
  @Override
  public String toString() {
    return String.format("%Xh %02Xh/%02Xh", key, asc, ascq);
  }
}
