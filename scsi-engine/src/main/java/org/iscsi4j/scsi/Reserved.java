package org.iscsi4j.scsi;

/** A reservation that stands, and so decides which commands run. Immutable. */
@FunctionalInterface
interface Reserved {

  /** Whether a command of a nexus ends with RESERVATION CONFLICT. */
  boolean refuses(ItlNexus from, Command command, Cdb cdb);
}
