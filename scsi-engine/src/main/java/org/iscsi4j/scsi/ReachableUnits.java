package org.iscsi4j.scsi;

import java.util.Collection;

/**
 * Who may copy between which units: the one place where third-party copy asks. A unit that is not
 * named here does not exist for the copy commands of that initiator.
 */
@FunctionalInterface
public interface ReachableUnits {

  /**
   * The units that the initiator of a nexus may log in to and address, as they are mapped there:
   * one that is read-only in every way to it is not copied to. Called from any thread, and again
   * for every segment of a copy, so that a right that was taken away ends it.
   */
  Collection<MappedUnit> from(Nexus nexus);
}
