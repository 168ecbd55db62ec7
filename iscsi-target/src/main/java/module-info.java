/** The iSCSI target, where the wire and the SCSI engine meet. */
module org.iscsi4j.target {
  requires transitive org.iscsi4j.api;
  requires static jdk.jfr; // events only where it is there
  requires com.google.common;
  requires org.iscsi4j.protocol;
  requires org.iscsi4j.scsi;
  requires org.slf4j;

  exports org.iscsi4j.target;
}
