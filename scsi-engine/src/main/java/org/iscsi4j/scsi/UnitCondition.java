package org.iscsi4j.scsi;

/**
 * What the host, and of a removable unit its initiators too, have made of a unit. Immutable.
 *
 * <p>Not part of it: what mode pages say (software write protection), what single nexuses may do,
 * and formatting.
 */
final class UnitCondition {

  private final boolean readOnly;
  private final boolean online;
  private final boolean loaded;

  /** How often a medium was put in or taken out, so that nobody takes a new one for an old one. */
  private final int mediumChanges;

  /** Read by every command that needs the medium, so it is made once. */
  private final Sense notReady;

  private UnitCondition(boolean readOnly, boolean online, boolean loaded, int mediumChanges) {
    this.readOnly = readOnly;
    this.online = online;
    this.loaded = loaded;
    this.mediumChanges = mediumChanges;
    notReady = notReady(online, loaded);
  }

  private static Sense notReady(boolean online, boolean loaded) {
    if (!online) {
      return Sense.LOGICAL_UNIT_OFFLINE;
    }
    return loaded ? Sense.NONE : Sense.MEDIUM_NOT_PRESENT;
  }

  /** That of a unit that has just been made. */
  static UnitCondition atStart(boolean readOnly, boolean loaded) {
    return new UnitCondition(readOnly, true, loaded, 0);
  }

  UnitCondition readOnly(boolean on) {
    return new UnitCondition(on, online, loaded, mediumChanges);
  }

  UnitCondition online(boolean on) {
    return new UnitCondition(readOnly, on, loaded, mediumChanges);
  }

  UnitCondition loaded(boolean in) {
    return new UnitCondition(readOnly, online, in, mediumChanges + (in == loaded ? 0 : 1));
  }

  /** Whether nobody may write: the device can't, the unit is built so, or the host said so. */
  boolean readOnly() {
    return readOnly;
  }

  /** Whether the host lets the medium be used at all. */
  boolean online() {
    return online;
  }

  /** Whether the medium is in; always of a unit that is not removable. */
  boolean loaded() {
    return loaded;
  }

  /** How often the medium was put in or taken out; tells one medium from the next. */
  int mediumChanges() {
    return mediumChanges;
  }

  /** Whether the medium can be used. */
  boolean ready() {
    return online && loaded;
  }

  /** What a command that needs the medium is told; {@link Sense#NONE} when it can be used. */
  Sense notReady() {
    return notReady;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UnitCondition that
        && that.readOnly == readOnly
        && that.online == online
        && that.loaded == loaded
        && that.mediumChanges == mediumChanges;
  }

  @Override
  public int hashCode() {
    return (readOnly ? 4 : 0) | (online ? 2 : 0) | (loaded ? 1 : 0);
  }

  @Override
  public String toString() {
    return (readOnly ? "read-only" : "writable")
        + (online ? ", online" : ", offline")
        + (loaded ? "" : ", ejected");
  }
}
