/** The SCSI side of the target. Knows no PDU, socket or session. */
module org.iscsi4j.scsi {
  requires transitive org.iscsi4j.api;
  requires org.slf4j;

  exports org.iscsi4j.scsi;
}
