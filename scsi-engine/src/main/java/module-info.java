/** The SCSI side of the target. Knows no PDU, socket or session. */
module org.iscsi4j.scsi {
  requires transitive org.iscsi4j.api;
  requires static jdk.jfr; // events only where it is there
  requires org.slf4j;

  exports org.iscsi4j.scsi;
}
